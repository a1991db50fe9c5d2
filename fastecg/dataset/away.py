"""A dataset that lies elsewhere: what is known of it is kept in a folder here, and copied there."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import orjson

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.finish import FAILURES
from fastecg.dataset.ledger import LEDGER, SUFFIX, LedgerWriter
from fastecg.dataset.lock import LOCK
from fastecg.dataset.place import STATE, Entry, Folder
from fastecg.dataset.plan import PLAN
from fastecg.dataset.remote import Remote
from fastecg.dataset.unit import UnitResult
from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic

BEAT_S: Final = 10.0
"""Between the signs of life of a run."""
WATCH_S: Final = 35.0
"""How long a run that may be dead is watched for them; no two machines' clocks are compared."""
PUSH_S: Final = 20.0
"""Between the copies of what is done: work that others would do again if this machine were lost."""
_LEASE: Final = "lease-"
_MINE: Final = "leases"
_FINISHED: Final = f"{LEDGER}{SUFFIX}"
_TRIES: Final = 5

Shard = tuple[int, int]


@dataclass(slots=True)
class Away:
    """The place of a dataset at an address, for one run at a time.

    The address gets what a dataset's folder has: the pages and, in ``.fastecg``, plan and ledgers,
    so that a run on any machine can go on. The plan, its records and each batch of the ledger are
    files put as a whole; the checksums come last. Object stores have no locks: a run leaves a file
    that it renews, and is refused while another one that makes the same pages renews its own. Were
    two at work all the same, they would write the same bytes.

    Parameters
    ----------
    near
        Folder of the notes.
    far
        The address.
    shard
        The part of the plan that the run makes.
    """

    near: Path
    far: Remote
    shard: Shard = (1, 1)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    lost: bool = False
    _pushed: dict[str, tuple[int, int]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _next: float = 0.0
    _beats: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold the lease as long as the block runs, after fetching what is known of the dataset.

        Raises
        ------
        OutputError
            If another run is at work there, or the address cannot be read or written.
        """
        self._beat()
        _note(self.near, self.id)
        thread = threading.Thread(target=self._live, daemon=True)
        thread.start()
        try:
            self._wait_for_others()
            self.pull()
            self._sizes = self.far.sizes()
            self._next = time.monotonic() + PUSH_S
            yield
        finally:
            self._over.set()
            thread.join()
            self.far.remove(self._lease)

    def write(self, path: str, chunks: Iterable[bytes | memoryview]) -> Entry:
        """Write a file; see :class:`fastecg.dataset.place.Place`."""
        if path.startswith(f"{STATE}/"):
            return Folder(self.near).write(path, chunks)
        if path != SUMS:
            return self.far.write(path, chunks)
        self.push()
        entry = self.far.write(path, chunks)
        write_atomic(self.near / SUMS, b"")  # that it is there is all that matters here
        return entry

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        Folder(self.near).remove(path)
        self.far.remove(path)

    def tidy(self) -> None:
        """Remove what a killed run left unfinished."""
        Folder(self.near).tidy()

    def holds(self, result: UnitResult) -> bool:
        """Return whether a unit's files are there and whole, as far as their sizes tell."""
        return all(self._sizes.get(entry.path) == entry.size for entry in result.files)

    def took(self, result: UnitResult, ledger: LedgerWriter) -> None:
        """Take note of a result, and now and then send what is noted.

        Raises
        ------
        OutputError
            If that fails, or another run has taken over.
        """
        self._sizes.update((entry.path, entry.size) for entry in result.files)
        if self.lost:
            raise OutputError(f"another run has taken over {self.far.url}", "", "let it end")
        if time.monotonic() > self._next:
            ledger.close()  # the next line begins another batch
            self.push()
            self._next = time.monotonic() + PUSH_S

    def push(self) -> None:
        """Send what is noted here and not there, the plan last; remove there what is gone here.

        Raises
        ------
        OutputError
            If that fails.
        """
        here = {name: self.near / name for name in (FAILURES, RUN) if (self.near / name).exists()}
        for path in sorted((self.near / STATE).iterdir()):
            if path.is_file() and path.name not in (LOCK, _MINE, PLAN):
                here[f"{STATE}/{path.name}"] = path
        if (self.near / STATE / PLAN).exists():
            here[f"{STATE}/{PLAN}"] = self.near / STATE / PLAN
        for name, path in here.items():
            if self._pushed.get(name) != _signature(path):
                self.far.write(name, _chunks(path))
                self._pushed[name] = _signature(path)
        for name in [name for name in self._pushed if name not in here]:
            self.far.remove(name)
            del self._pushed[name]

    def meet(self) -> None:
        """Send what this run did, and fetch what others did meanwhile."""
        self.push()
        self.pull()

    def pull(self) -> None:
        """Fetch what is noted there; what is noted of another plan here goes.

        Raises
        ------
        OutputError
            If that fails.
        """
        for _ in range(_TRIES):
            if self._pulled():
                return
        raise OutputError(f"{self.far.url} changes all the time", "one run at a time")

    def _pulled(self) -> bool:
        """Fetch all; return False if something went away meanwhile, as when another shard completes."""
        folder = self.near / STATE
        there = {
            name: size
            for name, size in self.far.sizes(STATE).items()
            if name.count("/") == 1 and not name.startswith(f"{STATE}/{_LEASE}")
        }
        plan = self.far.read(f"{STATE}/{PLAN}")
        if plan is None or not (folder / PLAN).exists() or (folder / PLAN).read_bytes() != plan:
            self._forget()
        before = _read(folder / _FINISHED)
        for name in sorted(there):
            path = self.near / name
            fixed = (
                path.name not in (PLAN, _FINISHED) and path.exists() and path.stat().st_size == there[name]
            )
            if not (fixed or self.far.fetch(name, path)):
                return False
            self._pushed[name] = _signature(path)
        if before != _read(folder / _FINISHED):
            for path in folder.glob(f"{LEDGER}-*{SUFFIX}"):
                if f"{STATE}/{path.name}" not in there:
                    path.unlink()  # its lines are in the finished one
                    self._pushed.pop(f"{STATE}/{path.name}", None)
        for name in (RUN, FAILURES):
            if self.far.fetch(name, self.near / name):
                self._pushed[name] = _signature(self.near / name)
            else:
                (self.near / name).unlink(missing_ok=True)
        (self.near / SUMS).unlink(missing_ok=True)
        if self.far.has(SUMS):
            write_atomic(self.near / SUMS, b"")
        return True

    def _forget(self) -> None:
        self._pushed.clear()
        for path in (self.near / STATE).iterdir():
            if path.name not in (LOCK, _MINE):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def _lease(self) -> str:
        part, parts = self.shard
        return f"{STATE}/{_LEASE}{part}-of-{parts}-{self.id}"

    def _beat(self) -> None:
        self._beats += 1
        self.far.write(self._lease, [orjson.dumps({"beat": self._beats})])

    def _live(self) -> None:
        """Show that this run is alive, until it ends or finds that others believed it dead."""
        while not self._over.wait(BEAT_S):
            with contextlib.suppress(OutputError):  # the network; the run itself will say so
                if self.far.read(self._lease) is None:
                    self.lost = True
                    return
                self._beat()

    def _wait_for_others(self) -> None:
        mine = _noted(self.near)
        others = {}
        for name in self.far.sizes(STATE):
            lease = name.removeprefix(f"{STATE}/{_LEASE}")
            if name in (lease, self._lease) or not _overlap(lease, self.shard):
                continue
            if lease.rpartition("-")[2] in mine:  # of a run that ended: its lock on the notes is ours now
                self.far.remove(name)
            else:
                others[name] = self.far.read(name)
        if not others:
            return
        time.sleep(WATCH_S)
        for name, before in others.items():
            now = self.far.read(name)
            if now not in (before, None):
                raise OutputError(
                    f"another run is at work in {self.far.url}",
                    "",
                    "wait for it, stop it, or choose another address",
                )
            self.far.remove(name)


def _overlap(lease: str, shard: Shard) -> bool:
    """Return whether a lease may be on some of the units of a shard.

    Examples
    --------
    >>> [_overlap(f"{k}-of-4-0123", (1, 2)) for k in (1, 2, 3)]
    [True, True, False]
    """
    part, _, parts, *_ = lease.split("-")
    begin, end = (Fraction(int(part) - k, int(parts)) for k in (1, 0))
    mine = (Fraction(shard[0] - k, shard[1]) for k in (1, 0))
    return max(begin, next(mine)) < min(end, next(mine))


def _note(near: Path, id: str) -> None:
    with (near / STATE / _MINE).open("a", encoding="utf-8") as file:
        file.write(f"{id}\n")


def _noted(near: Path) -> frozenset[str]:
    return frozenset((near / STATE / _MINE).read_text(encoding="utf-8").split())


def _signature(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _chunks(path: Path) -> list[bytes] | Iterator[bytes]:
    """Return a file's content, that of a long one in pieces."""
    if path.stat().st_size < 1 << 20:
        return [path.read_bytes()]
    return _pieces(path)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
