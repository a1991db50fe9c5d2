"""Affine and projective maps: against OpenCV, in batches as one by one, and there and back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastecg.homography import affine, fit, project

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


@given(st.integers(0, 2**32 - 1))
def test_a_batch_is_its_members_and_opencvs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = SQUARE * rng.uniform(50, 3000, (7, 1, 2))
    target = source + rng.uniform(-0.2, 0.2, (7, 4, 2)) * source.max(axis=1, keepdims=True)
    batch = fit(source, target)
    points = rng.uniform(0, 1, (7, 30, 2)) * source.max(axis=1, keepdims=True)
    mapped = project(batch, points)
    for k in range(7):
        alone = fit(source[k], target[k])
        np.testing.assert_allclose(batch[k], alone, rtol=1e-9, atol=1e-12)
        theirs = cv2.getPerspectiveTransform(source[k].astype(np.float32), target[k].astype(np.float32))
        exact = np.asarray(cv2.perspectiveTransform(points[k][None], theirs)[0], np.float64)
        np.testing.assert_allclose(mapped[k], exact, atol=0.02)  # theirs are float32 corners
        back = np.asarray(np.linalg.inv(alone), np.float64)
        np.testing.assert_allclose(project(back, mapped[k]), points[k], atol=1e-6)
    np.testing.assert_allclose(project(batch, source), target, atol=1e-7)


@given(st.floats(-180, 180), st.floats(0.2, 5), st.floats(-100, 100))
def test_affine_turns_scales_and_shifts(angle: float, scale: float, shift: float) -> None:
    matrix = affine(angle, (scale, scale), 0.0, (shift, -shift))
    theirs = cv2.getRotationMatrix2D((0, 0), -angle, scale)  # counter-clockwise, seen with y up
    np.testing.assert_allclose(matrix[:2, :2], theirs[:, :2], atol=1e-9)
    assert matrix[:2, 2].tolist() == [shift, -shift]
    assert matrix[2].tolist() == [0, 0, 1]


def test_shear_slants_uprights_and_keeps_lines_across() -> None:
    matrix = affine(0.0, (2.0, 1.0), 0.5, (0.0, 0.0))
    assert project(matrix, SQUARE).tolist() == [[0, 0], [2, 0], [3, 1], [1, 1]]


def test_three_points_on_a_line_have_no_homography() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        fit(np.array([[0.0, 0], [1, 0], [2, 0], [0, 1]]), SQUARE)
