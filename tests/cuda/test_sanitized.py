"""The tests of batches and thickets once more, with the address and the undefined-behaviour sanitizer.

They see an index past the end of an array, even where another array lies there, a load that is not aligned
and a number that overflows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cuda.sanitized import sanitized

KERNELS = Path(__file__).parents[1] / "kernels"
CHOSEN = "cuda-host and (batch or thicket)"


@pytest.mark.slow
def test_no_kernel_reaches_past_its_arrays() -> None:
    done = sanitized("-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-k", CHOSEN, str(KERNELS))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert " passed" in done.stdout
