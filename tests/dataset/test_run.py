"""Dataset runs: going on where a run was, names that never collide, failures that never stop it.

Pages are compared byte by byte with those of other runs and of the Generator alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from PIL import Image

from fastecg.dataset.claim import RUN, SUMS
from fastecg.dataset.files import Files
from fastecg.dataset.finish import FAILURES
from fastecg.dataset.place import STATE, Entry, Folder
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import Summary, generate
from fastecg.dataset.sources import Source, find_sources
from fastecg.errors import OutputError, RecipeError
from fastecg.formats.files import TEMPORARY_SUFFIX
from fastecg.pipeline import Generator
from fastecg.recipe import Recipe, load_recipe
from fastecg.synthesis import builtin_record

pytestmark = pytest.mark.pages

Archive = Callable[..., Path]


HERE = Work(workers=0)
SAID = {RUN, SUMS}


def make(source: Path | Iterable[Source] | None, run: Run, limit: int | None = 2) -> Summary:
    return generate(source, replace(run, limit=limit), HERE)


def names(folder: Path) -> set[str]:
    """Return the files of a dataset, but for what is kept about it."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in files if not name.startswith(f"{STATE}/")}


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def test_second_run_skips_everything_and_writes_nothing(
    tmp_path: Path, recipe: Recipe, snapshot: Any
) -> None:
    run = Run(tmp_path, recipe, seed=3, copies=2, files=Files(annotations=("json", "wfdb")))
    first = make(None, run)
    assert (first.written, first.skipped, first.ok) == (4, 0, True)
    before = snapshot(tmp_path)
    second = make(None, run)
    assert (second.written, second.skipped, second.ok) == (0, 4, True)
    assert snapshot(tmp_path) == before


def test_more_copies_and_records_only_add(tmp_path: Path, recipe: Recipe, snapshot: Any) -> None:
    make(None, Run(tmp_path, recipe), limit=1)
    before = snapshot(tmp_path)
    more = make(None, Run(tmp_path, recipe, copies=2))
    assert (more.written, more.skipped) == (3, 1)
    after = snapshot(tmp_path)
    pages = {name for name in before if name.startswith("synthetic")}
    assert {name: after[name] for name in pages} == {name: before[name] for name in pages}
    stems = {f"synthetic-000{k}-0{copy}" for k in (0, 1) for copy in ("", "-copy1")}
    assert names(tmp_path) == SAID | {f"{stem}{suffix}" for stem in stems for suffix in (".json", ".png")}
    assert after["synthetic-0000-0.png"][0] != after["synthetic-0000-0-copy1.png"][0]


def test_a_missing_file_is_made_again(tmp_path: Path, recipe: Recipe, snapshot: Any) -> None:
    make(None, Run(tmp_path, recipe))
    before = snapshot(tmp_path)
    (tmp_path / "synthetic-0001-0.json").unlink()
    again = make(None, Run(tmp_path, recipe))
    assert (again.written, again.skipped) == (1, 1)
    assert {name: digest for name, (digest, _) in snapshot(tmp_path).items()} == {
        name: digest for name, (digest, _) in before.items()
    }


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"files": Files("jpeg")},
        {"files": Files(annotations=("json", "wfdb"), mask_unplotted=True)},
    ],
)
def test_another_run_is_refused(tmp_path: Path, recipe: Recipe, other: dict[str, Any]) -> None:
    make(None, Run(tmp_path, recipe), limit=1)
    before = names(tmp_path)
    with pytest.raises(OutputError, match=r"holds the pages of another run.*choose another folder"):
        make(None, Run(tmp_path, recipe, **other), limit=1)
    assert names(tmp_path) == before


def test_another_recipe_or_quality_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    make(None, Run(tmp_path, recipe, files=Files("jpeg", quality=80)), limit=1)
    with pytest.raises(OutputError, match="another run"):
        make(None, Run(tmp_path, recipe, files=Files("jpeg", quality=90)), limit=1)
    with pytest.raises(OutputError, match="another run"):
        make(None, Run(tmp_path, "varied", files=Files("jpeg", quality=80)), limit=1)


def test_keys_keep_folders_apart(tmp_path: Path, generator: Generator, archive: Archive) -> None:
    recipe = generator.recipe
    root = archive("a/r", "b/r", "b/c/r", "r")
    summary = make(root, Run(tmp_path / "out", recipe), limit=None)
    assert summary.written == 4
    stems = {"a/r-0", "b/r-0", "b/c/r-0", "r-0"}
    assert names(tmp_path / "out") == SAID | {f"{s}{end}" for s in stems for end in (".json", ".png")}
    for stem in stems:
        image = pixels(tmp_path / "out" / f"{stem}.png")
        key = stem.removesuffix("-0")
        record = next(one for one in find_sources(root, seed=0, limit=None) if one.key == key).read()
        page = generator.render_spec(record, generator.draw(record, key=key))
        np.testing.assert_array_equal(image, page.image)
        assert (tmp_path / "out" / f"{stem}.json").read_bytes() == page.truth.to_json(
            f"{stem.rpartition('/')[2]}.png"
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_files_cannot_have_do_not_collide(
    tmp_path: Path, recipe: Recipe, archive: Archive
) -> None:
    odd = ("a b", "a_20_b", "a*b", "a?b", "a%b", "a%2Ab", "a\nb", "a..", "a.", "-", "a\\b")
    root = archive(*odd)
    files = Files(annotations=("wfdb",))
    summary = make(root, Run(tmp_path / "out", recipe, files=files), limit=None)
    assert summary.written == len(odd)
    found = names(tmp_path / "out")
    for suffix in (".png", ".hea", ".dat"):
        assert len([name for name in found if name.endswith(suffix)]) == len(odd)
    assert not [name for name in found if set(name) & set('*?"<>|\\:\n')]


def test_order_and_company_change_nothing(
    tmp_path: Path, recipe: Recipe, archive: Archive, snapshot: Any
) -> None:
    root = archive("a", "b", "c")
    sources = list(find_sources(root, seed=0, limit=None))
    whole = Run(tmp_path / "whole", recipe, seed=5)
    generate(sources, whole, HERE)
    again = load_recipe("varied", {"page.dpi": 60})
    generate(reversed(sources), Run(tmp_path / "back", again, seed=5), HERE)
    for source in sources:
        generate([source], Run(tmp_path / "single", recipe, seed=5), HERE)

    def bytes_of(folder: str) -> dict[str, str]:
        found = {name: digest for name, (digest, _) in snapshot(tmp_path / folder).items()}
        return {name: found[name] for name in names(tmp_path / folder) - {SUMS}}

    assert bytes_of("back") == bytes_of("whole")
    assert bytes_of("single") == bytes_of("whole")


@pytest.mark.parametrize(
    ("duration_s", "starts"), [(9.0, [0]), (14.9, [0]), (15.0, [0, 5000]), (25.0, [0, 5000, 10000])]
)
def test_windows_of_long_records(
    tmp_path: Path, recipe: Recipe, archive: Archive, duration_s: float, starts: list[int]
) -> None:
    root = archive("long", duration_s=duration_s)
    assert make(root, Run(tmp_path / "out", recipe)).written == len(starts)
    for window, start in enumerate(starts):
        truth = orjson.loads((tmp_path / "out" / f"long-{window}.json").read_bytes())
        assert truth["record"]["window"] == window
        assert truth["record"]["start_sample"] == start
        assert truth["spec"]["window"]["start_sample"] == start
        ends = [lead["end_sample"] for lead in truth["leads"]]
        assert 0 < max(ends) <= min(5000, round(duration_s * 500) - start)
    assert not (tmp_path / "out" / f"long-{len(starts)}.json").exists()


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path, recipe: Recipe, archive: Archive) -> None:
    root = archive("a/r", "r")
    output = tmp_path / "out"
    make(root, Run(output, recipe))
    unfinished = Folder(output).unfinished
    assert not unfinished.parent.exists()
    unfinished.mkdir(parents=True)
    (unfinished / f"0123{TEMPORARY_SUFFIX}").write_bytes(b"half")
    for folder in (output, output / "a"):
        (folder / "mine.txt").write_bytes(b"mine")
    (output / "a" / "r-0.png").unlink()
    make(root, Run(output, recipe))
    assert names(output) == {
        *(f"{folder}r-0{suffix}" for folder in ("", "a/") for suffix in (".png", ".json")),
        *("mine.txt", "a/mine.txt", *SAID),
    }
    assert not unfinished.parent.exists()


class Broken:
    """A record that cannot be read, in a way no reader foresees."""

    key = "broken"

    def read(self) -> Any:
        raise ZeroDivisionError("by nothing")


def failures(output: Path) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in (output / FAILURES).read_bytes().splitlines()]


def test_failures_are_listed_and_forgotten_when_mended(tmp_path: Path, recipe: Recipe) -> None:
    good = list(find_sources(None, seed=0, limit=2))
    seen: list[Any] = []
    summary = generate([Broken(), *good], Run(tmp_path, recipe), HERE, on_event=seen.append)
    assert (summary.written, summary.failed, summary.ok) == (2, 1, False)
    assert [event["event"] for event in seen] == ["start", "failure", "unit", "unit", "end"]
    assert (seen[0]["pages"], seen[1]["record"], seen[-1]["written"]) == (2, "broken", 2)
    assert failures(tmp_path) == [
        {"record": "broken", "error": "ZeroDivisionError", "message": "ZeroDivisionError: by nothing"}
    ]
    assert generate(good, Run(tmp_path, recipe), HERE).ok
    assert not (tmp_path / FAILURES).exists()


def test_a_page_that_cannot_be_drawn_is_a_failure(tmp_path: Path) -> None:
    crowded = load_recipe("clean", {"page.dpi": 60, "layout": {"rows": 2, "columns": 2}})
    summary = make(None, Run(tmp_path, crowded))
    assert (summary.written, summary.failed, summary.stopped) == (0, 2, "")
    assert failures(tmp_path)[0]["record"] == "synthetic-0000 window 0 copy 0"
    assert "4 leads" in failures(tmp_path)[0]["message"]


class Named:
    """The first built-in record under another key."""

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self) -> Any:
        return builtin_record(0).record


def test_names_that_are_too_long_do_not_stop_the_run(tmp_path: Path, recipe: Recipe) -> None:
    sources: list[Source] = [Named("x" * 300 + str(k)) for k in range(4)]
    summary = generate([*sources, Named("short")], Run(tmp_path, recipe), HERE)
    assert (summary.written, summary.failed, summary.stopped) == (1, 4, "")
    assert {one["error"] for one in failures(tmp_path)} == {"OutputError"}
    assert all("the name is too long; shorten it" in one["message"] for one in failures(tmp_path))


def test_a_file_in_the_way_of_a_folder_does_not_stop_the_run(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "sub").write_bytes(b"mine")
    (tmp_path / "last-0.png").mkdir()
    sources = [*(Named(f"sub/{k}") for k in range(4)), Named("last"), Named("z")]
    summary = generate(sources, Run(tmp_path, recipe), HERE)
    assert (summary.written, summary.skipped, summary.failed, summary.stopped) == (1, 0, 5, "")
    assert not (tmp_path / "last-0.json").exists()
    assert (tmp_path / "sub").read_bytes() == b"mine"


def test_a_full_disk_stops_the_run_within_a_record(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open
    full = iter([False] * (4 + 2 * 2) + [True] * 100)  # the plan's files, and two pages

    def open_(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name.endswith(TEMPORARY_SUFFIX) and next(full):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_)
    (tmp_path / FAILURES).write_bytes(b"of an earlier run")
    summary = generate([Named("a")], Run(tmp_path, recipe, copies=50), HERE)
    monkeypatch.undo()
    assert (summary.written, summary.failed) == (2, 3)
    assert summary.stopped.startswith("3 pages in a row could not be written; failures.jsonl")
    assert all("no space left" in failure.message for failure in summary.failures)
    assert names(tmp_path) == {RUN, "a-0.json", "a-0.png", "a-0-copy1.json", "a-0-copy1.png"}
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(TEMPORARY_SUFFIX)]
    again = generate([Named("a")], Run(tmp_path, recipe, copies=50), HERE)
    assert (again.written, again.skipped, again.ok) == (48, 2, True)


def test_a_disk_that_is_full_now_and_then_does_not_stop_the_run(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Folder.write

    def write(place: Folder, path: str, chunks: Any) -> Entry:
        if path.startswith("full"):
            raise OutputError("no space left") from OSError(errno.ENOSPC, "full")
        return written(place, path, chunks)

    monkeypatch.setattr(Folder, "write", write)
    keys = ("full1", "full2", "a", "full3", "full4", "b")
    summary = generate([Named(key) for key in keys], Run(tmp_path, recipe), HERE)
    assert (summary.written, summary.failed, summary.stopped) == (2, 4, "")
    in_a_row = ("full1", "full2", "full3", "c")
    summary = generate([Named(key) for key in in_a_row], Run(tmp_path, recipe), HERE)
    assert (summary.written, summary.failed) == (0, 3)
    assert summary.stopped == "3 pages in a row could not be written"


def test_messages_that_are_no_unicode_can_be_listed(tmp_path: Path, recipe: Recipe) -> None:
    class Odd(Broken):
        def read(self) -> Any:
            raise RecipeError("file caf\udce9.hea")

    generate([Odd()], Run(tmp_path, recipe), HERE)
    assert failures(tmp_path)[0]["message"] == r"file caf\udce9.hea"


def test_the_output_may_lie_among_the_records(
    tmp_path: Path, recipe: Recipe, archive: Archive, snapshot: Any
) -> None:
    root = archive("a", "z/b")
    run = Run(root / "pages", recipe, files=Files(annotations=("json", "wfdb")))
    assert make(root, run, limit=None).written == 2
    before = snapshot(root)
    assert make(root, run, limit=None).skipped == 2
    assert snapshot(root) == before
    with pytest.raises(OutputError, match="is the folder of the records"):
        find_sources(root, seed=0, limit=None, output=root / "pages" / "..")
