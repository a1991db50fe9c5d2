"""The tests of batches and thickets once more, with the address and the undefined-behaviour sanitizer.

They see an index past the end of an array, even where another array lies there, a load that is not aligned
and a number that overflows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cuda.sanitized import sanitized

HERE = Path(__file__).parent
KERNELS = HERE.parent / "kernels"
CHOSEN = "cuda-host and (batch or thicket)"


@pytest.mark.slow
def test_no_kernel_reaches_past_its_arrays() -> None:
    check("-k", CHOSEN, str(KERNELS))


@pytest.mark.slow
def test_no_kernel_of_the_camera_reaches_past_its_arrays() -> None:
    """The property tests themselves: their pages are small, of odd sizes, and seen from anywhere."""
    files = [
        KERNELS / f"test_{name}.py" for name in ("develop", "mesh", "moire", "quilting", "relight", "warp")
    ]
    check("-k", "host and not numba", str(HERE / "test_camera.py"), *map(str, files))


def check(*chosen: str) -> None:
    done = sanitized("-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *chosen)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert " passed" in done.stdout
