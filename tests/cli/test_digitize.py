"""digitize: bad files leave good ones, names are unique, and a run goes on where another stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import fastecg
from fastecg.digitize.batch import Way, digitize_pages
from fastecg.digitize.jobs import Job, find_files, plan_jobs
from fastecg.digitize.team import _Process
from fastecg.errors import FastECGError, OutputError

pytestmark = pytest.mark.pages


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    path = tmp_path_factory.mktemp("pages") / "page.png"
    shown = fastecg.render(fastecg.builtin_record(0).record, "clean", seed=3, page={"dpi": 100})
    Image.fromarray(shown.image).save(path)
    return path


def blank(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((120, 150, 3), 250, np.uint8)).save(path)
    return path


def report_of(output: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((output / "report.json").read_text())
    return found


def test_bad_files_leave_good_ones(here: Any, tmp_path: Path, page: Path) -> None:
    pages, output = tmp_path / "pages", tmp_path / "out"
    blank(pages / "deep" / "blank.png")
    shutil.copy(page, pages / "good.png")
    (pages / "empty.jpg").touch()
    (pages / "half.png").write_bytes(page.read_bytes()[:20_000])
    (pages / "text.pdf").write_bytes(b"%PDF-1.4 and no more")
    (pages / "notes.txt").write_text("not a picture")
    done = here("digitize", pages, output, "--workers", "1")
    assert done.code == 1
    assert "1 of 5 pages digitized" in done.err
    found = report_of(output)
    assert sorted(found) == ["blank", "empty", "good", "half", "text"]
    assert {name for name, entry in found.items() if "error" in entry} == {"blank", "empty", "half", "text"}
    assert "cut off" in found["half"]["error"]
    assert found["good"]["layout"] == "3x4+1"
    assert fastecg.read_record(str(output / "good")).samples == 5000
    written = {path.name for path in output.iterdir()}
    assert written == {"report.json", "good.hea", "good.dat", "good.json", "good-overlay.png"}


def test_a_pdf_has_pages(here: Any, tmp_path: Path, page: Path) -> None:
    path = tmp_path / "two.pdf"
    empty = Image.new("RGB", (600, 400), "white")
    Image.open(page).save(path, save_all=True, append_images=[empty], resolution=100)
    done = here("digitize", path, tmp_path / "out", "--workers", "0")
    assert done.code == 1
    found = report_of(tmp_path / "out")
    assert (found["two-p1"]["layout"], found["two-p1"]["page"]) == ("3x4+1", 1)
    assert "no ECG" in found["two-p2"]["error"]
    assert "two.pdf page 2" in done.err


def test_names_are_unique(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "old.hea").write_text("somebody's\n")
    for name in (
        "a/x.png",
        "b/x.png",
        "b/X.jpg",
        "b/x-2.png",
        "report.png",
        "old.png",
        "é.png",
        f"{'y' * 200}.png",
    ):
        blank(tmp_path / "pages" / name)
    names = [job.name for job in plan_jobs(find_files([tmp_path / "pages"], output), output)]
    assert len({name.lower() for name in names}) == len(names) == 8
    assert "report" not in names
    assert "old" not in names
    assert max(map(len, names)) <= 102
    assert all(name.isascii() for name in names)


def test_files_are_taken_once_and_the_output_is_not(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    one = blank(pages / "one.png")
    blank(pages / "out" / "one-overlay.png")
    blank(pages / ".hidden.png")
    assert find_files([pages, one], pages / "out") == [one.resolve()]


def test_what_is_done_is_not_done_again(here: Any, tmp_path: Path, page: Path) -> None:
    pages, output = tmp_path / "pages", tmp_path / "out"
    bad = blank(pages / "bad.png")
    shutil.copy(page, pages / "good.png")
    words = ("digitize", pages, output, "--workers", "0")
    assert here(*words).code == 1
    before = (output / "good.dat").stat().st_ino, report_of(output)
    done = here(*words)
    assert "1 of 2 pages digitized" in done.err
    assert "1 of them before" in done.err
    assert ((output / "good.dat").stat().st_ino, report_of(output)) == before
    bad.unlink()
    blank(pages / "a" / "good.png")  # comes first; names stay with their files
    assert here(*words).code == 1
    found = report_of(output)
    assert found["good"] == before[1]["good"]
    assert "error" in found["good-2"]
    assert "error" in found["bad"]
    assert here(*words, "--overwrite").code == 1
    assert (output / "good.dat").stat().st_ino != before[0]


def test_what_has_changed_is_done_again(here: Any, tmp_path: Path, page: Path) -> None:
    image, output = tmp_path / "page.png", tmp_path / "out"
    shutil.copy(page, image)
    assert here("digitize", image, output, "--workers", "0").code == 0
    assert here("digitize", image, output, "--workers", "0", "--rate", "250").code == 0
    assert fastecg.read_record(str(output / "page")).samples == 2500
    blank(image)
    assert here("digitize", image, output, "--workers", "0", "--rate", "250").code == 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_stopped_and_gone_on_with(here: Any, tmp_path: Path, page: Path) -> None:
    pages, output = tmp_path / "pages", tmp_path / "out"
    pages.mkdir()
    for k in range(3):
        shutil.copy(page, pages / f"p{k}.png")
    run = subprocess.Popen(
        [sys.executable, "-m", "fastecg", "digitize", str(pages), str(output), "--workers", "1"],
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not (output / "p0.json").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "run the same command again" in err
    found = report_of(output)
    assert set(found) == {"p0", "p1", "p2"}
    done = {name for name, entry in found.items() if "error" not in entry}
    assert done
    assert found["p2"]["error"] == "it was not reached"
    again = here("digitize", pages, output, "--workers", "0")
    assert again.code == 0
    assert f"{len(done)} of them before" in again.err


@pytest.fixture
def job(tmp_path: Path, page: Path) -> Callable[[str], Job]:
    """Return a function that makes a job of a copy of the page."""

    def make(name: str) -> Job:
        return Job(Path(shutil.copy(page, tmp_path / f"{name}.png")), 0, 1, name)

    return make


def test_a_worker_that_dies_costs_its_page(
    tmp_path: Path, job: Callable[[str], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = _Process.ask

    def deadly(self: _Process, job: Job) -> Any:
        asked.append(job.name)
        if job.name == "bad" or asked == ["once"]:
            self.kill()
        return ask(self, job)

    monkeypatch.setattr(_Process, "ask", deadly)
    jobs = [job(name) for name in ("once", "bad")]
    found = {job.name: report for job, report in digitize_pages(jobs, Way(tmp_path, workers=1))}
    assert asked == ["once", "once", "bad", "bad"]
    assert "process that read it ended" in found["bad"]["error"]
    assert "error" not in found["once"]


def test_a_page_that_takes_too_long(tmp_path: Path, job: Callable[[str], Job]) -> None:
    ((_, report),) = digitize_pages([job("slow")], Way(tmp_path, workers=1, timeout_s=0.001))
    assert report["error"] == "it takes more than 0.001 s"


def test_an_output_that_is_not_there_ends_the_run(tmp_path: Path, job: Callable[[str], Job]) -> None:
    jobs = [job("a"), job("b")]
    with pytest.raises(OutputError):
        list(digitize_pages(jobs, Way(tmp_path / "nowhere", workers=1)))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "5"], "the rate is 5 Hz (allowed: 50 to 10000)"),
        (["--workers", "-1"], "0 to 1024"),
        (["--timeout", "0"], "more than 0"),
        (["--memory-limit", "5"], "1024 or more"),
    ],
)
def test_options(here: Any, tmp_path: Path, words: list[str], said: str) -> None:
    done = here("digitize", blank(tmp_path / "a.png"), tmp_path / "out", *words)
    assert done.code == 1
    assert said in done.err
    assert not (tmp_path / "out").exists()


def test_folders(here: Any, tmp_path: Path) -> None:
    image = blank(tmp_path / "a.png")
    assert "is the folder of the images" in here("digitize", tmp_path, tmp_path).err
    assert "does not exist" in here("digitize", tmp_path / "b.png", tmp_path / "out").err
    assert "one path is given" in here("digitize", image).err
    (tmp_path / "file").touch()
    assert "is a file" in here("digitize", image, tmp_path / "file").err
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.json").write_text('{"pages": 3}')
    assert "not a report of digitized images" in here("digitize", image, tmp_path / "other").err
    assert (tmp_path / "other" / "report.json").read_text() == '{"pages": 3}'
    with pytest.raises(FastECGError):
        find_files([], tmp_path)
