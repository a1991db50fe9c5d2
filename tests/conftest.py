"""Fixtures for all tests: the folder of real records, and wfdb as the independent reader."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Let wfdb 4.3 call what pandas 3 deprecates, and hypothesis wait: first calls compile kernels."""
    in_ci = (
        os.environ.get("CI", "").lower() == "true"
    )  # the same examples every time: a red CI means a change
    settings.register_profile("fastecg", deadline=None, derandomize=in_ci)
    settings.load_profile("fastecg")
    config.addinivalue_line("filterwarnings", "ignore:The inplace keyword in DataFrame")


@pytest.fixture(scope="session")
def records_dir() -> Path:
    """Folder with real records, one subfolder per database; skips where there is none, but not in CI."""
    for root in (CHECKOUT, CHECKOUT.parent):
        folder = root / "shared" / "data" / "records"
        if folder.is_dir():
            return folder
    message = "no real records: shared/data/records is neither in nor beside the checkout"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def wfdb() -> Any:
    """Return wfdb, imported late: it takes 0.4 s and few tests need it."""
    return importlib.import_module("wfdb")
