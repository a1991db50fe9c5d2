"""The examples in docs/embedding.md that need torch; tests/test_docs.py runs the others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

import fastecg
from fastecg.formats.wfdb_copy import write_wfdb

pytestmark = [
    pytest.mark.torch,
    pytest.mark.pages,
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork"),
]

PAGE: Final = Path(__file__).parents[2] / "docs" / "embedding.md"


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```\{code-block\} python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    (tmp_path / "records").mkdir()
    for record in fastecg.builtin_records(2):
        write_wfdb(tmp_path / "records", record.name, record)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), namespace)


def test_the_table_names_every_target() -> None:
    from fastecg.targets import TARGETS

    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", "".join(rows))) == sorted(TARGETS)
