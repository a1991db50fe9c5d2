"""The shape of the house, compared with the rules in CONTRIBUTING.md by reading the sources.

Each rule is also tried on a small source tree that breaks it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LIBRARY: Final = ROOT / "fastecg"
KERNELS: Final = ROOT / "kernels" / "fastecg_kernels"
MODELS: Final = ROOT / "onnx_models" / "fastecg_models"
HOUSE: Final = (LIBRARY, KERNELS, MODELS)

NUMBA_DOORWAY: Final = KERNELS / "cpu" / "_numba.py"
ONNX_DOORWAY: Final = MODELS / "_onnx.py"
SPACY_DOORWAY: Final = LIBRARY / "phrases" / "_spacy.py"
RAY_DOORWAY: Final = LIBRARY / "dataset" / "_ray.py"
CUPY_DOORWAY: Final = KERNELS / "cuda" / "_cupy.py"
FSSPEC_DOORWAY: Final = LIBRARY / "dataset" / "remote.py"
SLOW_TO_IMPORT: Final = ("wfdb", "cv2", "scipy.signal", "matplotlib", "pandas", "PIL", "bs4")
TORCH_DOORWAY: Final = LIBRARY / "torch.py"
LONGEST_FILE: Final = 450


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def runs_later(node: ast.AST) -> bool:
    """Say whether importing the module leaves the node alone."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def imports(node: ast.AST, *, lazy_too: bool = True) -> Iterator[str]:
    """Yield the dotted names imported in a tree; without the lazy ones, only those that run on import."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{child.module or ''}.{alias.name}" for alias in child.names)
        elif lazy_too or not runs_later(child):
            yield from imports(child, lazy_too=lazy_too)


def imported_in(path: Path, names: tuple[str, ...], *, lazy_too: bool = True) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"{path.name} imports {found}"
        for found in imports(tree, lazy_too=lazy_too)
        if any(f"{found}.".startswith(f"{name}.") for name in names)
    ]


def public_functions(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}


def modules(folder: Path) -> list[Path]:
    return [path for path in sources(folder) if not path.name.startswith("_")]


def incomplete_kernels(kernels: Path, tests: Path) -> list[str]:
    """Return the kernels without a reference of the same name, and the modules without a test."""
    referenced = {name for path in sources(kernels / "reference") for name in public_functions(path)}
    lacks = [
        f"{path.name}: {name} has no reference"
        for path in modules(kernels / "cpu")
        for name in sorted(public_functions(path) - referenced)
    ]
    untested = [path.name for path in modules(kernels / "cpu") if not (tests / f"test_{path.name}").exists()]
    return lacks + [f"{name} has no tests/kernels/test_{name}" for name in untested]


@pytest.mark.parametrize("path", sources(KERNELS), ids=lambda path: path.name)
def test_kernels_know_nothing_of_the_library(path: Path) -> None:
    assert not imported_in(path, ("fastecg", "fastecg_models"))


@pytest.mark.parametrize("path", sources(MODELS), ids=lambda path: path.name)
def test_models_know_nothing_of_the_library(path: Path) -> None:
    assert not imported_in(path, ("fastecg", "fastecg_kernels"))


def test_numba_has_one_doorway() -> None:
    others = [path for path in sources(*HOUSE) if path != NUMBA_DOORWAY]
    assert not [found for path in others for found in imported_in(path, ("numba",))]


def test_cupy_has_one_doorway() -> None:
    """It imports CuPy by name, when a device is opened, so nothing else needs to."""
    assert 'import_module("cupy")' in CUPY_DOORWAY.read_text(encoding="utf-8")
    for path in sources(*HOUSE):
        assert not imported_in(path, ("cupy", "cupy_backends"))
        assert path == CUPY_DOORWAY or '"cupy"' not in path.read_text(encoding="utf-8")


def test_onnxruntime_has_one_doorway() -> None:
    others = [path for path in sources(*HOUSE) if path != ONNX_DOORWAY]
    assert imported_in(ONNX_DOORWAY, ("onnxruntime",))
    assert not [found for path in others for found in imported_in(path, ("onnxruntime",))]


def test_spacy_has_one_doorway() -> None:
    others = [path for path in sources(*HOUSE) if path != SPACY_DOORWAY]
    assert imported_in(SPACY_DOORWAY, ("spacy",))
    assert not imported_in(SPACY_DOORWAY, ("spacy",), lazy_too=False)
    assert not [found for path in others for found in imported_in(path, ("spacy",))]


@pytest.mark.parametrize(("name", "doorway"), [("ray", RAY_DOORWAY), ("fsspec", FSSPEC_DOORWAY)])
def test_what_clusters_and_stores_need_has_one_doorway(name: str, doorway: Path) -> None:
    others = [path for path in sources(*HOUSE) if path != doorway]
    assert imported_in(doorway, (name,))
    assert not imported_in(doorway, (name,), lazy_too=False)
    assert not [found for path in others for found in imported_in(path, (name,))]


@pytest.mark.parametrize("path", sources(*HOUSE), ids=lambda path: path.name)
def test_the_library_knows_nothing_of_training(path: Path) -> None:
    assert not imported_in(path, ("training",) if path == TORCH_DOORWAY else ("torch", "training"))
    assert not imported_in(path, ("onnx", "onnxruntime"), lazy_too=False)


@pytest.mark.parametrize("path", sources(*HOUSE), ids=lambda path: path.name)
def test_slow_packages_are_imported_where_they_are_used(path: Path) -> None:
    assert not imported_in(path, SLOW_TO_IMPORT, lazy_too=False)


def test_importing_fastecg_imports_nothing_slow(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys, fastecg; print(*sys.modules)"]
    output = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    loaded = set(output.split())
    assert "fastecg" in loaded
    assert not loaded.intersection(SLOW_TO_IMPORT)


@pytest.mark.parametrize("path", sources(*HOUSE), ids=lambda path: path.name)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_every_kernel_has_a_reference_and_tests() -> None:
    assert not incomplete_kernels(KERNELS, ROOT / "tests" / "kernels")


@pytest.mark.parametrize(
    ("source", "lazy_too", "seen"),
    [
        ("import scipy.signal as s", False, True),
        ("from scipy import signal", False, True),
        ("from scipy.signal import resample_poly", False, True),
        ("try:\n    import scipy.signal\nexcept ImportError: ...", False, True),
        ("class A:\n    from scipy import signal", False, True),
        ("def f():\n    import scipy.signal", False, False),
        ("def f():\n    import scipy.signal", True, True),
        ("if TYPE_CHECKING:\n    import scipy.signal", False, False),
        ("import scipy.signals, scipy.special", False, False),
        ("from . import signal", True, False),
    ],
)
def test_the_rules_see_an_import(tmp_path: Path, source: str, lazy_too: bool, seen: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    assert bool(imported_in(path, ("scipy.signal",), lazy_too=lazy_too)) is seen


def test_the_rules_see_a_kernel_without_reference_or_tests(tmp_path: Path) -> None:
    for folder, names in (("cpu", ("fill", "_row", "stroke")), ("reference", ("fill",))):
        (tmp_path / folder).mkdir()
        text = "".join(f"def {name}(): ...\n" for name in names)
        (tmp_path / folder / "grid.py").write_text(text, encoding="utf-8")
    found = incomplete_kernels(tmp_path, tmp_path)
    assert found == ["grid.py: stroke has no reference", "grid.py has no tests/kernels/test_grid.py"]
