"""The lock of a dataset's folder: held by the process, so that none outlives it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastecg.dataset.place import STATE
from fastecg.errors import OutputError
from fastecg.formats.files import ensure_directory, explained

LOCK: Final = "lock"
WHOLE: Final = range(1 << 40)
"""All units that a plan can have; each is a byte of the lock file, which stays empty."""
PLANNING: Final = range(1 << 41, (1 << 41) + 1)
FINISHING: Final = range(1 << 42, (1 << 42) + 1)


@dataclass(slots=True)
class _Opened:
    """A lock file that this process has open, and the parts that it holds."""

    file: int
    users: int = 0
    held: list[range] = field(default_factory=list)


_opened: dict[str, _Opened] = {}
_guard = threading.Lock()
"""The system's locks are the process's: they do not hold between its threads, and go with the first close."""


@dataclass(slots=True)
class Lock:
    """Locks on parts of a dataset, until it is closed or the process ends in whatever way.

    Parameters
    ----------
    output
        The dataset's folder.

    Raises
    ------
    OutputError
        If the lock file cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with contextlib.closing(Lock(folder)) as one, contextlib.closing(Lock(folder)) as other:
    ...     one.take(range(0, 10)), other.take(range(10, 20)), other.take(range(5, 15))
    (True, True, False)
    """

    output: Path
    _name: str = ""
    _mine: list[range] = field(default_factory=list)

    def __post_init__(self) -> None:
        folder = self.output / STATE
        ensure_directory(folder)
        self._name = os.path.realpath(folder / LOCK)
        with _guard:
            if self._name not in _opened:
                try:
                    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
                except OSError as error:
                    raise explained(error, folder / LOCK) from error
                _opened[self._name] = _Opened(file)
            _opened[self._name].users += 1

    def take(self, part: range, *, wait: bool = False) -> bool:
        """Lock a part; return False if another run holds some of it and this one is not to wait."""
        if not part:
            return True
        with _guard:
            shared = _opened[self._name]
            if any(max(part.start, one.start) < min(part.stop, one.stop) for one in shared.held):
                return False
            shared.held.append(part)
        self._mine.append(part)
        if _lock(shared.file, part, wait=wait):
            return True
        self._mine.remove(part)
        with _guard:
            shared.held.remove(part)
        return False

    def release(self, part: range) -> None:
        """Unlock a part."""
        if part in self._mine:
            self._mine.remove(part)
            with _guard:
                shared = _opened[self._name]
                shared.held.remove(part)
                _unlock(shared.file, part)

    def close(self) -> None:
        """Unlock everything."""
        for part in list(self._mine):
            self.release(part)
        with _guard:
            shared = _opened[self._name]
            shared.users -= 1
            if not shared.users:
                os.close(shared.file)
                del _opened[self._name]


def busy(output: Path) -> OutputError:
    """Return the error of a folder in which another run is at work."""
    return OutputError(
        f"another run is at work in {output}", "", "wait for it, stop it, or choose another folder"
    )


if sys.platform == "win32":  # pragma: no cover - the other systems' locks are tested
    import msvcrt
    import time

    def _lock(file: int, part: range, *, wait: bool) -> bool:
        while True:
            os.lseek(file, part.start, os.SEEK_SET)
            with contextlib.suppress(OSError):
                msvcrt.locking(file, msvcrt.LK_NBLCK, min(len(part), (1 << 31) - 1))
                return True
            if not wait:
                return False
            time.sleep(0.1)

    def _unlock(file: int, part: range) -> None:
        os.lseek(file, part.start, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, min(len(part), (1 << 31) - 1))

else:
    import fcntl

    def _lock(file: int, part: range, *, wait: bool) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), len(part), part.start)
        except BlockingIOError:
            return False
        except PermissionError:  # what some systems say instead
            return False
        return True

    def _unlock(file: int, part: range) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, len(part), part.start)
