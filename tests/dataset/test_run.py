"""Dataset runs: going on where a run was, names that never collide, failures that never stop it.

Pages are compared byte by byte with those of other runs and of the Generator alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from PIL import Image

from fastecg.dataset.files import Files
from fastecg.dataset.run import FAILURES, RUN, Run, Summary, generate
from fastecg.dataset.sources import Source, find_sources
from fastecg.errors import OutputError, RecipeError
from fastecg.formats.bands import BandMemory
from fastecg.formats.files import TEMPORARY_SUFFIX
from fastecg.page import Page
from fastecg.pipeline import Generator
from fastecg.synthesis import builtin_record

pytestmark = pytest.mark.pages

Archive = Callable[..., Path]


def make(root: Path | None, generator: Generator, run: Run, limit: int | None = 2) -> Summary:
    return generate(find_sources(root, seed=run.seed, limit=limit, output=run.output), generator, run)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def test_second_run_skips_everything_and_writes_nothing(
    tmp_path: Path, generator: Generator, snapshot: Any
) -> None:
    run = Run(tmp_path, seed=3, copies=2, files=Files(annotations=("json", "wfdb")))
    first = make(None, generator, run)
    assert (first.written, first.skipped, first.ok) == (4, 0, True)
    before = snapshot(tmp_path)
    second = make(None, generator, run)
    assert (second.written, second.skipped, second.ok) == (0, 4, True)
    assert snapshot(tmp_path) == before


def test_more_copies_and_records_only_add(tmp_path: Path, generator: Generator, snapshot: Any) -> None:
    make(None, generator, Run(tmp_path), limit=1)
    before = snapshot(tmp_path)
    more = make(None, generator, Run(tmp_path, copies=2))
    assert (more.written, more.skipped) == (3, 1)
    after = snapshot(tmp_path)
    assert {name: after[name] for name in before} == before
    stems = {f"synthetic-000{k}-0{copy}" for k in (0, 1) for copy in ("", "-copy1")}
    assert after.keys() == {RUN} | {f"{stem}{suffix}" for stem in stems for suffix in (".json", ".png")}
    assert after["synthetic-0000-0.png"][0] != after["synthetic-0000-0-copy1.png"][0]


def test_a_missing_file_is_made_again(tmp_path: Path, generator: Generator, snapshot: Any) -> None:
    make(None, generator, Run(tmp_path))
    before = snapshot(tmp_path)
    (tmp_path / "synthetic-0001-0.json").unlink()
    again = make(None, generator, Run(tmp_path))
    assert (again.written, again.skipped) == (1, 1)
    assert {name: digest for name, (digest, _) in snapshot(tmp_path).items()} == {
        name: digest for name, (digest, _) in before.items()
    }


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"files": Files("jpeg")},
        {"files": Files(mask_unplotted=True)},
    ],
)
def test_another_run_is_refused(tmp_path: Path, generator: Generator, other: dict[str, Any]) -> None:
    make(None, generator, Run(tmp_path), limit=1)
    before = names(tmp_path)
    with pytest.raises(OutputError, match=r"holds the pages of another run.*choose another folder"):
        make(None, generator, Run(tmp_path, **other), limit=1)
    assert names(tmp_path) == before


def test_another_recipe_or_quality_is_refused(tmp_path: Path, generator: Generator) -> None:
    make(None, generator, Run(tmp_path, files=Files("jpeg", quality=80)), limit=1)
    with pytest.raises(OutputError, match="another run"):
        make(None, generator, Run(tmp_path, files=Files("jpeg", quality=90)), limit=1)
    with pytest.raises(OutputError, match="another run"):
        make(None, Generator("varied"), Run(tmp_path, files=Files("jpeg", quality=80)), limit=1)


def test_keys_keep_folders_apart(tmp_path: Path, generator: Generator, archive: Archive) -> None:
    root = archive("a/r", "b/r", "b/c/r", "r")
    summary = make(root, generator, Run(tmp_path / "out"), limit=None)
    assert summary.written == 4
    stems = {"a/r-0", "b/r-0", "b/c/r-0", "r-0"}
    assert names(tmp_path / "out") == {RUN} | {f"{s}{end}" for s in stems for end in (".json", ".png")}
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
    tmp_path: Path, generator: Generator, archive: Archive
) -> None:
    odd = ("a b", "a_20_b", "a*b", "a?b", "a%b", "a%2Ab", "a\nb", "a..", "a.", "-", "a\\b")
    root = archive(*odd)
    files = Files(annotations=("wfdb",))
    summary = make(root, generator, Run(tmp_path / "out", files=files), limit=None)
    assert summary.written == len(odd)
    found = names(tmp_path / "out")
    for suffix in (".png", ".hea", ".dat"):
        assert len([name for name in found if name.endswith(suffix)]) == len(odd)
    assert not [name for name in found if set(name) & set('*?"<>|\\:\n')]


def test_order_and_company_change_nothing(
    tmp_path: Path, generator: Generator, archive: Archive, snapshot: Any
) -> None:
    root = archive("a", "b", "c")
    sources = list(find_sources(root, seed=0, limit=None))
    whole = Run(tmp_path / "whole", seed=5)
    generate(sources, generator, whole)
    generate(
        reversed(sources), Generator("varied", overrides={"page.dpi": 60}), Run(tmp_path / "back", seed=5)
    )
    for source in sources:
        generate([source], generator, Run(tmp_path / "single", seed=5))

    def bytes_of(folder: str) -> dict[str, str]:
        return {name: digest for name, (digest, _) in snapshot(tmp_path / folder).items()}

    assert bytes_of("back") == bytes_of("whole")
    assert bytes_of("single") == bytes_of("whole")


@pytest.mark.parametrize(
    ("duration_s", "starts"), [(9.0, [0]), (14.9, [0]), (15.0, [0, 5000]), (25.0, [0, 5000, 10000])]
)
def test_windows_of_long_records(
    tmp_path: Path, generator: Generator, archive: Archive, duration_s: float, starts: list[int]
) -> None:
    root = archive("long", duration_s=duration_s)
    assert make(root, generator, Run(tmp_path / "out")).written == len(starts)
    for window, start in enumerate(starts):
        truth = orjson.loads((tmp_path / "out" / f"long-{window}.json").read_bytes())
        assert truth["record"]["window"] == window
        assert truth["record"]["start_sample"] == start
        assert truth["spec"]["window"]["start_sample"] == start
        ends = [lead["end_sample"] for lead in truth["leads"]]
        assert 0 < max(ends) <= min(5000, round(duration_s * 500) - start)
    assert not (tmp_path / "out" / f"long-{len(starts)}.json").exists()


def test_leftovers_of_a_killed_run_are_removed(
    tmp_path: Path, generator: Generator, archive: Archive
) -> None:
    root = archive("a/r", "r")
    output = tmp_path / "out"
    make(root, generator, Run(output))
    for folder in (output, output / "a"):
        (folder / f".0123{TEMPORARY_SUFFIX}").write_bytes(b"half")
        (folder / "mine.txt").write_bytes(b"mine")
    (output / "a" / "r-0.png").unlink()
    make(root, generator, Run(output))
    assert names(output) == {
        *(f"{folder}r-0{suffix}" for folder in ("", "a/") for suffix in (".png", ".json")),
        *("mine.txt", "a/mine.txt", RUN),
    }


class Broken:
    """A record that cannot be read, in a way no reader foresees."""

    key = "broken"

    def read(self) -> Any:
        raise ZeroDivisionError("by nothing")


def failures(output: Path) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in (output / FAILURES).read_bytes().splitlines()]


def test_failures_are_listed_and_forgotten_when_mended(tmp_path: Path, generator: Generator) -> None:
    good = list(find_sources(None, seed=0, limit=2))
    seen: list[int] = []
    summary = generate(
        [Broken(), *good], generator, Run(tmp_path), lambda so_far: seen.append(so_far.written)
    )
    assert (summary.written, len(summary.failures), summary.ok) == (2, 1, False)
    assert seen == [0, 1, 2]
    assert failures(tmp_path) == [
        {"record": "broken", "error": "ZeroDivisionError", "message": "ZeroDivisionError: by nothing"}
    ]
    assert generate(good, generator, Run(tmp_path)).ok
    assert not (tmp_path / FAILURES).exists()


def test_a_page_that_cannot_be_drawn_is_a_failure(tmp_path: Path) -> None:
    crowded = Generator("clean", overrides={"page.dpi": 60, "layout": {"rows": 2, "columns": 2}})
    summary = make(None, crowded, Run(tmp_path))
    assert (summary.written, len(summary.failures), summary.stopped) == (0, 2, "")
    assert failures(tmp_path)[0]["record"] == "synthetic-0000 window 0 copy 0"
    assert "4 leads" in failures(tmp_path)[0]["message"]


class Named:
    """The first built-in record under another key."""

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self) -> Any:
        return builtin_record(0).record


def test_names_that_are_too_long_do_not_stop_the_run(tmp_path: Path, generator: Generator) -> None:
    sources: list[Source] = [Named("x" * 300 + str(k)) for k in range(4)]
    summary = generate([*sources, Named("short")], generator, Run(tmp_path))
    assert (summary.written, len(summary.failures), summary.stopped) == (1, 4, "")
    assert {one["error"] for one in failures(tmp_path)} == {"OutputError"}
    assert all("the name is too long; shorten it" in one["message"] for one in failures(tmp_path))


def test_a_file_in_the_way_of_a_folder_does_not_stop_the_run(tmp_path: Path, generator: Generator) -> None:
    (tmp_path / "sub").write_bytes(b"mine")
    (tmp_path / "last-0.png").mkdir()
    sources = [*(Named(f"sub/{k}") for k in range(4)), Named("last"), Named("z")]
    summary = generate(sources, generator, Run(tmp_path))
    assert (summary.written, summary.skipped, len(summary.failures), summary.stopped) == (1, 0, 5, "")
    assert (tmp_path / "sub").read_bytes() == b"mine"


def test_a_full_disk_stops_the_run_within_a_record(
    tmp_path: Path, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open
    full: Iterator[bool] = iter([False, False] + [False] * 4 + [True] * 100)

    def open_(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name.endswith(TEMPORARY_SUFFIX) and next(full):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_)
    (tmp_path / FAILURES).write_bytes(b"of an earlier run")
    summary = generate([Named("a")], generator, Run(tmp_path, copies=50))
    monkeypatch.undo()
    assert (summary.written, len(summary.failures)) == (2, 3)
    assert summary.stopped.startswith("3 pages in a row could not be written; failures.jsonl")
    assert all("no space left" in failure.message for failure in summary.failures)
    assert names(tmp_path) >= {RUN, "a-0.json", "a-0.png", "a-0-copy1.json", "a-0-copy1.png"}
    assert not [name for name in names(tmp_path) if TEMPORARY_SUFFIX in name]
    assert not (tmp_path / FAILURES).exists()


def test_a_disk_that_is_full_now_and_then_does_not_stop_the_run(
    tmp_path: Path, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Files.write

    def write(files: Files, page: Page, folder: Path, stem: str, memory: BandMemory) -> None:
        if stem.startswith("full"):
            raise OutputError("no space left") from OSError(errno.ENOSPC, "full")
        written(files, page, folder, stem, memory)

    monkeypatch.setattr(Files, "write", write)
    keys = ("full1", "full2", "a", "full3", "full4", "b")
    summary = generate([Named(key) for key in keys], generator, Run(tmp_path))
    assert (summary.written, len(summary.failures), summary.stopped) == (2, 4, "")
    in_a_row = ("full1", "full2", "full3", "c")
    summary = generate([Named(key) for key in in_a_row], generator, Run(tmp_path))
    assert (summary.written, len(summary.failures)) == (0, 3)
    assert summary.stopped == "3 pages in a row could not be written"


def test_messages_that_are_no_unicode_can_be_listed(tmp_path: Path, generator: Generator) -> None:
    class Odd(Broken):
        def read(self) -> Any:
            raise RecipeError("file caf\udce9.hea")

    generate([Odd()], generator, Run(tmp_path))
    assert failures(tmp_path)[0]["message"] == r"file caf\udce9.hea"


def test_the_output_may_lie_among_the_records(
    tmp_path: Path, generator: Generator, archive: Archive, snapshot: Any
) -> None:
    root = archive("a", "z/b")
    run = Run(root / "pages", files=Files(annotations=("json", "wfdb")))
    assert make(root, generator, run, limit=None).written == 2
    before = snapshot(root)
    assert make(root, generator, run, limit=None).skipped == 2
    assert snapshot(root) == before
    with pytest.raises(OutputError, match="is the folder of the records"):
        find_sources(root, seed=0, limit=None, output=root / "pages" / "..")
