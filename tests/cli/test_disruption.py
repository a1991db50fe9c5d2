"""Runs that are killed, interrupted or out of space, and run again, are compared with an undisturbed one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import orjson
import pytest

from fastecg.formats.files import TEMPORARY_SUFFIX

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(os.name != "posix", reason="POSIX signals and disks"),
]

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
WORDS = (
    "--set",
    "page.dpi=60",
    "--recipe",
    "varied",
    "--copies",
    "4",
    "--annotations",
    "json,wfdb",
    "--format",
    "jpeg",
)
PAGES = 40
SMALL_DISK_KB = 3000
"""Room for some pages of about 600 kB with their truth."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, apart: Any, digests: Any) -> Mapping[str, str]:
    """Return the hashes of what the command writes if nothing happens."""
    output = tmp_path_factory.mktemp("undisturbed") / "pages"
    done = apart("generate", output, *WORDS, "--workers", "1")
    assert done.code == 0, done.err
    found: Mapping[str, str] = digests(output)
    assert len([name for name in found if name.endswith(".jpg")]) == PAGES
    return found


def _start(output: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fastecg", "generate", str(output), *WORDS, *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _pages(output: Path) -> int:
    return len(list(output.glob("*.jpg")))


def _wait_for(process: subprocess.Popen[str], output: Path, pages: int) -> None:
    until = time.monotonic() + 120
    while _pages(output) < pages:
        assert process.poll() is None, "the run ended too early"
        assert time.monotonic() < until, "the run takes too long"
        time.sleep(0.002)


def _stop_at(process: subprocess.Popen[str], output: Path, pages: int, number: signal.Signals) -> str:
    """Send a signal to all that belongs to a terminal once there are some pages; return what was printed."""
    _wait_for(process, output, pages)
    os.killpg(process.pid, number)
    return process.communicate(timeout=60)[1]


def _check_whole(output: Path) -> None:
    for path in output.rglob("*"):
        if path.suffix == ".jpg":
            assert cv2.imread(str(path)) is not None
        elif path.suffix == ".json":
            orjson.loads(path.read_bytes())


def _workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in children.read_text(encoding="utf-8").split()]


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(
    tmp_path: Path, undisturbed: Mapping[str, str], apart: Any, digests: Any, seed: int
) -> None:
    output, chance = tmp_path / "pages", random.Random(seed)
    for workers in ("2", "1"):
        killed = _start(output, "--workers", workers)
        _wait_for(killed, output, _pages(output) + chance.randrange(9))
        time.sleep(chance.uniform(0, 0.03))
        killed.kill()
        killed.communicate(timeout=60)
        assert killed.returncode == -signal.SIGKILL
        _check_whole(output)
    there = _pages(output)
    done = apart("generate", output, *WORDS, "--workers", str(seed))
    assert done.code == 0, done.err
    written = int(done.err.split(" pages written")[0].split()[-1])
    assert PAGES - there <= written <= PAGES - there + 2 * 2  # what was under way when it was killed
    assert f"{PAGES - written} skipped" in done.err
    assert digests(output) == undisturbed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(
    tmp_path: Path,
    undisturbed: Mapping[str, str],
    apart: Any,
    digests: Any,
    number: signal.Signals,
    code: int,
) -> None:
    output = tmp_path / "pages"
    interrupted = _start(output, "--workers", "2")
    err = _stop_at(interrupted, output, 5, number)
    assert interrupted.returncode == code
    assert "Traceback" not in err
    assert "run the same command again" in err
    _check_whole(output)
    there = _pages(output)
    assert there < PAGES
    found = orjson.loads(apart("verify", output, "--json").out)
    assert (found["ok"], found["finished"], found["checked"]) == (False, False, 4 * there)
    assert not found["missing"] + found["changed"] + found["extra"]
    done = apart("generate", output, *WORDS)
    assert done.code == 0, done.err
    assert f"{PAGES - there} pages written" in done.err
    assert f"{there} skipped" in done.err
    assert digests(output) == undisturbed


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the workers are found through /proc")
def test_workers_are_replaced(tmp_path: Path, undisturbed: Mapping[str, str], digests: Any) -> None:
    output, log = tmp_path / "pages", tmp_path / "log"
    run = _start(output, "--workers", "2", "--log-json", str(log))
    killed: set[int] = set()
    for pages in (4, 15, 25):
        _wait_for(run, output, pages)
        victim = next(pid for pid in _workers_of(run) if pid not in killed)
        os.kill(victim, signal.SIGKILL)
        killed.add(victim)
    err = run.communicate(timeout=60)[1]
    assert run.returncode == 0, err
    events = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    deaths = [event["message"] for event in events if event["event"] == "worker"]
    assert len(deaths) == 3
    assert all("SIGKILL" in message for message in deaths)
    assert digests(output) == undisturbed


def test_a_second_run_is_refused(
    tmp_path: Path, apart: Any, undisturbed: Mapping[str, str], digests: Any
) -> None:
    output = tmp_path / "pages"
    first = _start(output, "--workers", "1")
    _wait_for(first, output, 1)
    first.send_signal(signal.SIGSTOP)  # or it might end before the others have begun
    for words in ((), ("--shard", "1/2"), ("--shard", "2/2")):
        second = apart("generate", output, *WORDS, *words)
        assert second.code == 1
        assert second.err.startswith("error: another run is at work in")
        assert len(second.err.splitlines()) == 1
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert digests(output) == undisturbed


def test_shards_at_the_same_time(tmp_path: Path, undisturbed: Mapping[str, str], digests: Any) -> None:
    output = tmp_path / "pages"
    runs = [_start(output, "--workers", "1", "--shard", f"{part}/3") for part in (1, 2, 3)]
    _wait_for(runs[1], output, 3)
    runs[1].kill()
    for run in runs:
        run.communicate(timeout=120)
    assert [run.returncode for run in runs] == [0, -signal.SIGKILL, 0]
    assert not (output / "SHA256SUMS.txt").exists()
    again = _start(output, "--shard", "2/3")
    again.communicate(timeout=120)
    assert digests(output) == undisturbed


def test_full_disk(
    mount_disk: Callable[[int], Path],
    undisturbed: Mapping[str, str],
    apart: Any,
    here: Any,
    digests: Any,
) -> None:
    small_disk = mount_disk(SMALL_DISK_KB * 1024)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes((SMALL_DISK_KB + 100) * 1024))
    output = small_disk / "pages"
    done = here("generate", output, *WORDS)
    assert done.code == 1
    assert done.err.startswith("error: no space left to write")
    assert "choose a folder on another disk" in done.err
    filler.unlink()
    done = apart("generate", output, *WORDS)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "no space left to write" in done.err
    assert "stopped: " in done.err
    assert "run the same command again" in done.err
    assert not list(output.rglob(f"*{TEMPORARY_SUFFIX}"))
    _check_whole(output)
    written = digests(output)
    pages = [name for name in written if not name.startswith((".fastecg", "failures"))]
    assert 0 < _pages(output) < PAGES
    assert {name: written[name] for name in pages} == {name: undisturbed[name] for name in pages}
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    done = apart("generate", output, *WORDS)
    assert done.code == 0, done.err
    assert digests(output) == undisturbed


def test_read_only_folder(tmp_path: Path, apart: Any, without_root_rights: tuple[str, ...]) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    for output in (folder, folder / "pages"):
        done = apart("generate", output, prefix=without_root_rights)
        assert done.code == 1
        assert done.err.startswith("error: no permission to write")
        assert "choose another output folder" in done.err
    assert not list(folder.iterdir())
