"""`fastecg view`: serves until Ctrl-C, and says in one line why it cannot."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fastecg


@pytest.mark.pages
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
def test_it_serves_until_interrupted(tmp_path: Path) -> None:
    page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 60})
    from fastecg.formats.png import encode_png

    (tmp_path / "one.png").write_bytes(encode_png(page.image, 60))
    (tmp_path / "one.json").write_bytes(page.truth.to_json("one.png"))
    command = [sys.executable, "-u", "-m", "fastecg", "view", str(tmp_path), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == f"1 page of {tmp_path.name}\n"
            found = re.match(
                r"(http://127\.0\.0\.1:\d+/[\w-]+/)  \(Ctrl-C ends\)\n", running.stdout.readline()
            )
            assert found is not None
            with urllib.request.urlopen(found[1] + "page/0/sight", timeout=60) as answer:
                assert answer.status == 200
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
            assert (running.returncode, errors) == (0, "")
        finally:
            running.kill()


def test_what_is_no_dataset_is_one_line(here: Callable[..., Any], tmp_path: Path) -> None:
    outcome = here("view", tmp_path, "--no-browser")
    assert outcome.code == 1
    assert outcome.err.startswith(f"error: {tmp_path} has no pages (allowed: ")
    assert len(outcome.err.splitlines()) == 1
