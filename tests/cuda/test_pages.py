"""Whole pages with the CUDA kernels on the host: what they launch, and how near the CPU's page they come."""

from __future__ import annotations

import numpy as np
import pytest

import fastecg
from fastecg_kernels.cuda import CudaKernels
from fastecg_kernels.cuda._host import HostDevice
from fastecg_kernels.cuda.polyline import tiles


@pytest.mark.pages
def test_a_printed_page_is_the_one_of_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba's lines are up to 8 levels off the reference, so edges of ink differ, and nothing else."""
    record, page = fastecg.builtin_record(0).record, {"dpi": 60}
    plain = fastecg.render(record, seed=3, page=page).image.astype(int)
    monkeypatch.setattr("fastecg.pipeline.host_kernels", lambda _: CudaKernels(HostDevice()))
    ours = fastecg.render(record, seed=3, page=page).image
    difference = np.abs(plain - ours).max(axis=2)
    assert difference.max() <= 8
    assert (difference > 0).mean() <= 0.02
    assert (difference > 1).mean() <= 0.002


@pytest.mark.parametrize(
    ("points", "first", "count"),
    [
        ([[40, 20], [60, 20]], (2, 1), (2, 1)),
        ([[31.5, 17], [31.5, 18]], (1, 0), (2, 2)),  # 1 px is added to half the width
        ([[-500, 5], [900, 5]], (0, 0), (7, 1)),
        ([[np.nan, 5], [-900, -300]], (0, 0), (0, 0)),
        ([[3e38, 20], [-3e38, 20]], (0, 1), (7, 1)),
    ],
)
def test_a_short_line_takes_few_tiles(
    points: list[list[float]], first: tuple[int, int], count: tuple[int, int]
) -> None:
    mask = np.zeros((50, 100), np.uint8)
    grid, page = tiles(mask, np.array(points, np.float32), 1.5)
    assert grid == (*count, 1)
    assert [int(size) for size in page] == [50, 100, *first]


def test_lines_that_are_not_known_to_the_host_take_all_tiles() -> None:
    grid, page = tiles(np.zeros((3, 50, 100), np.uint8), np.zeros((3, 2, 2), np.float32), 1.5)
    assert grid == (7, 4, 3)
    assert [int(size) for size in page] == [50, 100, 0, 0]
