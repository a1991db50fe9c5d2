"""Moiré: every backend against the NumPy reference, byte for byte, and against a cosine."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fastecg_kernels import Kernels, reference
from fastecg_kernels.nodes import nodes_shape

SIZES = st.tuples(st.integers(1, 20), st.integers(1, 30))


@given(size=SIZES, seed=st.integers(0, 2**32 - 1), depth=st.floats(0, 1))
@settings(max_examples=60)
def test_every_backend_equals_the_reference(
    any_order: Kernels, size: tuple[int, int], seed: int, depth: float
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    phase = rng.uniform(-30, 30, (*nodes_shape(*size), 3)).astype(np.float32)
    ours, plain = image.copy(), image.copy()
    any_order.moire(ours, phase, depth)
    reference.moire(plain, phase, depth)
    assert np.array_equal(ours, plain)


@given(turns=st.floats(-40, 40), depth=st.floats(0, 1))
def test_waves_are_those_of_a_cosine(kernels: Kernels, turns: float, depth: float) -> None:
    """Within the 5.6 % by which a parabola misses a sine's arch, and half a grey level."""
    image = np.full((1, 1, 3), 200, np.uint8)
    kernels.moire(image, np.full((2, 2, 3), turns, np.float32), depth)
    expected = 200 * (1 - depth * (1 - np.cos(2 * np.pi * turns)) / 2)
    assert abs(image[0, 0, 0] - expected) <= 100 * depth * 0.057 + 0.51


def test_no_depth_leaves_the_image(kernels: Kernels) -> None:
    image = np.arange(255, dtype=np.uint8).reshape(5, 17, 3)
    ours = image.copy()
    kernels.moire(ours, np.full((2, 4, 3), 0.4, np.float32), 0.0)
    assert np.array_equal(ours, image)
