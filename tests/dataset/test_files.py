"""The files of a page: WFDB copies are read back by wfdb, and hold what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PIL import Image

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.files import Files, page_stem, wfdb_name
from fastecg.dataset.place import STATE
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.dataset.sources import find_sources
from fastecg.errors import RecipeError
from fastecg.formats.wfdb_copy import write_wfdb
from fastecg.recipe import Recipe, load_recipe

Archive = Callable[..., Path]


HERE = Work(workers=0)


@pytest.fixture(scope="module")
def sequential() -> Recipe:
    """Return a recipe of pages whose columns show one quarter of the window each."""
    return load_recipe("clean", {"page.dpi": 60, "layout": "3x4+1"})


@pytest.mark.pages
@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize("window", [0, 1, 2])
def test_wfdb_copy_is_what_is_drawn(
    tmp_path: Path, sequential: Recipe, archive: Archive, wfdb: Any, mask: bool, window: int
) -> None:
    root = archive("r", duration_s=25.0)
    source = next(find_sources(root, seed=0, limit=1))
    record = source.read()
    files = Files(annotations=("json", "wfdb"), mask_unplotted=mask)
    generate([source], Run(tmp_path / "out", sequential, files=files), HERE)
    copy = wfdb.rdrecord(str(tmp_path / "out" / f"r-{window}"))
    assert copy.fs == record.sampling_rate_hz
    assert tuple(copy.sig_name) == record.leads
    assert copy.units == ["mV"] * 12
    length = 5000 if window < 2 else 2500
    original = record.signals_mv[:, window * 5000 : window * 5000 + length].T
    assert copy.p_signal.shape == original.shape
    drawn = np.ones(original.shape, dtype=bool)
    if mask:
        drawn[:] = False
        for row, lead in enumerate(record.leads):
            if lead == "II":  # the rhythm strip
                drawn[:, row] = True
            column = row // 3
            drawn[column * 1250 : (column + 1) * 1250, row] = True
    np.testing.assert_array_equal(np.isnan(copy.p_signal), ~drawn)
    np.testing.assert_allclose(copy.p_signal[drawn], original[drawn], atol=1e-6)


@pytest.mark.pages
@pytest.mark.parametrize(("image", "suffix", "kind"), [("png", "png", "PNG"), ("jpeg", "jpg", "JPEG")])
def test_images_say_their_resolution(
    tmp_path: Path, sequential: Recipe, image: str, suffix: str, kind: str
) -> None:
    generate(None, Run(tmp_path, sequential, limit=1, files=Files(image, annotations=())), HERE)
    visible = {path.name for path in tmp_path.iterdir() if path.name != STATE}
    assert visible == {RUN, SUMS, f"synthetic-0000-0.{suffix}"}
    with Image.open(tmp_path / f"synthetic-0000-0.{suffix}") as picture:
        assert picture.format == kind
        assert picture.info["dpi"] == pytest.approx((60, 60), abs=0.01)


@pytest.mark.pages
def test_jpeg_quality_matters(tmp_path: Path, sequential: Recipe) -> None:
    sizes = []
    for quality in (10, 95):
        files = Files("jpeg", annotations=(), quality=quality)
        generate(None, Run(tmp_path / str(quality), sequential, limit=1, files=files), HERE)
        sizes.append((tmp_path / str(quality) / "synthetic-0000-0.jpg").stat().st_size)
    assert 2 * sizes[0] < sizes[1]


@given(st.sampled_from(["json", "wfdb", "both"]), st.sampled_from(["png", "jpeg"]), st.booleans())
def test_the_names_are_all_that_is_asked_for(annotations: str, image: str, odd: bool) -> None:
    kinds = ("json", "wfdb") if annotations == "both" else (annotations,)
    stem = "r 1-0" if odd else "r1-0"
    found = Files(image, kinds).names(stem)
    expected = {stem + {"png": ".png", "jpeg": ".jpg"}[image]}
    expected |= {f"{stem}.json"} if "json" in kinds else set()
    expected |= {f"{wfdb_name(stem)}.hea", f"{wfdb_name(stem)}.dat"} if "wfdb" in kinds else set()
    assert set(found) == expected
    assert found[-1].endswith((".png", ".jpg"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"image": "gif"}, "image format 'gif' is not known .allowed: png, jpeg"),
        ({"annotations": ("json", "yaml")}, "annotation 'yaml' is not known .allowed: json, wfdb"),
        ({"quality": 101}, "JPEG quality is 101 .allowed: 1 to 100"),
    ],
)
def test_unknown_values(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Files(**values)


WORDS = st.text("ab_ 52fé-", min_size=1, max_size=8)


@given(WORDS, WORDS)
@example("r 1", "r_20_1")
@example("r_a ", "r\na_")
def test_wfdb_names_are_allowed_and_never_meet(one: str, other: str) -> None:
    assume(one != other)
    names = wfdb_name(one), wfdb_name(other)
    assert names[0] != names[1]
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzé0123456789_-") - {"é"} for name in names)


def test_plain_names_stay(tmp_path: Path) -> None:
    assert wfdb_name("HR00001-0-copy2") == "HR00001-0-copy2"
    assert wfdb_name("JS_00001-0") == "JS_00001-0"


KEYS = st.text("a-01/copy", min_size=1, max_size=9).filter(lambda key: "//" not in f"/{key}/")
NUMBERS = st.integers(0, 12)


@given(st.tuples(KEYS, NUMBERS, NUMBERS), st.tuples(KEYS, NUMBERS, NUMBERS))
@example(("a-0", 1, 0), ("a", 0, 1))
def test_stems_of_different_pages_differ(one: tuple[str, int, int], other: tuple[str, int, int]) -> None:
    assume(one != other)
    assume(one[0].rpartition("/")[0] == other[0].rpartition("/")[0])
    assert page_stem(*one) != page_stem(*other)


def test_names_are_those_that_wfdb_takes(tmp_path: Path, wfdb: Any) -> None:
    from fastecg.synthesis import builtin_record

    name = wfdb_name("é (2) a_b-0")
    write_wfdb(tmp_path, name, builtin_record(0).record)
    assert wfdb.rdheader(str(tmp_path / name)).record_name == name
