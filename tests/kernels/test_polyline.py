"""Anti-aliased strokes: every backend against the 16 × 16 supersampled reference, and against OpenCV.

The reference counts soft samples (each by the share of its own 1/16 px cell). Hard samples are checked
as well where they are fine enough to tell: a flat edge is no finer than 1/16 px to them, 16 grey levels,
so that they lie up to 8 levels off the truth.
"""

from __future__ import annotations

import os
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fastecg_kernels import Kernels
from fastecg_kernels.reference import polyline as reference

Mask = NDArray[np.uint8]
Points = NDArray[np.float32]
Scene = tuple[tuple[int, int], Points, float]

COMPILED: Final = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
MANY: Final = 150 if COMPILED else 12
FEW: Final = 40 if COMPILED else 6
WORST: Final = 8
"""Grey levels that any pixel of a stroke may be off."""
MEAN: Final = 0.5
"""Grey levels that the pixels of realistic strokes may be off on average."""


def covered(kernels: Kernels, shape: tuple[int, int], points: Points, half_width: float) -> Mask:
    mask = np.zeros(shape, np.uint8)
    kernels.polyline_coverage(mask, points, half_width)
    return mask


def sampled(shape: tuple[int, int], points: Points, half_width: float, *, soft: bool = True) -> Mask:
    mask = np.zeros(shape, np.uint8)
    reference.polyline_coverage(mask, points, half_width, soft=soft)
    return mask


def off_by(mask: Mask, other: Mask) -> NDArray[np.int16]:
    return np.asarray(np.abs(mask.astype(np.int16) - other), np.int16)


def polyline(*points: tuple[float, float]) -> Points:
    return np.array(points, np.float32).reshape(-1, 2)


# Lines to draw. Each takes a generator and the size of the image, and may leave the image.


def monotone(rng: np.random.Generator, height: int, width: int) -> Points:
    """Uneven steps to the right, steep and gentle."""
    x = np.cumsum(rng.uniform(0.05, 6.0, rng.integers(2, 30))) - rng.uniform(0, 9)
    y = height / 2 + rng.choice([0.3, 3.0, 30.0]) * rng.standard_normal(len(x))
    return np.column_stack([x, y]).astype(np.float32)


def heartbeats(rng: np.random.Generator, height: int, width: int) -> Points:
    """P, QRS and T at the steps of a 250 to 1000 Hz recording, with noise."""
    x = np.arange(-4.0, width + 4.0, rng.uniform(0.1, 0.8)) + rng.uniform()
    y = height * 0.6 + rng.choice([0.0, 0.05, 0.3]) * rng.standard_normal(len(x))
    middle, scale = rng.uniform(0, width), rng.uniform(0.3, 2.0)
    for size, place, spread in ((-0.1, -9, 2.0), (0.15, -1.6, 0.6), (-1, 0, 0.7), (0.3, 1.7, 0.6)):
        y += height * size * np.exp(-(((x - middle - place * scale) / (spread * scale)) ** 2))
    return np.column_stack([x, y]).astype(np.float32)


def dense(rng: np.random.Generator, height: int, width: int) -> Points:
    """Noisy samples 0.1 to 0.4 px apart."""
    x = np.arange(0, min(width, 20), rng.uniform(0.1, 0.4)) + rng.uniform(-1, 1)
    y = rng.uniform(0, height) + rng.uniform(0.1, 3.0) * rng.standard_normal(len(x))
    return np.column_stack([x, y]).astype(np.float32)


def scribble(rng: np.random.Generator, height: int, width: int) -> Points:
    """Anywhere and back, crossing itself."""
    count = rng.integers(1, 14)
    return (rng.uniform(-0.3, 1.3, (count, 2)) * (width, height)).astype(np.float32)


def curl(rng: np.random.Generator, height: int, width: int) -> Points:
    """Loops, as of a pen."""
    t = np.linspace(0, rng.uniform(1, 20), rng.integers(5, 60))
    radius = rng.uniform(0.2, 8.0, 2)
    x = rng.uniform(0, width) + radius[0] * np.cos(t) + rng.uniform(-1, 1) * t
    y = rng.uniform(0, height) + radius[1] * np.sin(t)
    return np.column_stack([x, y]).astype(np.float32)


def pulse(rng: np.random.Generator, height: int, width: int) -> Points:
    """A calibration pulse: vertical edges, at times exactly at pixel borders."""
    x = np.cumsum(rng.uniform(0, 8, 4)) - 2
    low, high = rng.uniform(0, height, 2)
    points = np.column_stack([np.repeat(x, 2)[1:-1], [low, low, high, high, low, low]])
    return (np.round(points * 2) / 2 if rng.random() < 0.3 else points).astype(np.float32)


def vertical(rng: np.random.Generator, height: int, width: int) -> Points:
    """Straight up or down, or nearly so, with points on the way, at times back over itself."""
    y = rng.uniform(-0.3, 1.3, rng.integers(2, 5)) * height
    lean = rng.choice([0.0, 0.0, 1e-6, 1e-3, 0.1])
    return np.column_stack([rng.uniform(0, width) + lean * np.arange(len(y)), y]).astype(np.float32)


def dots(rng: np.random.Generator, height: int, width: int) -> Points:
    """Lone points, and points repeated."""
    points = np.repeat(scribble(rng, height, width), rng.integers(1, 4), axis=0)
    points[rng.random(len(points)) < 0.5] = np.nan
    return points


def far(rng: np.random.Generator, height: int, width: int) -> Points:
    """Through the image from points 100 to 1e5 px outside it."""
    points = scribble(rng, height, width)
    outside = rng.random(points.shape) < 0.4
    points[outside] += (rng.choice([-1, 1], points.shape) * 10 ** rng.uniform(2, 5, points.shape))[outside]
    return points.astype(np.float32)


def broken(rng: np.random.Generator, height: int, width: int) -> Points:
    """Any of the others with runs of NaN, in one coordinate or both."""
    points = KINDS[rng.integers(len(KINDS) - 1)](rng, height, width)
    gone = np.convolve(rng.random(len(points)) < 0.2, np.ones(rng.integers(1, 4)))[: len(points)] > 0
    points[gone, rng.integers(2)] = np.nan
    return points


KINDS: Final = (monotone, heartbeats, dense, scribble, curl, pulse, vertical, dots, far, broken)
SIZES: Final = st.tuples(st.integers(1, 28), st.integers(1, 44))
SEEDS: Final = st.integers(0, 2**32 - 1)


@st.composite
def scenes(draw: st.DrawFn, *, kinds: tuple[str, ...] = (), thinnest: float = 0.3) -> Scene:
    """An image's shape, a line, and half a width of up to 6 px."""
    shape = draw(SIZES)
    kind = draw(st.sampled_from([kind for kind in KINDS if not kinds or kind.__name__ in kinds]))
    points = kind(np.random.default_rng(draw(SEEDS)), *shape)
    return shape, points, draw(st.floats(thinnest, 6.0)) / 2


def coordinates(length: float) -> st.SearchStrategy[float]:
    """Anything that a point may hold, round numbers among it, which meet the borders of pixels."""
    round_numbers = st.integers(-16, 8 * int(length)).map(lambda eighths: eighths / 8)
    return st.floats(-2, length + 2, width=32) | round_numbers | st.just(float("nan"))


@given(scenes())
@settings(max_examples=2 * MANY, deadline=None)
def test_every_line_is_close_to_the_reference(any_order: Kernels, scene: Scene) -> None:
    assert off_by(covered(any_order, *scene), sampled(*scene)).max() <= WORST


@given(st.data(), st.tuples(st.integers(1, 9), st.integers(1, 13)), st.floats(0.3, 4.0))
@settings(max_examples=MANY, deadline=None)
def test_any_points_are_close_to_the_reference(
    any_order: Kernels, data: st.DataObject, shape: tuple[int, int], width: float
) -> None:
    """Hypothesis makes up every coordinate, so that what fails shrinks to a few round points."""
    point = st.tuples(coordinates(shape[1]), coordinates(shape[0]))
    points = polyline(*data.draw(st.lists(point, max_size=7)))
    assert (
        off_by(covered(any_order, shape, points, width / 2), sampled(shape, points, width / 2)).max() <= WORST
    )


@given(scenes(thinnest=1.0, kinds=("monotone", "heartbeats", "dense", "scribble", "pulse")))
@settings(max_examples=FEW, deadline=None)
def test_hard_samples_agree_where_they_can_tell(kernels: Kernels, scene: Scene) -> None:
    """Compare with a plain count of 16 × 16 samples.

    One flat edge in a pixel puts it up to 8 levels off, and two edges (a stroke's end, the inside of a
    sharp bend) twice that, so the limit holds for nine in ten pixels of an edge, and the mean is small.
    """
    shape, points, half_width = scene
    hard = sampled(shape, points, half_width, soft=False)
    difference = off_by(covered(kernels, *scene), hard)
    assert difference.max() <= 2 * WORST
    stroke = difference[(hard > 0) & (hard < 255)]
    if stroke.size > 50:
        assert np.percentile(stroke, 90) <= WORST
        assert stroke.mean() <= 6


@given(st.floats(2, 18, width=32), st.floats(1.0, 6.0))
@settings(max_examples=MANY, deadline=None)
def test_hard_samples_of_a_flat_stroke_are_within_eight_levels(
    kernels: Kernels, y: float, width: float
) -> None:
    """A level stroke at least 1 px wide has one edge in a pixel: hard sampling loses 8 levels there."""
    scene = (20, 9), polyline((-20, y), (30, y)), width / 2
    assert off_by(covered(kernels, *scene), sampled(*scene, soft=False)).max() <= WORST


@pytest.mark.parametrize("dpi", [50, 100, 200, 300])
def test_mean_over_the_pixels_of_ecg_strokes(kernels: Kernels, dpi: int) -> None:
    """The mean is over all pixels that a stroke touches, in the reference or the kernel, inside included."""
    rng = np.random.default_rng(dpi)
    px_per_mm = dpi / 25.4
    off, touched = 0, 0
    for rate_hz, width_mm in ((100, 0.3), (500, 0.3), (500, 0.4), (1000, 0.5))[: 4 if COMPILED else 1]:
        points = strip(rng, rate_hz, px_per_mm, seconds=1.2)
        shape = int(20 * px_per_mm), int(30 * px_per_mm)
        mask = covered(kernels, shape, points, width_mm * px_per_mm / 2)
        expected = sampled(shape, points, width_mm * px_per_mm / 2)
        difference = off_by(mask, expected)
        assert difference.max() <= WORST
        off += int(difference.sum())
        touched += int(((mask > 0) | (expected > 0)).sum())
    assert touched > 200
    assert off / touched <= MEAN


def strip(rng: np.random.Generator, rate_hz: float, px_per_mm: float, seconds: float) -> Points:
    """A lead at 25 mm/s and 10 mm/mV: two beats, 20 µV of noise, 1 mm from the left."""
    t = np.arange(0, seconds, 1 / rate_hz)
    signal_mv = 0.02 * rng.standard_normal(len(t))
    for beat in (0.3, 0.95):
        for size, place, spread in (
            (0.12, -0.16, 0.03),
            (-0.12, -0.025, 0.008),
            (1.1, 0.0, 0.011),
            (-0.25, 0.028, 0.009),
            (0.3, 0.25, 0.05),
        ):
            signal_mv += size * np.exp(-(((t - beat - place) / spread) ** 2) / 2)
    return (np.column_stack([1 + 25 * t, 13 - 10 * signal_mv]) * px_per_mm).astype(np.float32)


@given(scenes(), st.integers(-30, 30), st.integers(-20, 20))
@settings(max_examples=FEW, deadline=None)
def test_moving_by_whole_pixels_moves_the_pixels(
    kernels: Kernels, scene: Scene, right: int, down: int
) -> None:
    shape, points, half_width = scene
    # Eighths up to some 1000 px: float32 adds whole pixels to them without rounding.
    points = np.clip(np.round(points * 8) / 8, -1000, 1000)
    large = (shape[0] + 60, shape[1] + 80)
    here = covered(kernels, large, points + np.array([40, 30], np.float32), half_width)
    there = covered(kernels, large, points + np.array([40 + right, 30 + down], np.float32), half_width)
    rows, columns = np.s_[20 : 20 + shape[0]], np.s_[30 : 30 + shape[1]]
    moved = there[20 + down : 20 + down + shape[0], 30 + right : 30 + right + shape[1]]
    assert off_by(here[rows, columns], moved).max() <= 1


@given(scenes())
@settings(max_examples=MANY, deadline=None)
def test_mirrored_lines_give_mirrored_pixels(kernels: Kernels, scene: Scene) -> None:
    shape, points, half_width = scene
    # So that edges never meet a cut, which lies at an odd 64th: one side of a tie counts it, the other not.
    points = np.clip(np.round(points * 64) / 64, -1e4, 1e4)
    half_width = round(half_width * 64) / 64 + 1 / 256
    mask = covered(kernels, shape, points, half_width)
    left_right = covered(
        kernels,
        shape,
        points * np.array([-1, 1], np.float32) + np.array([shape[1], 0], np.float32),
        half_width,
    )
    upside_down = covered(
        kernels,
        shape,
        points * np.array([1, -1], np.float32) + np.array([0, shape[0]], np.float32),
        half_width,
    )
    # Where an envelope jumps, a column is cut in pieces from left to right: 3 levels seen.
    assert off_by(mask, left_right[:, ::-1]).max() <= 4
    assert off_by(mask, upside_down[::-1]).max() <= 4


@given(scenes())
@settings(max_examples=FEW, deadline=None)
def test_the_way_the_line_runs_does_not_matter(kernels: Kernels, scene: Scene) -> None:
    shape, points, half_width = scene
    assert (
        off_by(
            covered(kernels, shape, points, half_width),
            covered(kernels, shape, points[::-1].copy(), half_width),
        ).max()
        <= 1
    )


@given(scenes(), SEEDS)
@settings(max_examples=FEW, deadline=None)
def test_the_larger_coverage_stays(kernels: Kernels, scene: Scene, seed: int) -> None:
    shape, points, half_width = scene
    under = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    mask = under.copy()
    kernels.polyline_coverage(mask, points, half_width)
    assert np.array_equal(mask, np.maximum(under, covered(kernels, shape, points, half_width)))


@pytest.mark.parametrize("angle", [0, 1, 10, 45, 70, 89, 90, 137])
@pytest.mark.parametrize("width", [0.3, 1.0, 2.37, 6.0])
def test_ink_of_a_straight_stroke_is_length_times_width(kernels: Kernels, angle: float, width: float) -> None:
    """The round caps together are one disc more."""
    length = 150.0
    ends = np.array([[-0.5], [0.5]]) * length * (np.cos(np.radians(angle)), np.sin(np.radians(angle)))
    mask = covered(kernels, (170, 171), (ends + np.array([85.37, 84.81])).astype(np.float32), width / 2)
    # 0.3 px are 9.6 cuts of a steep stroke, counted as 9 or 10.
    tolerance = 0.005 if width >= 1 else 0.05
    assert mask.sum() / 255 == pytest.approx(length * width + np.pi * width**2 / 4, rel=tolerance)


def overlap(place: float, width: float) -> NDArray[np.float64]:
    """How much of each of 20 pixels lies within half a width of a place: what a straight stroke covers."""
    edges = np.clip(np.arange(21), place - width / 2, place + width / 2)
    return np.asarray(255 * np.diff(edges), np.float64)


@given(st.floats(5, 15, width=32), st.floats(0.3, 6.0))
@settings(max_examples=MANY, deadline=None)
def test_a_level_stroke_is_exact(kernels: Kernels, y: float, width: float) -> None:
    mask = covered(kernels, (20, 3), polyline((-9, y), (12, y)), width / 2)[:, 1]
    assert np.abs(mask - overlap(y, width)).max() <= 0.51


@given(st.floats(5, 15, width=32), st.floats(0.3, 6.0))
@settings(max_examples=MANY, deadline=None)
def test_an_upright_stroke_is_exact_to_half_a_cut(kernels: Kernels, x: float, width: float) -> None:
    """At 32 cuts a pixel each edge is off by at most half a cut, 4 levels."""
    mask = covered(kernels, (3, 20), polyline((x, -9), (x, 12)), width / 2)[1]
    limit = 4.5 if width >= 1 else 8.5
    assert np.abs(mask - overlap(x, width)).max() <= limit


@given(scenes(thinnest=1.0, kinds=("monotone", "scribble", "curl", "pulse", "vertical")))
@settings(max_examples=FEW, deadline=None)
def test_opencv_draws_the_same_at_16_times_the_size(kernels: Kernels, scene: Scene) -> None:
    """OpenCV, without anti-aliasing, each segment a convex polygon with discs at its ends, then averaged.

    Its vertices lie on a 1/16 grid of the large pixels, but it fills every pixel that an edge touches:
    the stroke is up to half a large pixel (8 levels) fatter all round. Narrowed by that much, 19 pixels of
    20 agree within 16 levels, and all within 3 on average. It shares no code and no idea with either kernel.
    """
    shape, points, half_width = scene
    large = opencv_stroke(shape, points, half_width)
    difference = off_by(covered(kernels, *scene), large)
    assert np.percentile(difference, 95) <= 2 * WORST
    if difference.size > 200:
        assert difference.mean() <= 3


def opencv_stroke(shape: tuple[int, int], points: Points, half_width: float) -> Mask:
    import cv2

    canvas = np.zeros((shape[0] * 16, shape[1] * 16), np.uint8)
    radius = half_width * 16 - 0.5
    places = points.astype(np.float64) * 16 - 0.5
    for start, end in zip(places, np.concatenate([places[1:], places[-1:]]), strict=True):
        turn = np.linspace(0, 2 * np.pi, 65)[:, None]
        rim = np.hstack([np.cos(turn), np.sin(turn)]) * radius
        hull = cv2.convexHull(np.concatenate([start + rim, end + rim]).astype(np.float32))
        cv2.fillConvexPoly(canvas, np.round(hull * 16).astype(np.int32), 255, cv2.LINE_8, 4)
    means: NDArray[np.float64] = canvas.reshape(shape[0], 16, shape[1], 16).mean(axis=(1, 3))
    return np.round(means).astype(np.uint8)


@pytest.mark.parametrize(
    "points",
    [
        polyline(),
        polyline((np.nan, np.nan)),
        np.full((9, 2), np.nan, np.float32),
        polyline((np.nan, 3), (3, np.nan)),
        polyline((-50, -50), (-5, 90)),
        polyline((-1e5, -1e5), (1e5, -1e5)),
        polyline((30, 3), (1e5, 3)),
        polyline((3, 30), (4, 1e5)),
    ],
)
def test_nothing_to_draw(kernels: Kernels, points: Points) -> None:
    assert not covered(kernels, (12, 17), points, 2.5).any()


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_breaks_the_line_as_nan_does(kernels: Kernels, value: float) -> None:
    with_nan = polyline((1, 2), (5, 3), (np.nan, np.nan), (9, 5), (14, 6))
    without = np.nan_to_num(with_nan, nan=value)
    assert np.array_equal(covered(kernels, (9, 16), without, 0.8), covered(kernels, (9, 16), with_nan, 0.8))


def test_a_lone_point_is_a_disc(kernels: Kernels) -> None:
    mask = covered(kernels, (20, 21), polyline((10.3, 9.8)), 4.0)
    assert mask.sum() / 255 == pytest.approx(np.pi * 16, rel=0.002)
    y, x = np.mgrid[0:20, 0:21] + 0.5
    distance = np.hypot(x - 10.3, y - 9.8)
    assert (mask[distance < 3.2] == 255).all()
    assert not mask[distance > 4.8].any()


def test_a_batch_is_its_pages_one_by_one(batches: Kernels) -> None:
    """Lines of several lengths, filled up with NaN, and of several widths, on pages that are not empty."""
    rng = np.random.default_rng(2)
    lines = [heartbeats(rng, 20, 37), scribble(rng, 20, 37), far(rng, 20, 37), polyline()]
    points = np.full((4, max(map(len, lines)), 2), np.nan, np.float32)
    for page, line in zip(points, lines, strict=True):
        page[: len(line)] = line
    half_widths = np.array([0.4, 1.3, 2.6, 1.0], np.float32)
    under = rng.integers(0, 100, (4, 20, 37), np.uint8)
    masks = under.copy()
    batches.polyline_coverage(masks, points, half_widths)  # type: ignore[arg-type]  # a batch has several
    for page, line, half_width, mask in zip(under, lines, half_widths, masks, strict=True):
        expected = np.maximum(page, sampled((20, 37), line, float(half_width)))
        assert off_by(mask, expected).max() <= 1
    batches.polyline_coverage(masks, lines[1], 0.8)
    once = sampled((20, 37), lines[1], 0.8)
    assert off_by(masks[3], np.maximum(under[3], once)).max() <= 1


@pytest.mark.parametrize(("count", "gap"), [(20, 0), (500, 0), (600, 8400)])
def test_a_thicket_in_one_tile_is_close_to_the_reference(any_order: Kernels, count: int, gap: int) -> None:
    """More segments than a pixel's thread remembers, or a tile's block lists; more chunks than threads."""
    rng = np.random.default_rng(count)
    points = (rng.uniform(2, 14, 2) + rng.normal(0, 0.4, (count, 2))).astype(np.float32)
    points[::7] += np.float32(3)
    points = np.insert(points, count // 2, np.full((gap, 2), np.nan), axis=0)
    mask, expected = covered(any_order, (16, 16), points, 0.3), sampled((16, 16), points, 0.3)
    assert off_by(mask, expected).max() <= WORST
    assert expected.any()
