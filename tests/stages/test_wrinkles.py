"""Wrinkles: light from the right side, shifts that can be undone, and sheets that depend on nothing else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.errors import RecipeError
from fastecg.layers import NEUTRAL, Relief
from fastecg.recipe import load_recipe
from fastecg.spec import PageSpec, make_spec
from fastecg.stages.quilting import quilt
from fastecg.stages.wrinkle_atlas import Atlas, Sheet, _coarse, _quilting
from fastecg.stages.wrinkles import _Piece, _shade, _shift, wrinkle
from fastecg_kernels import load_backend
from fastecg_kernels.nodes import NODE_STEP

CPU = load_backend("cpu")
FAST = {"candidates": 30, "sheets": 2}

pytestmark = pytest.mark.pages


def spec_of(dpi: int = 60, key: int = 5, page: dict[str, Any] | None = None, **values: Any) -> PageSpec:
    tree = {"key": key, "page": {"dpi": dpi, **(page or {})}, "wrinkles": {"enabled": True, **FAST, **values}}
    return make_spec(tree)


def relief_of(spec: PageSpec, atlas: Atlas | None = None) -> Relief:
    relief = Relief.flat(*spec.page.shape_px)
    wrinkle(relief, spec, atlas or Atlas(CPU))
    return relief


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """Return an atlas that the tests share; what it gives does not depend on what it gave before."""
    return Atlas(CPU)


def is_flat(relief: Relief) -> bool:
    return bool((relief.shade == NEUTRAL).all() and not relief.shift.any())


def test_off_and_neutral_values_change_nothing(atlas: Atlas) -> None:
    assert is_flat(relief_of(spec_of(enabled=False), atlas))
    assert is_flat(relief_of(spec_of(strength=0, dimming=0, displacement_mm=0), atlas))
    assert not relief_of(spec_of(displacement_mm=0), atlas).shift.any()
    assert (relief_of(spec_of(strength=0, dimming=0), atlas).shade == NEUTRAL).all()


@pytest.mark.parametrize("fresh", [False, True])
def test_same_spec_same_bytes_whatever_came_before(fresh: bool) -> None:
    used = Atlas(CPU)
    for key in (1, 2, 3):
        relief_of(spec_of(key=key), used)
    for key in (5, 6):
        spec = spec_of(key=key, fresh=fresh)
        one, other = relief_of(spec, used), relief_of(spec)
        np.testing.assert_array_equal(one.shade, other.shade)
        np.testing.assert_array_equal(one.shift, other.shift)


def test_pages_differ(atlas: Atlas) -> None:
    shades = [
        relief_of(spec_of(key=key, fresh=fresh), atlas).shade for key in (5, 6) for fresh in (False, True)
    ]
    assert len({shade.tobytes() for shade in shades}) == 4


def test_another_process_makes_the_same_sheet(atlas: Atlas) -> None:
    script = (
        "import hashlib; from fastecg.spec import make_spec; from fastecg.stages.wrinkle_atlas import Atlas;"
        "from fastecg_kernels import load_backend;"
        "spec = make_spec({'page': {'dpi': 60}, 'wrinkles': {'candidates': 30, 'sheets': 2}});"
        "print(hashlib.sha256(Atlas(load_backend('cpu')).sheet(spec, 1).slopes).hexdigest())"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    ours = atlas.sheet(spec_of(enabled=False), 1).slopes
    assert output.strip() == hashlib.sha256(ours.tobytes()).hexdigest()


class Hill:
    """A sheet that is one smooth hill, and the page's height of it for each way to lay it."""

    def __init__(self, spec: PageSpec) -> None:
        y, x = np.mgrid[0:512, 0:512]
        self.heights = 400 * np.exp(-((x - 150.0) ** 2 / 90.0**2 + (y - 230.0) ** 2 / 60.0**2))
        down, across = np.gradient(self.heights)
        slopes = np.clip(np.round(np.dstack([across, down]) * 10) + 128, 0, 255).astype(np.uint8)
        self.sheet = Sheet(slopes, _coarse(slopes), 4.0)
        self.spec = spec

    def laid(self, piece: _Piece) -> NDArray[np.float64]:
        """Return the hill as it lies on the page, in the sheet's pixels, by NumPy's own flips and turns."""
        wide, high = np.abs(piece.axes @ piece.size).astype(int)
        part = self.heights[
            piece.corner[0] : piece.corner[0] + high, piece.corner[1] : piece.corner[1] + wide
        ]
        laid: NDArray[np.float64] = np.rot90(np.fliplr(part) if piece.turns % 2 else part, piece.turns // 2)
        return laid


def sampled(field: NDArray[Any], shape: tuple[int, int], step: float) -> NDArray[Any]:
    """Return a field at nodes so many of its pixels apart, the nearest pixel of each."""
    nodes = [(np.arange(count) * step).astype(int) for count in shape]
    rows, columns = (np.minimum(node, size - 1) for node, size in zip(nodes, field.shape, strict=True))
    return np.asarray(field[rows[:, None], columns])


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("light_deg", [0, 70, 180])
def test_slopes_face_the_light_and_points_move_along_them(atlas: Atlas, turns: int, light_deg: float) -> None:
    """However a piece is laid: what falls off towards the light is bright (y points down)."""
    custom = {"size": "custom", "width_mm": 90, "height_mm": 60}
    spec = spec_of(dpi=127, page=custom, light_deg=light_deg, strength=0.5, dimming=0.2)
    hill = Hill(spec)
    piece = _Piece(hill.sheet, (100, 30), turns, spec)
    relief = Relief.flat(*spec.page.shape_px)
    _shade(piece, relief, spec, atlas)
    _shift(piece, relief, spec)
    heights = hill.laid(piece)
    down, across = np.asarray(np.gradient(heights))
    angle = np.radians(light_deg)
    lit = -(across * np.cos(angle) - down * np.sin(angle)) * 10
    scale = 4.0 / spec.page.px_per_mm
    expected = np.clip(NEUTRAL * 0.8 * (1 + 0.5 * lit / 72), 1, 255)
    shade = relief.shade[::5, ::5].astype(float)
    assert np.abs(shade - sampled(expected, shade.shape, 5 * scale)).max() < 3
    assert np.ptp(shade) > 40
    nodes = relief.shift.shape[0] - 2, relief.shift.shape[1] - 2
    for channel, slope in ((0, across), (1, down)):
        moved = relief.shift[1 : nodes[0], 1 : nodes[1], channel]
        slope_there = sampled(slope, nodes, NODE_STEP * scale)[1:, 1:]
        assert np.corrcoef(moved.ravel(), slope_there.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("displacement_mm", [0.2, 3.0])
@pytest.mark.parametrize("dpi", [60, 200])
def test_shifts_can_be_undone(atlas: Atlas, displacement_mm: float, dpi: int) -> None:
    """No two points change places: the map's determinant stays positive in every cell, at every corner."""
    spec = spec_of(dpi=dpi, displacement_mm=displacement_mm)
    shift = relief_of(spec, atlas).shift.astype(np.float64)
    assert np.isfinite(shift).all()
    across, down = np.diff(shift, axis=1) / NODE_STEP, np.diff(shift, axis=0) / NODE_STEP
    assert max(np.abs(across).max(), np.abs(down).max()) <= 0.3 + 1e-6
    for a in (across[:-1], across[1:]):
        for d in (down[:, :-1], down[:, 1:]):
            determinant = (1 - a[:, :, 0]) * (1 - d[:, :, 1]) - a[:, :, 1] * d[:, :, 0]
            assert determinant.min() > 0.3
    length_mm = np.hypot(shift[:, :, 0], shift[:, :, 1]) / spec.page.px_per_mm
    if displacement_mm < 1:
        assert 0.5 * displacement_mm < np.quantile(length_mm, 0.98) < 1.5 * displacement_mm


def test_resolution_does_not_change_the_look(atlas: Atlas) -> None:
    low, high = (relief_of(spec_of(dpi=dpi, displacement_mm=0.3), atlas) for dpi in (100, 200))
    halved = high.shade.reshape(850, 2, 1100, 2).mean(axis=(1, 3))
    assert np.corrcoef(halved.ravel(), low.shade.ravel())[0, 1] > 0.995
    assert abs(halved.mean() - low.shade.mean()) < 0.5
    near = high.shift[: 2 * low.shift.shape[0] - 1 : 2, : 2 * low.shift.shape[1] - 1 : 2] / 2
    rows, columns = near.shape[:2]
    assert np.abs(near - low.shift[:rows, :columns]).max() < 0.1


def test_values_do_what_they_say(atlas: Atlas) -> None:
    weak, strong = (relief_of(spec_of(strength=s, dimming=0), atlas).shade for s in (0.1, 0.3))
    assert strong.std() / weak.std() == pytest.approx(3, rel=0.05)
    assert abs(strong.mean() - NEUTRAL) < 2
    dim = relief_of(spec_of(strength=0.1, dimming=0.25), atlas).shade
    assert dim.mean() / NEUTRAL == pytest.approx(0.75, abs=0.02)
    left, right = (relief_of(spec_of(light_deg=d, dimming=0), atlas).shade.astype(int) for d in (180, 0))
    assert np.abs(left + right - 2 * NEUTRAL).max() <= 2


@pytest.mark.parametrize("turn", [False, True])
def test_larger_wrinkles_are_larger(atlas: Atlas, turn: bool) -> None:
    """Twice the size: neighbouring pixels differ half as much."""
    page = {"orientation": "portrait" if turn else "landscape"}
    steps = [
        np.abs(
            np.diff(relief_of(spec_of(100, page=page, scale=scale), atlas).shade.astype(int), axis=1)
        ).mean()
        for scale in (0.5, 1, 2)
    ]
    assert steps[0] > 1.4 * steps[1] > 1.4 * 1.4 * steps[2]


def autocorrelation(slopes: NDArray[np.uint8]) -> NDArray[np.float64]:
    field = slopes.astype(np.float64) - slopes.mean(axis=(0, 1))
    power = (np.abs(np.fft.rfft2(field, axes=(0, 1))) ** 2).sum(axis=2)
    found = np.fft.irfft2(power, s=slopes.shape[:2])
    return np.asarray(found / found[0, 0])


def test_a_sheet_repeats_nothing_and_shows_no_blocks() -> None:
    spec = spec_of(candidates=600)
    atlas = Atlas(CPU)
    slopes = atlas.sheet(spec, 0).slopes
    likeness = autocorrelation(slopes)
    likeness[:60, :60] = likeness[-60:, :60] = likeness[:60, -60:] = likeness[-60:, -60:] = 0
    assert likeness.max() < 0.2
    # A sheet of one block over and over, for comparison.
    tile = np.tile(slopes[:160, :160], (8, 8, 1))
    alike = autocorrelation(tile)
    assert alike[160, 0] > 0.99
    # The bend across the lines between blocks is like anywhere else.
    bend = np.abs(np.diff(slopes[:, :, 0].astype(int), axis=1)).mean(axis=0)
    step = _quilting(spec.wrinkles, 0).block_px - _quilting(spec.wrinkles, 0).overlap_px
    folded = bend[: len(bend) // step * step].reshape(-1, step).mean(axis=0)
    assert folded.max() < 1.35 * folded.mean()


def test_the_sheet_is_quilted_from_the_texture() -> None:
    """What lies in a sheet's first block is a piece of the texture, pixel for pixel."""
    atlas, spec = Atlas(CPU), spec_of()
    texture = atlas.texture(spec.wrinkles, 1)
    sewn = quilt(CPU, texture, (60, 60), _quilting(spec.wrinkles, 12))
    windows = np.lib.stride_tricks.sliding_window_view(texture, (60, 1), axis=(0, 1))[:, :, :, :, 0]
    assert (windows == sewn[:, 0].T).all(axis=(2, 3)).any()


def test_threads_give_the_same_sheet(atlas: Atlas) -> None:
    two = Atlas(CPU, threads=2)
    np.testing.assert_array_equal(two.sheet(spec_of(), 0).slopes, atlas.sheet(spec_of(), 0).slopes)


def test_sheets_are_kept_within_bounds() -> None:
    small = Atlas(CPU, kept_bytes=6 << 20)
    first = small.sheet(spec_of(), 0)
    other = spec_of(dpi=90, key=77, strength=0.9, light_deg=3, displacement_mm=0)
    assert small.sheet(other, 0).slopes is first.slopes
    small.sheet(spec_of(), 1)
    assert sum(kept.nbytes for kept in small._kept._arrays.values()) <= 6 << 20
    again = small.sheet(spec_of(), 0)
    assert again.slopes is not first.slopes
    np.testing.assert_array_equal(again.slopes, first.slopes)


@pytest.mark.parametrize(
    ("page", "scale", "side"),
    [({}, 1, 1280), ({"size": "A4"}, 1, 1280), ({"size": "A3"}, 1, 1792), ({}, 2, 1280)],
)
def test_pages_of_similar_sizes_and_any_scale_share_sheets(
    page: dict[str, Any], scale: float, side: int
) -> None:
    atlas = Atlas(CPU)
    assert atlas.sheet(spec_of(page=page, scale=scale, candidates=1), 0).slopes.shape == (side, side, 2)


def test_numbers_of_sheets_are_used() -> None:
    class Noting(Atlas):
        seen: set[int] = set()  # noqa: RUF012 - one test, one instance

        def sheet(self, spec: PageSpec, number: int) -> Sheet:
            self.seen.add(number)
            return super().sheet(spec, 0)

    atlas = Noting(CPU)
    for key in range(60):
        relief_of(spec_of(key=key, sheets=4, displacement_mm=0), atlas)
    assert atlas.seen == {0, 1, 2, 3}


def picture(path: Path) -> str:
    import cv2

    rng = np.random.default_rng(4)
    soft = cv2.GaussianBlur(rng.standard_normal((500, 500)), (0, 0), 6)
    cv2.imwrite(str(path), np.clip(128 + soft * 900, 0, 255).astype(np.uint8))
    return str(path)


def test_a_users_picture_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    here, there = picture(tmp_path / "mine.png"), picture(tmp_path / "other" / "mine.png")
    one, other = (relief_of(spec_of(texture=path)) for path in (here, there))
    np.testing.assert_array_equal(one.shade, other.shade)
    assert one.shade.std() > 2


def test_a_picture_that_is_not_there() -> None:
    spec = spec_of(texture="nowhere.png")
    with pytest.raises(RecipeError, match=r"nowhere\.png"):
        relief_of(spec)


def test_a_recipe_draws_them() -> None:
    overrides = {"wrinkles": {"enabled": True, "strength": {"uniform": [0.1, 0.2]}, "light_deg": 90}}
    drawn = load_recipe("clean", overrides).draw("a", seed=1).wrinkles
    assert 0.1 <= drawn.strength <= 0.2
    with pytest.raises(RecipeError, match="0 to 1"):
        load_recipe("clean", {"wrinkles.strength": 2})
