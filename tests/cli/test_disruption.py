"""Runs that are killed, interrupted or out of space, and run again, are compared with an undisturbed one."""

from __future__ import annotations

import os
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
WORDS = ("--set", "page.dpi=60", "--recipe", "varied", "--copies", "4", "--annotations", "json,wfdb")
PAGES = 40
SMALL_DISK_KB = 3000
"""Room for some pages of about 600 kB with their truth."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, apart: Any, digests: Any) -> Mapping[str, str]:
    """Return the hashes of what the command writes if nothing happens."""
    output = tmp_path_factory.mktemp("undisturbed") / "pages"
    done = apart("generate", output, *WORDS)
    assert done.code == 0, done.err
    found: Mapping[str, str] = digests(output)
    assert len([name for name in found if name.endswith(".png")]) == PAGES
    return found


def _start(output: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fastecg", "generate", str(output), *WORDS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _stop_at(process: subprocess.Popen[str], output: Path, pages: int, number: signal.Signals) -> str:
    """Send a signal once there are some pages; return what was printed."""
    until = time.monotonic() + 120
    while len(list(output.glob("*.png"))) < pages:
        assert process.poll() is None, "the run ended too early"
        assert time.monotonic() < until, "the run takes too long"
        time.sleep(0.002)
    process.send_signal(number)
    return process.communicate(timeout=60)[1]


def _check_whole(output: Path) -> None:
    for path in output.rglob("*"):
        if path.suffix == ".png":
            assert cv2.imread(str(path)) is not None
        elif path.suffix == ".json":
            orjson.loads(path.read_bytes())


def test_killed_and_interrupted(
    tmp_path: Path, undisturbed: Mapping[str, str], apart: Any, digests: Any
) -> None:
    output = tmp_path / "pages"
    killed = _start(output)
    _stop_at(killed, output, 3, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    _check_whole(output)
    (output / f".killed-while-writing{TEMPORARY_SUFFIX}").write_bytes(b"half a pa")
    interrupted = _start(output)
    err = _stop_at(interrupted, output, 15, signal.SIGINT)
    assert interrupted.returncode != 0
    assert "Traceback" not in err
    assert "run the same command again" in err
    assert not list(output.glob(f"*{TEMPORARY_SUFFIX}"))
    _check_whole(output)
    there = len(list(output.glob("*.png")))
    assert there < PAGES
    done = apart("generate", output, *WORDS)
    assert done.code == 0, done.err
    assert f"{PAGES - there} pages written" in done.err
    assert f"{there} skipped" in done.err
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
    assert "stopped: 3 pages in a row could not be written" in done.err
    assert ", 3 failed" in done.err
    assert not list(output.glob(f".*{TEMPORARY_SUFFIX}"))
    _check_whole(output)
    written = digests(output)
    assert 0 < len([name for name in written if name.endswith(".png")]) < PAGES
    assert {name: undisturbed[name] for name in written if name in undisturbed} == {
        name: digest for name, digest in written.items() if name != "failures.jsonl"
    }
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
