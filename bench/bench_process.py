"""What a process costs: seconds to import, seconds to the first page, and memory while it writes pages.

Each measure is one fresh interpreter, with kernels that are compiled already: the one that warms
the benchmark up compiles them, and numba keeps them on the disk. Goals: 0.7 s, 3 s and 400 MB.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 5
PAGES = 20

IMPORT = "import fastecg"
FIRST_PAGE = "import fastecg; fastecg.render(fastecg.builtin_record(0).record)"
WORKER = f"""
import tempfile
from pathlib import Path
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate

with tempfile.TemporaryDirectory() as folder:
    summary = generate(None, Run(Path(folder), limit={PAGES}), Work(workers=0))
assert summary.written == {PAGES}
"""
NOTHING = "pass"
STATUS = Path("/proc/self/status")
# not ru_maxrss, which a child takes over from the process that started it
PEAK = f"\nprint(next(line for line in open('{STATUS}') if line.startswith('VmHWM')))"


def run(code: str) -> float:
    """Run code in a fresh interpreter; return the largest memory it held, in MB."""
    done = subprocess.run([sys.executable, "-c", code + PEAK], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-2]) * 1024 / 1e6


@pytest.mark.skipif(not STATUS.exists(), reason="the peak memory of a process is read from Linux")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param(NOTHING, id="python alone"),
        pytest.param(IMPORT, id="import fastecg"),
        pytest.param(FIRST_PAGE, id="first page"),
        pytest.param(WORKER, id=f"{PAGES} clean pages at 200 dpi, written"),
    ],
)
@pytest.mark.benchmark(group="process")
def test_process(benchmark: BenchmarkFixture, code: str) -> None:
    """Time a whole process, interpreter and all; its memory is in the extra info."""
    peaks: list[float] = []
    timed: Any = benchmark  # its pedantic is not typed
    timed.pedantic(lambda: peaks.append(run(code)), rounds=ROUNDS, warmup_rounds=1)
    benchmark.extra_info["peak_rss_mb"] = round(statistics.median(peaks), 1)
    print(f"{benchmark.name}: {statistics.median(peaks):.0f} MB at most")  # noqa: T201 - -s shows it
