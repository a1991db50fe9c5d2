"""From heights to textures and back to slopes, and heights from the light and shade of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastecg.errors import RecipeError
from fastecg.stages.crumpled import crumpled_heights
from fastecg.stages.relief_texture import picture_heights, slopes_of, to_slopes, to_texture


@pytest.fixture(scope="module")
def heights() -> NDArray[np.float64]:
    return crumpled_heights(np.random.default_rng(1), 260, 4.0)


@pytest.fixture
def paper_photo(textures_dir: Path) -> Path:
    """Return a photograph of creased paper."""
    return textures_dir / "Paper005_1K_Color.jpg"


def correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])


def write(path: Path, image: NDArray[np.uint8]) -> str:
    import cv2

    assert cv2.imwrite(str(path), image)
    return str(path)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_slopes_of_a_known_surface(kind: type) -> None:
    """A wave that fits the field: its curvature is known, and so are its slopes."""
    y, x = np.mgrid[0:96, 0:128]
    kx, ky = 2 * np.pi * 5 / 128, 2 * np.pi * 3 / 96
    surface = 2.5 * np.sin(kx * x + ky * y)
    laplacian = -4 * surface
    for axis in (0, 1):
        laplacian += np.roll(surface, 1, axis) + np.roll(surface, -1, axis)
    slopes = slopes_of(laplacian.astype(kind))
    assert slopes.dtype == kind
    expected = (np.roll(surface, -1, 1) - np.roll(surface, 1, 1)) / 2
    # Long waves are kept small: at this length, by a twentieth.
    assert correlation(slopes[:, :, 0], expected) > 0.9999
    assert 0.9 < slopes[:, :, 0].std() / expected.std() < 1


def test_a_texture_has_the_slopes_of_its_surface(heights: NDArray[np.float64]) -> None:
    texture = to_texture(heights)
    assert texture.shape == (256, 256, 3)
    down, across = np.gradient(heights)[0][2:-2, 2:-2], np.gradient(heights)[1][2:-2, 2:-2]
    inner = slice(30, -30)
    assert correlation(texture[inner, inner, 1], across[inner, inner]) > 0.9
    assert correlation(texture[inner, inner, 2], down[inner, inner]) > 0.9
    assert abs(correlation(texture[inner, inner, 1], down[inner, inner])) < 0.5
    assert 15 < texture[:, :, 1].std() < 26


def test_the_slopes_of_a_sheet_are_those_of_its_texture(heights: NDArray[np.float64]) -> None:
    """A sheet that is the texture itself gives its slopes back, whatever the guiding channels say."""
    texture = to_texture(heights)
    only = texture.copy()
    only[:, :, 1:] = 7
    slopes = to_slopes(only)
    assert slopes.shape == (256, 256, 2)
    assert np.abs(slopes.astype(int) - texture[:, :, 1:]).mean() < 1
    # It goes on from each side to the other: the step there is like any other.
    steps = np.abs(np.diff(slopes.astype(int), axis=1)).mean()
    assert np.abs(slopes[:, 0].astype(int) - slopes[:, -1]).mean() < 4 * steps


def test_flat_paper_stays_flat() -> None:
    assert (to_texture(np.full((30, 40), 3.0)) == 128).all()
    assert (to_slopes(np.full((32, 32, 3), 128, np.uint8)) == 128).all()


@pytest.mark.parametrize("degrees", [0, 40, 90, 160])
def test_a_picture_is_relit_from_its_own_light(
    heights: NDArray[np.float64], tmp_path: Path, degrees: float
) -> None:
    """A surface lit from a known side: the heights found in its picture show the same light again."""
    down, across = np.gradient(heights)
    light = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    shade = -(across * light[0] + down * light[1])
    picture = np.clip(np.round(128 + shade * 200), 0, 255).astype(np.uint8)
    found = picture_heights(write(tmp_path / "paper.png", picture), 65.0, 100)
    assert found.shape == picture.shape
    found_down, found_across = np.gradient(found)
    again = -(found_across * light[0] + found_down * light[1])
    # Which of the two opposite sides the light is on, a picture does not say.
    assert abs(correlation(again, picture)) > 0.9


def test_a_picture_is_scaled_to_its_width_in_mm(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (200, 300), np.uint8)
    path = write(tmp_path / "päper.png", picture)
    assert picture_heights(path, 60.0, 100).shape == (160, 240)
    assert picture_heights(path, 150.0, 100).shape == (400, 600)


def test_a_photograph_of_paper(paper_photo: Path) -> None:
    heights = picture_heights(str(paper_photo), 100.0, 100)
    texture = to_texture(heights)
    assert texture.shape == (396, 396, 3)
    assert texture[:, :, 1].std() > 10


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        ("grey", "one grey"),
        ("small", "change wrinkles.texture_mm"),
    ],
)
def test_pictures_that_cannot_be_used(tmp_path: Path, content: bytes | str | None, words: str) -> None:
    path = tmp_path / "paper.png"
    if content == "grey":
        write(path, np.full((300, 300), 90, np.uint8))
    elif content == "small":
        write(path, np.random.default_rng(1).integers(0, 256, (60, 300), np.uint8))
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(RecipeError, match=words) as error:
        picture_heights(str(path), 100.0, 100)
    assert "wrinkles.texture is" in str(error.value)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        picture_heights(str(tmp_path), 100.0, 100)
