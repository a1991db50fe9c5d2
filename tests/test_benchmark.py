"""The table of `fastecg bench`: its rows, and that medians and spreads are those of the seconds taken."""

from __future__ import annotations

import itertools
import time

import pytest

from fastecg import backends, benchmark
from fastecg_kernels.cuda import CudaKernels
from fastecg_kernels.cuda._host import HostDevice


def test_a_row_is_the_median_and_the_quartiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "PAGES", 4)
    # begin and end of each page: 1, 2, 3 and 10 s
    clock = iter([0.0, 1.0, 1.0, 3.0, 3.0, 6.0, 6.0, 16.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    calls = itertools.count()
    row = benchmark._row("perspective", lambda: next(calls))
    assert (row.stage, row.cluster_s, row.desktop_s) == ("perspective", 0.065, 2.03)
    assert row.ours_s == 2.5
    assert row.spread_s == 8.25 - 1.25  # quartiles at ranks 1.25 and 3.75
    assert next(calls) == 5  # four pages, and one before the clock starts


@pytest.mark.pages
def test_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "PAGES", 2)
    monkeypatch.setattr(benchmark, "FRESH_PAGES", 2)
    rows = benchmark.measure(cores=2)
    published = {row.stage: (row.cluster_s, row.desktop_s) for row in rows if row.cluster_s is not None}
    sums = (0.4, 27.18)
    assert published == {**benchmark.PUBLISHED_S, benchmark.TOTAL: sums, benchmark.ENCODED: sums}
    on_all = {row.stage for row in rows if row.cores_s is not None}
    assert on_all == {"distortionless", benchmark.TOTAL, benchmark.ENCODED}
    assert all(row.ours_s > 0 for row in rows)
    assert all(row.spread_s >= 0 for row in rows)
    assert len({row.stage for row in rows}) == len(rows)


@pytest.mark.pages
def test_a_gpu_has_rows_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds a page, not a batch; and the line below the table names it."""
    for name in ("PAGES", "FRESH_PAGES", "GPU_PAGES"):
        monkeypatch.setattr(benchmark, name, 2)
    monkeypatch.setattr(backends, "open_cuda", lambda: CudaKernels(HostDevice()))
    rows = {row.stage: row for row in benchmark.measure("cuda")}
    assert rows["  GPU, in its memory"].ours_s > 0
    assert rows["  GPU, there and back"].ours_s > 0
    assert "the host in batches of 2" in benchmark.host("cuda")


def test_the_host_is_one_line() -> None:
    assert "\n" not in benchmark.host()
    assert "CPUs" in benchmark.host()
