"""What docs/api.md promises, pinned: names, parameters, and that importing does nothing else.

If a test here fails, a user's program may too. What is new is added to the list; what is removed or changed
needs a deprecation first, as docs/api.md says.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

import fastecg
import fastecg.errors
from fastecg.errors import FastECGError
from fastecg.leads import STANDARD_12
from fastecg.targets import TARGETS

ROOT: Final = Path(__file__).parents[2]

PARAMETERS: Final[Mapping[str, str]] = {
    "Generator": "recipe='clean', backend='auto', overrides=None",
    "Generator.draw": "record, *, key=None, seed=0, copy=0, window=0",
    "Generator.render": "records, *, seed=0, copies=None",
    "Generator.render_spec": "record, spec",
    "Generator.windows": "record",
    "Page": "image, truth",
    "Page.clean": "*, seen=False",
    "Page.light": "",
    "PageSpec": "",
    "Record": "name, signals_mv, leads, sampling_rate_hz, header=<factory>, adc=None",
    "Record.from_array": "signals, leads, sampling_rate_hz, *, name='record', unit='mV'",
    "Record.lead": "name",
    "RecordSource": "key, path, error=None",
    "RecordSource.read": "*, leads=None",
    "RecordStore": "path",
    "RecordStore.close": "",
    "RecordStore.find": "key",
    "RecordStore.read": "number",
    "builtin_record": "index, *, seed=0, duration_s=10.0, sampling_rate_hz=500.0, leads=STANDARD_12",
    "builtin_records": "count, *, seed=0, duration_s=10.0, sampling_rate_hz=500.0",
    "pack_records": "records, path, *, on_record=None",
    "pages": "records=None, recipe='clean', *, seed=0, copies=None, workers=1, on_error=None, **overrides",
    "read_record": "path, *, leads=None",
    "render": "record, recipe='clean', *, seed=0, copy=0, window=0, **overrides",
    "simulate": (
        "model=None, *, seed=0, duration_s=10.0, sampling_rate_hz=500.0, noise_snr_db=30.0, leads=STANDARD_12"
    ),
    "walk_records": "root",
}
ERRORS: Final = {
    "DeviceError",
    "DeviceWarning",
    "DigitizeError",
    "FastECGError",
    "MissingExtraError",
    "OutputError",
    "PhraseError",
    "RecipeError",
    "RecordError",
    "RecordWarning",
}
TORCH: Final = ["PageDataset", "PageSampler", "PageStream", "collate_pages", "to_sample"]
KNOWN_TARGETS: Final = {
    "boxes",
    "clean",
    "labels",
    "light",
    "signals",
    "signals_drawn",
    "traces",
    "truth",
    *(
        f"mask_{name}"
        for name in (
            "background",
            "grid",
            "handwriting",
            "leads",
            "paper",
            "pulses",
            "separators",
            "text",
            "traces",
        )
    ),
}


def found(name: str) -> Any:
    """Return what a dotted public name is."""
    thing: Any = fastecg
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def parameters(thing: Any) -> str:
    """Return the parameters of a call, without types and self; none of a spec, which grows by stages."""
    if thing is fastecg.PageSpec:
        return ""
    signature = inspect.signature(thing)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for name, parameter in signature.parameters.items()
        if name not in ("self", "cls")
    ]
    plain = signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)
    return str(plain)[1:-1].replace(str(STANDARD_12), "STANDARD_12")


def test_the_names_are_those_promised() -> None:
    promised = {name for name in PARAMETERS if "." not in name} | {"__version__"}
    assert set(fastecg.__all__) == promised


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_the_parameters_are_those_promised(name: str) -> None:
    assert parameters(found(name)) == PARAMETERS[name]


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_what_is_promised_says_what_it_does_and_has_types(name: str) -> None:
    thing = found(name)
    assert (inspect.getdoc(thing) or "")[:1].isupper()
    annotations = [p.annotation for p in inspect.signature(thing).parameters.values() if p.name != "self"]
    assert inspect.Parameter.empty not in annotations


def test_the_errors_are_those_promised() -> None:
    public = {name: value for name, value in vars(fastecg.errors).items() if inspect.isclass(value)}
    assert set(public) == ERRORS
    assert all(issubclass(value, FastECGError | UserWarning) for value in public.values())


def test_the_names_for_pytorch_are_those_promised() -> None:
    """Read from the source: torch may not be there."""
    tree = ast.parse((ROOT / "fastecg" / "torch.py").read_text(encoding="utf-8"))
    (names,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert names == TORCH
    assert set(TARGETS) == KNOWN_TARGETS


def test_the_page_on_the_api_names_what_is_public() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in (
        "automodule:: fastecg\n",
        "automodule:: fastecg.errors",
        "automodule:: fastecg.torch",
        *TORCH,
    ):
        assert name in text


AT_IMPORT: Final = """
import logging, os, random, sys, threading, warnings
import numpy as np
before = (
    list(logging.root.handlers), logging.root.level, list(warnings.filters), dict(os.environ),
    random.getstate(), np.random.get_state()[1].tolist(), np.geterr(), threading.active_count(), os.getcwd(),
    sys.getswitchinterval(), sys.getrecursionlimit(),
)
import fastecg
after = (
    list(logging.root.handlers), logging.root.level, list(warnings.filters), dict(os.environ),
    random.getstate(), np.random.get_state()[1].tolist(), np.geterr(), threading.active_count(), os.getcwd(),
    sys.getswitchinterval(), sys.getrecursionlimit(),
)
print([number for number, (one, other) in enumerate(zip(before, after)) if one != other])
print(*[name for name in ("numba", "cv2", "torch", "onnxruntime", "typer", "rich") if name in sys.modules])
print(*[name for name in logging.root.manager.loggerDict if name.startswith("fastecg")])
"""


def test_importing_changes_nothing_and_sets_up_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_IMPORT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "", ""]
    assert not done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.pages
def test_rendering_leaves_the_process_as_it_was() -> None:
    import random

    import cv2
    import numpy as np

    threads, opencv = threading.active_count(), cv2.getNumThreads()
    states = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    fastecg.render(fastecg.builtin_record(0).record, "varied", seed=5, page={"dpi": 50})
    assert (threading.active_count(), cv2.getNumThreads()) == (threads, opencv)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states  # type: ignore[index]  # noqa: NPY002


@pytest.mark.pages
def test_four_threads_with_a_generator_each_make_the_same_bytes() -> None:
    record = fastecg.builtin_record(0).record

    def images(first: int) -> list[bytes]:
        generator = fastecg.Generator("varied", overrides={"page.dpi": 60})
        specs = [generator.draw(record, copy=copy) for copy in range(first, first + 3)]
        return [generator.render_spec(record, spec).image.tobytes() for spec in specs]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(images, range(4)))
    assert together == [images(first) for first in range(4)]
