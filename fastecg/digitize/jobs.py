"""Which pages of which files are to be digitized, under which names, and which of them are done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastecg.digitize.pictures import SUFFIXES, count_pages
from fastecg.errors import FastECGError

REPORT: Final = "report.json"
LONGEST_NAME: Final = 100
WRITTEN: Final = (".hea", ".dat", ".json", "-overlay.png")
"""How the names of a page's files end; the third is written last, and says that the others are whole."""


@dataclass(frozen=True, slots=True)
class Job:
    """A page to digitize.

    Parameters
    ----------
    path
        The file, absolute.
    page
        Counted from 0 in the file.
    pages
        How many pages the file has.
    name
        The record's name in the output, of nobody else.
    """

    path: Path
    page: int
    pages: int
    name: str

    @property
    def told(self) -> str:
        """How the user is told of it."""
        return f"{self.path.name} page {self.page + 1}" if self.pages > 1 else self.path.name

    def source(self) -> dict[str, Any]:
        """Return what tells that a result is of this page as it is now."""
        found: dict[str, Any] = {"file": str(self.path), "page": self.page + 1}
        try:
            state = self.path.stat()
        except OSError:
            return found
        return {**found, "bytes": state.st_size, "changed_ns": state.st_mtime_ns}


def find_files(paths: Sequence[Path], output: Path) -> list[Path]:
    """Return the images and PDFs among files and, recursively, in folders; each once.

    Parameters
    ----------
    paths
        Files, which are taken whatever their name, and folders.
    output
        A folder that is left out: what earlier runs wrote.

    Raises
    ------
    FastECGError
        If a path does not exist, the output is one of the folders, or there is no image.
    """
    found: dict[Path, None] = {}
    kept = output.resolve()
    for path in paths:
        if not path.exists():
            raise FastECGError(f"{path} does not exist", "images, PDFs or folders of them")
        if not path.is_dir():
            found[path.resolve()] = None
        elif path.resolve() == kept:
            raise FastECGError(
                f"{path} is the folder of the images", "another folder", "choose another output folder"
            )
        else:
            files = (file.resolve() for file in sorted(path.rglob("*")) if _is_image(file))
            found.update((file, None) for file in files if kept not in file.parents)
    if not found:
        raise FastECGError("there is no image", ", ".join(SUFFIXES), "name an image or a folder of images")
    return list(found)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def plan_jobs(files: Sequence[Path], output: Path) -> list[Job]:
    """Give every page of every file a name of its own, and the one that it had in an earlier run.

    Raises
    ------
    FastECGError
        If there is a report in the output that is none of the digitizer's.
    """
    before = {
        (str(entry["file"]), int(entry.get("page", 1))): name for name, entry in read_report(output).items()
    }
    taken = {name.lower() for name in before.values()} | {"report"}
    jobs = []
    for path, page, pages in _pages(files):
        name = before.get((str(path), page + 1))
        if name is None:
            name = _free(path, page, pages, taken, output)
            taken.add(name.lower())
        jobs.append(Job(path, page, pages, name))
    return jobs


def _pages(files: Sequence[Path]) -> Iterator[tuple[Path, int, int]]:
    for path in files:
        pages = count_pages(path)
        for page in range(pages):
            yield path, page, pages


def _free(path: Path, page: int, pages: int, taken: set[str], output: Path) -> str:
    """Return a name like the file's that no page and no file in the output has."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)[:LONGEST_NAME].strip("_-") or "page"
    if pages > 1:
        plain = f"{plain}-p{page + 1:0{len(str(pages))}}"
    name, k = plain, 1
    while name.lower() in taken or any((output / f"{name}{end}").exists() for end in WRITTEN):
        k += 1
        name = f"{plain}-{k}"
    return name


def read_report(output: Path) -> dict[str, dict[str, Any]]:
    """Return the report in a folder: what became of each page, by its record's name; empty without one.

    Raises
    ------
    FastECGError
        If there is one of something else.
    """
    path = output / REPORT
    if not path.exists():
        return {}
    found = _read_json(path)
    if found is None or not all(isinstance(entry, dict) and "file" in entry for entry in found.values()):
        raise FastECGError(
            f"{path} is not a report of digitized images",
            "a folder of its own",
            "choose another output folder",
        )
    return found


def done_before(job: Job, output: Path, rate_hz: float) -> dict[str, Any] | None:
    """Return the report of a page that is digitized already, as its file is now; else None."""
    found = _read_json(output / f"{job.name}.json")
    if found is None or not all((output / f"{job.name}{end}").exists() for end in WRITTEN):
        return None
    wanted = {**job.source(), "sampling_rate_hz": rate_hz}
    return found if all(found.get(key) == value for key, value in wanted.items()) else None


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
