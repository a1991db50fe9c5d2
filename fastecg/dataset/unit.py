"""Making a unit of a plan: its pages are rendered, encoded and written; what fails is left out and named."""

from __future__ import annotations

import errno
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastecg.dataset.place import STATE, Entry, Place
from fastecg.dataset.plan import Plan, message_of
from fastecg.dataset.sources import Source
from fastecg.errors import OutputError, RecordWarning
from fastecg.formats.registry import make_writer
from fastecg.formats.writer import Encoded, PageName, Writer
from fastecg.pipeline import Generator
from fastecg.record import Record

_RECORDS_KEPT: Final = 4
_WRONG_NAME: Final = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
"""What a system says that refuses one name, though others can be written."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Pages that failed: their key, the kind of error and the message.

    Parameters
    ----------
    key
        The record, or the record with window and copy where it is one page.
    error, message
        The kind of error, and what it says.
    first, count
        The pages, by their numbers in the plan; ``count`` is 0 for a record that has none.
    stops
        Other pages will fail for the same reason, as on a full disk.
    record
        The whole record failed: its other pages need not be tried.
    """

    key: str
    error: str
    message: str
    first: int = 0
    count: int = 0
    stops: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of a unit, or of several in a row that failed for one reason.

    Parameters
    ----------
    unit, count
        The units.
    files
        The files that were written.
    rows
        What the pages add to the files that list the dataset.
    failures
        The pages that are missing.
    pages
        How many pages are in the files.
    notes
        What was mended in the records.
    kept
        The files of an earlier run were left alone: what failed then failed again.
    """

    unit: int
    count: int = 1
    files: tuple[Entry, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    failures: tuple[Failure, ...] = ()
    pages: int = 0
    notes: tuple[str, ...] = ()
    kept: bool = False

    @property
    def stops(self) -> bool:
        """Whether other units will fail for the same reason."""
        return any(failure.stops for failure in self.failures)


class StoppedError(Exception):
    """A unit was given up because the run is to stop."""


@dataclass(slots=True)
class Watch:
    """What a maker tells while it works, and asks.

    Parameters
    ----------
    on_page
        Called with the number of each page before it is begun.
    stopping
        Asked after each page whether to give the unit up.
    """

    on_page: Callable[[int], None] = lambda _: None
    stopping: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Maker:
    """Makes units of a plan, one after another; keeps what consecutive pages share.

    Parameters
    ----------
    plan
        The plan.
    place
        Where the files go.
    writer
        The format; that of the plan unless given.
    backend
        ``auto``, ``cpu`` or ``reference``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from fastecg.dataset.place import Folder
    >>> from fastecg.dataset.plan import make_plan
    >>> from fastecg.dataset.request import Run
    >>> output = Path(tempfile.mkdtemp())
    >>> plan = make_plan(None, Run(output, limit=2))
    >>> [entry.path for entry in Maker(plan, Folder(output)).make(1).files]
    ['synthetic-0001-0.json', 'synthetic-0001-0.png']
    """

    plan: Plan
    place: Place
    writer: Writer | None = None
    backend: str = "auto"
    sources: Mapping[int, Source] = field(default_factory=dict)
    _generator: Generator | None = None
    _records: OrderedDict[int, Record | Failure] = field(default_factory=OrderedDict)
    _notes: list[str] = field(default_factory=list)

    def make(
        self,
        unit: int,
        skip: Mapping[int, Failure] | None = None,
        mend: tuple[int, ...] = (),
        watch: Watch | None = None,
    ) -> UnitResult:
        """Make a unit.

        Parameters
        ----------
        unit
            Its number.
        skip
            Pages not to try, by number, and why.
        mend
            Pages that failed in an earlier run: the unit is made again only if one of them succeeds.
        watch
            Is told what is being done.

        Raises
        ------
        StoppedError
            If the watch says so.
        """
        watch, skip, self._notes = watch or Watch(), skip or {}, []
        if mend:
            again = [self._encoded(self.plan.page(n), skip, watch) for n in mend]
            failures = tuple(one for one in again if isinstance(one, Failure))
            if len(failures) == len(again):
                return UnitResult(unit, failures=failures, notes=tuple(self._notes), kept=True)
        tried = [self._encoded(self.plan.page(n), skip, watch) for n in self.plan.pages_of(unit)]
        failures = tuple(one for one in tried if isinstance(one, Failure))
        return self._written(unit, [one for one in tried if isinstance(one, Encoded)], failures)

    def _written(self, unit: int, pages: list[Encoded], failures: tuple[Failure, ...]) -> UnitResult:
        notes = tuple(self._notes)
        if not pages:
            return UnitResult(unit, failures=failures, notes=notes)
        files: list[Entry] = []
        try:
            for piece in self._format().unit_files(unit, pages):
                if piece.path.split("/")[0] == STATE:
                    raise OutputError(f"{piece.path} is in the folder of the plan", "another name")
                files.append(self.place.write(piece.path, [piece.content]))
        except Exception as error:  # noqa: BLE001 - whatever a disk says must not stop the others
            for entry in files:  # without the others they would be half a page
                self.place.remove(entry.path)
            failures += (failure_of(self.plan, self.plan.pages_of(unit), error),)
            return UnitResult(unit, failures=failures, notes=notes)
        rows = tuple(page.row for page in pages if page.row is not None)
        return UnitResult(unit, 1, tuple(files), rows, failures, len(pages), notes)

    def _encoded(self, name: PageName, skip: Mapping[int, Failure], watch: Watch) -> Encoded | Failure:
        if watch.stopping():
            raise StoppedError
        if name.number in skip:
            return skip[name.number]
        watch.on_page(name.number)
        record = self._record(self.plan.record_of(name.number))
        if isinstance(record, Failure):
            return record
        try:
            if self._generator is None:
                self._generator = Generator(self.plan.recipe, self.backend)
            spec = self._generator.draw(
                record, key=name.key, seed=self.plan.seed, copy=name.copy, window=name.window
            )
            return self._format().encode(self._generator.render_spec(record, spec), name)
        except Exception as error:  # noqa: BLE001 - whatever a record holds must not stop the others
            return failure_of(self.plan, range(name.number, name.number + 1), error)

    def _format(self) -> Writer:
        if self.writer is None:
            self.writer = writer_of(self.plan.head["format"])
        return self.writer

    def _record(self, number: int) -> Record | Failure:
        """Return a record, or why it cannot be read; the last few are kept, the others read again."""
        if number in self._records:
            self._records.move_to_end(number)
            return self._records[number]
        source = self.sources.get(number) or self.plan.source_of(number)
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", RecordWarning)
                record: Record | Failure = source.read()
            told = [one.message for one in caught if issubclass(one.category, RecordWarning)]
            self._notes += [f"{source.key}: {message}" for message in told]
        except Exception as error:  # noqa: BLE001 - as above
            record = record_failure(self.plan, number, type(error).__name__, message_of(error))
        self._records[number] = record
        if len(self._records) > _RECORDS_KEPT:
            self._records.popitem(last=False)
        return record


def record_failure(plan: Plan, number: int, error: str, message: str) -> Failure:
    """Return the failure of all pages of a record."""
    pages = plan.pages_of_record(number)
    return Failure(plan.records[number].key, error, message, pages.start, len(pages), record=True)


def failure_of(plan: Plan, pages: range, error: Exception) -> Failure:
    """Return the failure of a page, or of the pages of a unit that cannot be written."""
    name = plan.page(pages.start)
    key = f"{name.key} window {name.window} copy {name.copy}"
    if len(pages) > 1:
        key += f" and {len(pages) - 1} pages after it"
    cause = error.__cause__
    stops = isinstance(error, OutputError) and isinstance(cause, OSError) and cause.errno not in _WRONG_NAME
    return Failure(key, type(error).__name__, message_of(error), pages.start, len(pages), stops)


def writer_of(description: Mapping[str, Any]) -> Writer:
    """Return the writer that describes itself so.

    Raises
    ------
    RecipeError
        If there is no such format.

    Examples
    --------
    >>> writer_of({"format": "files", "image": "jpeg", "quality": 90}).describe()["quality"]
    90
    """
    options = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in description.items()
        if key != "format"
    }
    return make_writer(description["format"], **options)


def run_unit(plan: Plan, unit: int, place: Place, backend: str = "auto") -> UnitResult:
    """Make one unit of a plan in this process; a :class:`Maker` makes several faster.

    Parameters
    ----------
    plan
        The plan, such as :func:`fastecg.dataset.plan.load_plan` reads it.
    unit
        Number of the unit, of ``plan.units()``.
    place
        Where its files go.
    backend
        ``auto``, ``cpu``, ``cuda`` or ``reference``.
    """
    return Maker(plan, place, backend=backend).make(unit)
