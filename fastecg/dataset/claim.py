"""The plan of a run: a new one, the one that lies in its folder, or that one with more records or copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from fastecg.dataset.ledger import LEDGER, SUFFIX, Ledger, LedgerWriter
from fastecg.dataset.place import STATE
from fastecg.dataset.plan import Plan, head_of, load_plan, make_plan, source_head
from fastecg.dataset.records import Records, RecordTable
from fastecg.dataset.request import Run, SourceLike
from fastecg.errors import OutputError
from fastecg.formats.files import write_atomic
from fastecg.formats.writer import Writer

RUN: Final = "run.json"
SUMS: Final = "SHA256SUMS.txt"
_NAMES: Final[Mapping[str, str]] = {
    "fastecg": "version of fastecg",
    "versions": "version of a package",
    "seed": "seed",
    "recipe": "recipe",
    "format": "format",
    "unit": "format",
}


def claim(source: SourceLike, run: Run, *, alone: bool) -> Plan:
    """Return the plan of a run, saved in its folder.

    Parameters
    ----------
    source
        Where the records are.
    run
        What is asked for.
    alone
        No other run is at work in the folder: its plan may grow.

    Raises
    ------
    OutputError
        If the folder holds the pages of another run.
    """
    found = load_plan(run.output)
    if found is None:
        if (run.output / RUN).exists():
            raise _another(run.output, "one of an older version")
        plan = make_plan(source, run)
        _save(plan, run.output)
        return plan
    recipe, copies = run.loaded()
    head = head_of(recipe, run.files, seed=run.seed, copies=copies)
    differs = [key for key in _NAMES if head[key] != found.head[key]]
    if differs:
        raise _another(run.output, f"another {_NAMES[differs[0]]}{_which(found.head, head, differs[0])}")
    wanted = source_head(source, run)
    same = wanted == found.source and copies == found.copies
    if same and wanted["kind"] != "given" and not (alone and grows(run.files) and finished(run.output)):
        return found
    if copies < found.copies:
        raise _another(run.output, f"{found.copies} copies, not {copies}")
    plan = make_plan(source, run)
    if same and plan.records.digest == found.records.digest:
        return Plan(found.head, found.source, found.records, plan.given)
    if not (alone and grows(run.files)):
        raise _another(run.output, "other records" if copies == found.copies else f"{found.copies} copies")
    return _grown(found, plan, run.output)


def grows(writer: Writer) -> bool:
    """Return whether a dataset of this format may be given more pages: no file depends on a page's number."""
    return bool(getattr(writer, "grows", False))


def finished(output: Path) -> bool:
    """Return whether the dataset in a folder was completed, and nothing was begun since."""
    return (output / SUMS).exists()


def _which(found: Mapping[str, Any], wanted: Mapping[str, Any], key: str) -> str:
    """Return what differs, where it can be said in a few words."""
    if key == "recipe" and found[key]["name"] != wanted[key]["name"]:
        return f": {found[key]['name']}, not {wanted[key]['name']}"
    if key == "versions":
        names = [name for name in wanted[key] if wanted[key][name] != found[key].get(name)]
        return f": {names[0]} {found[key].get(names[0])}, not {wanted[key][names[0]]}" if names else ""
    return f": {found[key]}, not {wanted[key]}" if key in ("fastecg", "seed") else ""


def _another(output: Path, what: str) -> OutputError:
    return OutputError(
        f"{output} holds the pages of another run ({what})",
        "the same records, recipe, seed, format and versions",
        f"choose another folder, or remove this one ({RUN} in it says what it holds)",
    )


def _save(plan: Plan, output: Path) -> None:
    """Write down the plan, and what it says for people; ledgers of another plan go."""
    plan.save(output)
    public = {**plan.head, "records": len(plan.records), "pages": plan.pages}
    write_atomic(output / RUN, orjson.dumps(public, option=orjson.OPT_INDENT_2))
    mine = set(Ledger(output / STATE, plan.id).files())
    for path in (output / STATE).glob(f"{LEDGER}*{SUFFIX}"):
        if path not in mine:
            path.unlink(missing_ok=True)


def _grown(old: Plan, new: Plan, output: Path) -> Plan:
    """Return a plan of all pages of both, and hand over to it what is done already."""
    plan = Plan(new.head, new.source, _together(old.records, new.records), new.given)
    if plan.id == old.id:
        return replace(old, given=new.given)
    numbers = {row.key: number for number, row in enumerate(plan.records)}
    ledger = Ledger(output / STATE, old.id)
    ledger.read()
    moved = LedgerWriter(output / STATE, plan.id, "grown")
    try:
        for result in ledger:
            if result.files:
                name = old.page(result.unit)
                unit = plan.number(numbers[name.key], name.window, name.copy)
                moved.append(replace(result, unit=unit, failures=()))
    finally:
        moved.close()
    (output / SUMS).unlink(missing_ok=True)  # it vouches for the plan as it was
    _save(plan, output)
    return plan


def _together(old: Records, new: Records) -> Records:
    """Return the records of both tables, the new ones' order first; none loses windows."""
    before = {row.key: old.windows_of(number) for number, row in enumerate(old)}
    table = RecordTable()
    for number, row in enumerate(new):
        windows = max(new.windows_of(number), before.pop(row.key, 0))
        table.add(row if windows == new.windows_of(number) else replace(row, error="", message=""), windows)
    for number, row in enumerate(old):
        if row.key in before and old.windows_of(number):
            table.add(row, old.windows_of(number))
    return table.records()
