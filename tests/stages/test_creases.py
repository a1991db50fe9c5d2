"""Creases: lines against their equations and the paper's construction; light, wear and shift of the folds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg.layers import Relief
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.creases import crease, crease_lines, wear_ink
from fastecg_kernels import load_backend
from fastecg_kernels.nodes import NODE_STEP

pytestmark = pytest.mark.pages

CPU = load_backend("cpu")
PLAIN: dict[str, Any] = {"enabled": True, "jitter_mm": 0.0, "wear": 0.0}


def spec_of(creases: dict[str, Any], dpi: int = 100, key: int = 1) -> PageSpec:
    return make_spec({"creases": creases, "page": {"dpi": dpi}, "key": key})


def folded(spec: PageSpec, backend: str = "cpu") -> Relief:
    relief = Relief.flat(*spec.page.shape_px)
    crease(load_backend(backend), relief, spec)
    return relief


def papers_starts(width: float, height: float, count: int, angle: float) -> list[tuple[float, float]]:
    """Return where the lines of Algorithm 1 begin: evenly along two edges, level and upright ones along one.

    The published code takes the height for the width where it turns the corner of falling lines.
    """
    if angle in (0, 180):
        return [(0, k * height / (count + 1)) for k in range(1, count + 1)]
    if angle == 90:
        return [(k * width / (count + 1), 0) for k in range(1, count + 1)]
    starts = []
    for k in range(1, count + 1):
        way = k * (width + height) / (count + 1)
        if way < width:
            starts.append((way, 0 if angle < 90 else height))
        else:
            starts.append((width, way - width if angle < 90 else height - (way - width)))
    return starts


SIDES = st.floats(50, 500)
COUNTS = st.integers(1, 20)
ANGLES = st.one_of(st.sampled_from([0.0, 45.0, 90.0, 135.0, 180.0]), st.floats(1, 179))


@given(SIDES, SIDES, COUNTS, ANGLES)
@settings(max_examples=200)
def test_lines_have_the_slope_and_spacing_of_their_equation(
    width: float, height: float, count: int, angle: float
) -> None:
    """Y = m x + c with m = -tan(angle), y down; intercepts evenly spread between those of the corners."""
    lines = crease_lines(width, height, count, angle)
    if abs(angle - 90) < 1:  # x = m y + c: no tangent here
        m = -1 / math.tan(math.radians(angle))
        intercepts = lines[:, 2] / lines[:, 0]
        slopes = -lines[:, 1] / lines[:, 0]
        corners = [x - m * y for x in (0, width) for y in (0, height)]
    else:
        m = -math.tan(math.radians(angle))
        intercepts = lines[:, 2] / lines[:, 1]
        slopes = -lines[:, 0] / lines[:, 1]
        corners = [y - m * x for x in (0, width) for y in (0, height)]
    assert slopes == pytest.approx(np.full(count, m), rel=1e-6, abs=1e-9)
    low, high = min(corners), max(corners)
    wanted = [low + k * (high - low) / (count + 1) for k in range(1, count + 1)]
    assert sorted(intercepts) == pytest.approx(wanted, rel=1e-6, abs=1e-6)


@given(SIDES, SIDES, COUNTS, ANGLES)
@settings(max_examples=200)
def test_even_spacing_is_the_papers_on_average(width: float, height: float, count: int, angle: float) -> None:
    """From the first line to the last, and from both to the corners, it is (w |sin| + h |cos|) / (n + 1)."""
    distances = crease_lines(width, height, count, angle)[:, 2]
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    gap = (width * sine + height * cosine) / (count + 1)
    assert np.diff(distances) == pytest.approx(np.full(count - 1, gap), abs=1e-6)
    along_edges = (width * sine + height * cosine) / (width + height)
    assert gap == pytest.approx(along_edges * (width + height) / (count + 1))


@given(SIDES, SIDES, COUNTS, ANGLES)
@settings(max_examples=200)
def test_edges_are_where_the_paper_begins_its_lines(
    width: float, height: float, count: int, angle: float
) -> None:
    lines = crease_lines(width, height, count, angle, "edges")
    starts = np.array(papers_starts(width, height, count, angle))
    off = (lines[:, :2] * starts).sum(axis=1) - lines[:, 2]
    assert np.abs(off).max() < 1e-6


@pytest.mark.parametrize("angle", [0.0, 45.0, 90.0, 135.0, 180.0])
def test_both_spacings_agree_on_a_diagonal_and_along_the_edges(angle: float) -> None:
    even = crease_lines(297, 210, 7, angle)
    edges = crease_lines(297, 210, 7, angle, "edges")
    assert np.sort(even[:, 2]) == pytest.approx(np.sort(edges[:, 2]), abs=1e-9)


@given(SIDES, SIDES, COUNTS, ANGLES, st.sampled_from(["even", "edges"]))
@settings(max_examples=100)
def test_every_line_crosses_the_page(
    width: float, height: float, count: int, angle: float, spacing: Any
) -> None:
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]])
    for line in crease_lines(width, height, count, angle, spacing):
        sides = corners @ line[:2] - line[2]
        assert sides.min() < 0 < sides.max()


def band(spec: PageSpec, reach_mm: float) -> NDArray[np.bool_]:
    """Return the pixels within a distance of any straight fold."""
    part, page = spec.creases, spec.page
    height, width = page.shape_px
    ys, xs = (np.mgrid[0:height, 0:width] + 0.5) / page.px_per_mm
    near = np.zeros((height, width), bool)
    for family, count in enumerate((part.n_horizontal, part.n_vertical)):
        angle = part.angle_deg + 90 * family
        for x, y, distance in crease_lines(page.width_mm, page.height_mm, count, angle, part.spacing):
            near |= np.abs(x * xs + y * ys - distance) < reach_mm
    return near


@pytest.mark.parametrize("angle", [0.0, 17.0, 90.0, 133.0, 180.0])
def test_light_and_dark_lie_on_the_lines_and_nowhere_else(angle: float) -> None:
    spec = spec_of({**PLAIN, "n_horizontal": 2, "n_vertical": 3, "angle_deg": angle, "width_mm": 1.0})
    shade = folded(spec).shade
    assert (shade[~band(spec, 3.6)] == 128).all()
    assert (shade[band(spec, 1.2)] != 128).mean() > 0.9


@pytest.mark.parametrize(("light_deg", "bright_is_left"), [(180.0, True), (0.0, False)])
def test_a_ridge_is_bright_towards_the_light(light_deg: float, bright_is_left: bool) -> None:
    """A ridge has its bright side to the light and shifts outwards, a valley the other way round."""
    found = set()
    for key in range(12):
        part = {**PLAIN, "n_horizontal": 0, "n_vertical": 1, "light_deg": light_deg, "sharpness": 0.0}
        relief = folded(spec_of({**part, "width_mm": 2.0}, key=key))
        mean = relief.shade.mean(axis=0)
        middle = relief.shade.shape[1] // 2
        left, right = mean[middle - 20 : middle].mean(), mean[middle : middle + 20].mean()
        node = middle // NODE_STEP - 2
        ridge = relief.shift[10, node, 0] < 0
        assert (left > right) == (bright_is_left == ridge)
        found.add(ridge)
    assert len(found) == 2


def test_light_along_a_fold_shows_no_slopes() -> None:
    """Level light on a level fold: both sides are alike."""
    spec = spec_of({**PLAIN, "n_horizontal": 1, "n_vertical": 0, "light_deg": 0.0, "width_mm": 2.0}, dpi=200)
    rows = folded(spec).shade.mean(axis=1)
    middle = spec.page.shape_px[0] / 2
    above = np.interp(middle - np.arange(1, 50), np.arange(len(rows)) + 0.5, rows)
    below = np.interp(middle + np.arange(1, 50), np.arange(len(rows)) + 0.5, rows)
    assert np.abs(above - below).max() < 0.5
    assert np.abs(rows - 128).max() > 1


def test_folds_look_the_same_at_every_dpi() -> None:
    """At 100 and 200 dpi, the latter averaged down."""
    part = {"enabled": True, "n_horizontal": 3, "n_vertical": 2, "angle_deg": 12.0, "width_mm": 0.8}
    coarse, fine = folded(spec_of(part)), folded(spec_of(part, dpi=200))
    height, width = coarse.shade.shape
    averaged = fine.shade.reshape(height, 2, width, 2).mean(axis=(1, 3))
    difference = np.abs(averaged - coarse.shade)
    assert difference.mean() < 0.3
    assert np.percentile(difference, 99.9) < 5  # of 128: the crisp line is a third of a pixel at 100 dpi
    same = fine.shift[: 2 * len(coarse.shift) - 1 : 2, : 2 * coarse.shift.shape[1] - 1 : 2]
    rows, columns = min(len(same), len(coarse.shift)), min(same.shape[1], coarse.shift.shape[1])
    assert np.abs(same[:rows, :columns] / 2 - coarse.shift[:rows, :columns]).max() < 0.01


@given(
    st.integers(0, 20),
    st.integers(0, 20),
    st.floats(0, 180),
    st.sampled_from(["even", "edges"]),
    st.integers(0, 99),
)
@example(20, 20, 88.0, "edges", 4)
@example(20, 20, 2.0, "edges", 4)
@example(20, 20, 0.0, "even", 4)
@settings(max_examples=30)
def test_shifts_can_be_undone(across: int, upright: int, angle: float, spacing: str, key: int) -> None:
    """Its slope stays below 0.16, of 0.3 that a page can bear, with as many folds and as much as allowed."""
    part = {"n_horizontal": across, "n_vertical": upright, "angle_deg": angle, "spacing": spacing}
    spec = spec_of({**PLAIN, **part, "shift_mm": 1.0, "depth": 0.0}, dpi=150, key=key)
    shift = folded(spec).shift
    steep = [np.diff(shift, axis=axis) / NODE_STEP for axis in (0, 1)]
    rows, columns = shift.shape[0] - 1, shift.shape[1] - 1
    matrix = np.stack([steep[1][:rows, :columns], steep[0][:rows, :columns]], axis=-1)
    assert np.linalg.norm(matrix, ord=2, axis=(2, 3)).max() < 0.16


def test_ink_wears_off_on_the_folds_only() -> None:
    spec = spec_of({**PLAIN, "n_horizontal": 2, "n_vertical": 2, "angle_deg": 30.0, "wear": 0.5}, dpi=200)
    ink = np.full(spec.page.shape_px, 200, np.uint8)
    wear_ink(CPU, ink, spec)
    assert (ink[~band(spec, 0.5)] == 200).all()
    middle = ink[band(spec, 0.08)]
    assert 0.3 < 1 - middle.mean() / 200 < 0.6
    assert (middle == 0).mean() > 0.1
    assert (middle == 200).mean() > 0.1


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"enabled": False, "depth": 0.5, "wear": 1.0, "shift_mm": 1.0},
        {"enabled": True, "n_horizontal": 0, "n_vertical": 0},
        {"enabled": True, "depth": 0.0, "wear": 0.0, "shift_mm": 0.0},
    ],
)
def test_neutral_values_change_nothing(part: dict[str, Any]) -> None:
    spec = spec_of(part)
    relief, ink = folded(spec), np.full(spec.page.shape_px, 77, np.uint8)
    wear_ink(CPU, ink, spec)
    assert (relief.shade == 128).all()
    assert not relief.shift.any()
    assert (ink == 77).all()


def test_a_spec_gives_the_same_folds_and_another_key_others() -> None:
    part = {"enabled": True, "n_horizontal": 2}
    first, again, other = (folded(spec_of(part, key=key)) for key in (1, 1, 2))
    assert np.array_equal(first.shade, again.shade)
    assert np.array_equal(first.shift, again.shift)
    assert not np.array_equal(first.shade, other.shade)


def test_another_fold_leaves_the_jitter_of_the_first() -> None:
    """Each fold has a stream of its own; with one across, the upright ones stay as they are far from it."""
    one = folded(spec_of({"enabled": True, "n_horizontal": 0, "n_vertical": 2})).shade
    two = folded(spec_of({"enabled": True, "n_horizontal": 1, "n_vertical": 2})).shade
    assert np.array_equal(one[:300], two[:300])


@pytest.mark.pages
def test_both_backends_agree() -> None:
    """To a level for each fold that a pixel lies on."""
    spec = spec_of({"enabled": True, "n_horizontal": 2, "n_vertical": 1, "angle_deg": 40.0}, dpi=60)
    ours, plain = folded(spec), folded(spec, "reference")
    assert np.abs(ours.shade.astype(int) - plain.shade).max() <= 2
    assert np.abs(ours.shift - plain.shift).max() < 0.01
