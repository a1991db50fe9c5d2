"""``--privacy`` on the command line: from records with sentinels to folders without them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastecg import builtin_record
from fastecg.formats.wfdb_copy import write_wfdb

HEADER = (
    "header={choice: [{enabled: true, source: record, template: plain}, {enabled: true, source: record}]}"
)
WORDS = ("--set", "page.dpi=60", "--set", HEADER, "--annotations", "json,wfdb", "--copies", "3")

pytestmark = pytest.mark.pages


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    record = builtin_record(0, sampling_rate_hz=100).record
    secret = {"Age": "47", "Name": "Zqdoe, Jane", "ID": "Zq17", "Dx": "164889003", "Rx": "Zqrx"}
    write_wfdb(folder, "r1", replace(record, header=secret))
    return folder


def contents(folder: Path) -> str:
    return "".join(p.read_text(encoding="utf-8") for p in folder.iterdir() if p.suffix in {".json", ".hea"})


@pytest.mark.parametrize("private", [True, False])
def test_generate(here: Any, source: Path, tmp_path: Path, private: bool) -> None:
    output = tmp_path / "pages"
    done = here("generate", source, output, *WORDS, *(["--privacy"] if private else []))
    assert done.code == 0
    assert len(list(output.glob("*.png"))) == 3
    assert ("zq" in contents(output).casefold()) is not private
    for path in output.glob("r1*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["spec"]["header"]["privacy"] is private
    again = here("generate", source, output, *WORDS, *([] if private else ["--privacy"]))
    assert "holds the pages of another run" in again.err


def test_preview(here: Any, source: Path, tmp_path: Path) -> None:
    sheets = []
    for words in ([], ["--privacy"]):
        sheet = tmp_path / f"sheet{len(words)}.png"
        done = here(
            "preview", source, "-o", sheet, "--count", "1", "--recipe", "clean", "--set", HEADER, *words
        )
        assert done.code == 0
        sheets.append(sheet.read_bytes())
    assert sheets[0] != sheets[1]
