"""The command line, in this process or as one of its own, and what a folder holds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastecg.cli import main

QUICK = ("--set", "page.dpi=60")
"""Small pages: 660 x 510."""


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command line in this process."""

    def run(*words: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["fastecg", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        code = left.value.code
        return Outcome(code if isinstance(code, int) else 0 if code is None else 1, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def apart() -> Command:
    """Return a function that runs a command line in a process of its own."""

    def run(*words: str | Path, prefix: tuple[str, ...] = ()) -> Outcome:
        command = [*prefix, sys.executable, "-m", "fastecg", *map(str, words)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=300, check=False
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def without_root_rights() -> tuple[str, ...]:
    """Return how to start a command that permissions hold back, whoever starts it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return ()
    tool = shutil.which("setpriv")
    if tool is None:
        pytest.skip("as root, permissions hold a command back only with setpriv")
    return (tool, "--bounding-set=-dac_override,-dac_read_search")


Digests = Mapping[str, str]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture(scope="session")
def digests() -> Callable[[Path], Digests]:
    """Return a function that gives the hash of every file below a folder, by its name in it."""

    def of(folder: Path) -> Digests:
        return {
            str(path.relative_to(folder)): hashlib.blake2b(path.read_bytes()).hexdigest()
            for path in _files(folder)
        }

    return of
