"""verify finds what was done to a dataset; sha256sum agrees."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fastecg.dataset.claim import SUMS
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.dataset.verify import verify
from fastecg.errors import OutputError
from fastecg.recipe import Recipe

pytestmark = pytest.mark.pages
HERE = Work(workers=0)


@pytest.fixture
def dataset(tmp_path: Path, recipe: Recipe) -> Path:
    generate(None, Run(tmp_path / "pages", recipe, limit=3), HERE)
    return tmp_path / "pages"


def test_what_is_found(dataset: Path, recipe: Recipe) -> None:
    assert (verify(dataset).ok, verify(dataset).checked) == (True, 7)
    (dataset / "synthetic-0000-0.png").unlink()
    changed = dataset / "synthetic-0001-0.png"
    data = bytearray(changed.read_bytes())
    data[100] ^= 1
    changed.write_bytes(data)
    (dataset / "mine").mkdir()
    (dataset / "mine" / "notes.txt").touch()
    (dataset / "report.html").touch()
    found = verify(dataset)
    assert (found.missing, found.changed, found.extra) == (
        ["synthetic-0000-0.png"],
        ["synthetic-0001-0.png"],
        ["mine/notes.txt"],
    )
    assert not found.ok
    changed.unlink()
    summary = generate(None, Run(dataset, recipe, limit=3), HERE)
    assert (summary.written, summary.skipped) == (2, 1)
    found = verify(dataset)
    assert (found.missing, found.changed, found.extra) == ([], [], ["mine/notes.txt"])


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_sha256sum_agrees(dataset: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
    subprocess.run(command, cwd=dataset, check=True)
    (dataset / "synthetic-0000-0.json").write_bytes(b"{}")
    assert subprocess.run(command, cwd=dataset, check=False, capture_output=True).returncode == 1
    assert verify(dataset).changed == ["synthetic-0000-0.json"]


def test_without_its_state_a_dataset_can_be_checked(dataset: Path) -> None:
    shutil.rmtree(dataset / ".fastecg")
    assert verify(dataset).ok


def test_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="has neither SHA256SUMS"):
        verify(tmp_path)
