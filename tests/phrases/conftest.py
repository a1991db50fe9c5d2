"""A cache folder for each test, and nothing remembered from the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastecg.phrases import find
from fastecg.phrases.cache import VARIABLE


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where phrases are kept."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    find._found.cache_clear()
    return tmp_path / "cache" / "phrases"
