"""The yardstick of the quilting benchmark sews the same sheet as ours, pixel for pixel."""

from __future__ import annotations

import numpy as np
import pytest

from bench.reference.plain_quilting import plain_quilt
from fastecg.stages.quilting import Quilting, quilt
from fastecg_kernels import load_backend


@pytest.mark.parametrize("candidates", [0, 25])
def test_the_plain_sheet_is_ours(candidates: int) -> None:
    texture = np.random.default_rng(3).integers(0, 9, (26, 30, 3), np.uint8)
    plain = plain_quilt(texture.tolist(), 3, 4, 10, 4, (0.1, candidates, 77))
    ours = quilt(load_backend("cpu"), texture, (22, 28), Quilting(10, 4, 0.1, candidates, 77))
    np.testing.assert_array_equal(np.array(plain, np.uint8), ours)
