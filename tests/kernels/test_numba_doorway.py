"""The Numba doorway: cached or not, checked or not, never an error; compared with plain Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import fastecg_kernels
from fastecg_kernels.cpu._numba import kernel, load_eight, load_eight_plainly

PROGRAM = """
import numpy as np
from fastecg_kernels.cpu._numba import kernel, load_eight, load_eight_plainly

@kernel
def at(values, index):
    return values[index]

@kernel(fastmath=True)
def total(values):
    result = 0.0
    for value in values:
        result += value
    return result

if __name__ == "__main__":
    assert total(np.ones(5)) == 5.0
    try:
        at(np.zeros(3), 5)
        print("unchecked")
    except IndexError:
        print("checked")
"""


def run(program: Path, **environment: str) -> str:
    source_root = str(Path(fastecg_kernels.__file__).parents[1])
    given = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        env=given | {"PYTHONPATH": source_root} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "package" / "program.py"
    path.parent.mkdir()
    path.write_text(PROGRAM)
    return path


def test_machine_code_is_kept_and_does_not_hide_bounds_checks(program: Path) -> None:
    assert run(program) == "unchecked"
    assert len(list(program.parent.rglob("*.nbi"))) == 2
    assert run(program, NUMBA_BOUNDSCHECK="1") == "checked"
    assert run(program, NUMBA_DISABLE_JIT="1") == "checked"


def test_nowhere_to_keep_machine_code_is_no_error(program: Path, tmp_path: Path) -> None:
    # a file where the folder would be stops every user, root too
    (program.parent / "__pycache__").write_text("")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    home = {"HOME": str(blocked), "XDG_CACHE_HOME": str(blocked), "LOCALAPPDATA": str(blocked)}
    assert run(program, **home) == "unchecked"
    assert not list(tmp_path.rglob("*.nbi"))


def test_keeps_the_docstring_and_the_result() -> None:
    @kernel
    def add(a: float, b: float) -> float:
        """Add."""
        return a + b

    assert add.__doc__ == "Add."
    assert add(1.5, 2.0) == 3.5
    assert np.isnan(add(np.nan, 1.0))


def test_eight_bytes_are_loaded_from_any_offset() -> None:
    values = np.random.default_rng(0).integers(0, 256, 40, np.uint8)

    @kernel
    def load(array: NDArray[np.uint8], offset: int) -> np.uint64:
        word: np.uint64 = load_eight(array, offset)
        return word

    for offset in (0, 1, 7, 32):
        wanted = int.from_bytes(values[offset : offset + 8].tobytes(), "little")
        assert int(load(values, offset)) == wanted == int(load_eight_plainly(values, offset))
