"""Checking a dataset's files against the checksums that its last run left."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.finish import FAILURES
from fastecg.dataset.ledger import Ledger
from fastecg.dataset.place import STATE
from fastecg.dataset.plan import load_plan
from fastecg.errors import OutputError

REPORT: Final = "report.html"
_OWN: Final = frozenset({SUMS, REPORT})
"""Files that have no checksum: these themselves, and what tells of a run."""
_THREADS: Final = 4
_AT_ONCE: Final = 4096


@dataclass(slots=True)
class Findings:
    """What checking a dataset found.

    Parameters
    ----------
    checked
        Files that have a checksum.
    finished
        The dataset is complete; if not, only what is done of it was checked.
    missing, changed, extra
        Files that are not there, have other bytes, or have no checksum; by their paths.
    """

    checked: int = 0
    finished: bool = True
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the dataset is complete and all of it is as it was written."""
        return self.finished and not (self.missing or self.changed or self.extra)


def verify(folder: Path) -> Findings:
    """Check every file of a dataset.

    Parameters
    ----------
    folder
        The dataset's folder.

    Raises
    ------
    OutputError
        If it is no dataset, or a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from fastecg.dataset.request import Run, Work
    >>> from fastecg.dataset.run import generate
    >>> output = Path(tempfile.mkdtemp())
    >>> _ = generate(None, Run(output, limit=1), Work(workers=0))
    >>> (output / "mine.txt").touch()
    >>> verify(output).extra
    ['mine.txt']
    """
    findings = Findings()
    known: list[int] = []
    sums = _sums(folder, findings)
    with ThreadPoolExecutor(_THREADS) as pool:
        while some := list(islice(sums, _AT_ONCE)):
            for (path, wanted), found in zip(
                some, pool.map(_sha256, [folder / path for path, _ in some]), strict=True
            ):
                findings.checked += 1
                known.append(_short(path))
                if not found:
                    findings.missing.append(path)
                elif found != wanted:
                    findings.changed.append(path)
    if not findings.finished:
        known += [_short(name) for name in (RUN, FAILURES)]
    listed = np.unique(np.array(known, np.uint64))
    findings.extra = [path for path in _files(folder) if not _has(listed, path)]
    return findings


def _sums(folder: Path, findings: Findings) -> Iterator[tuple[str, str]]:
    """Yield paths and checksums; of a dataset that is not complete, those of what is done."""
    try:
        with (folder / SUMS).open(encoding="utf-8", newline="\n") as file:
            for line in file:
                digest, _, path = line.rstrip("\n").partition("  ")
                yield path, digest
    except FileNotFoundError:
        plan = load_plan(folder)
        if plan is None:
            raise OutputError(
                f"{folder} has neither {SUMS} nor a plan", "the folder of a dataset", "check the path"
            ) from None
        findings.finished = False
        ledger = Ledger(folder / STATE, plan.id)
        ledger.read()
        yield from ((entry.path, entry.sha256) for result in ledger for entry in result.files)
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{folder / SUMS} cannot be read ({error})") from None


def _sha256(path: Path) -> str:
    """Return the checksum of a file; nothing if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise OutputError(f"{path} cannot be read ({error.strerror})") from None


def _files(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, but for what tells of runs."""
    for above, folders, names in os.walk(folder):
        inner = Path(above).relative_to(folder)
        folders[:] = sorted(name for name in folders if (inner / name) != Path(STATE))
        for name in sorted(names):
            path = (inner / name).as_posix()
            if path not in _OWN:
                yield path


def _short(path: str) -> int:
    return int.from_bytes(hashlib.blake2b(os.fsencode(path), digest_size=8).digest(), "little")


def _has(listed: NDArray[np.uint64], path: str) -> bool:
    position = int(np.searchsorted(listed, np.uint64(_short(path))))
    return position < len(listed) and int(listed[position]) == _short(path)
