"""Blur: the spread of a point, compared with that of a disc and a line."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from fastecg.stages.optics import Blur, blur_image, disc_kernel, line_kernel


def point_spread(blur: Blur, px_per_mm: float = 10.0) -> NDArray[np.float64]:
    """Return what a step in light shows of a point: the mean of many shifted ones, sum 1."""
    image = np.zeros((61, 61, 3), np.uint8)
    image[30, 30] = 255
    blurred = blur_image(image, blur, px_per_mm)[:, :, 1].astype(np.float64)
    return np.asarray(blurred / blurred.sum())


def variances(spread: NDArray[np.float64], angle_deg: float = 0.0) -> tuple[float, float]:
    """Return the variance along a direction (counter-clockwise) and across it, px²."""
    rows, columns = np.mgrid[: spread.shape[0], : spread.shape[1]]
    x, y = columns - (spread.shape[1] - 1) / 2, (spread.shape[0] - 1) / 2 - rows
    angle = np.radians(angle_deg)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return float((spread * along**2).sum()), float((spread * across**2).sum())


@pytest.mark.parametrize("radius", [1.5, 2.2, 3.7, 6.0])
def test_a_disc_spreads_as_a_disc_does(radius: float) -> None:
    """The variance of a disc of radius r is r² / 4 in each direction; pixels and a soft rim add to it."""
    for variance in variances(disc_kernel(radius).astype(np.float64)):
        assert variance == pytest.approx(radius**2 / 4, abs=0.15)


@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 45.0, 90.0, 160.0])
@pytest.mark.parametrize("length", [3.0, 6.0, 9.5])
def test_a_line_spreads_along_its_direction_only(length: float, angle_deg: float) -> None:
    along, across = variances(line_kernel(length, angle_deg).astype(np.float64), angle_deg)
    assert along == pytest.approx((length**2 - 1) / 12, rel=0.09, abs=0.25)
    assert across < 0.2


@pytest.mark.parametrize("radius_px", [0.8, 1.4, 1.6, 2.5])
def test_defocus_is_the_same_by_both_ways(radius_px: float) -> None:
    """Below 1.5 px a Gaussian stands for the disc: no jump where one takes over from the other."""
    for variance in variances(point_spread(Blur(defocus_mm=radius_px / 10))):
        assert variance == pytest.approx(radius_px**2 / 4, abs=0.16)


def test_blur_agrees_with_a_convolution() -> None:
    image = np.random.default_rng(2).integers(0, 256, (40, 50, 3), np.uint8)
    blurred = blur_image(image, Blur(defocus_mm=0.3, motion_mm=0.7, motion_deg=35), 10.0)
    expected = image.astype(np.float64)
    for kernel in (disc_kernel(3.0), line_kernel(7.0, 35)):
        expected = ndimage.convolve(expected, kernel[:, :, None].astype(np.float64), mode="nearest")
    assert np.abs(blurred - expected).max() < 1.1


def test_even_paper_stays_even_up_to_its_edges() -> None:
    image = np.full((30, 40, 3), 201, np.uint8)
    for blur in (Blur(defocus_mm=0.1), Blur(defocus_mm=0.4), Blur(motion_mm=0.8, motion_deg=20)):
        assert (blur_image(image, blur, 10.0) == 201).all()


def test_no_blur_returns_the_image_itself() -> None:
    image = np.zeros((3, 4, 3), np.uint8)
    assert blur_image(image, Blur(), 8.0) is image
    assert blur_image(image, Blur(defocus_mm=0.01, motion_mm=0.1), 8.0) is image
