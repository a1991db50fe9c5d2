"""Fixtures for all tests: the folder of real records, and wfdb as the independent reader."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
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
    settings.register_profile("slow", deadline=None, max_examples=2000)
    settings.load_profile(config.getoption("--hypothesis-profile", None) or "fastecg")
    config.addinivalue_line("filterwarnings", "ignore:The inplace keyword in DataFrame")


@pytest.fixture(scope="session")
def records_dir() -> Path:
    """Folder with real records, one subfolder per database."""
    return shared_data("records", "real records")


@pytest.fixture(scope="session")
def textures_dir() -> Path:
    """Folder with photographs of paper."""
    return shared_data("textures", "pictures of paper")


@pytest.fixture(scope="session")
def texts_dir() -> Path:
    """Folder with lists of ECG statements."""
    return shared_data("text", "lists of statements")


def shared_data(name: str, what: str) -> Path:
    """Return a folder of data that the project does not contain; skip where there is none, but not in CI."""
    for root in (CHECKOUT, CHECKOUT.parent):
        folder = root / "shared" / "data" / name
        if folder.is_dir():
            return folder
    message = f"no {what}: shared/data/{name} is neither in nor beside the checkout"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def wfdb() -> Any:
    """Return wfdb, imported late: it takes 0.4 s and few tests need it."""
    return importlib.import_module("wfdb")


@pytest.fixture
def mount_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a function that mounts a disk of so many bytes, for as long as the test runs."""
    folder = tmp_path / "disk"
    mounted = False

    def mount(size: int) -> Path:
        nonlocal mounted
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            pytest.skip("mounting a small disk takes root on Linux")
        folder.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
            pytest.skip("mounting a small disk is not allowed here")
        mounted = True
        return folder

    try:
        yield mount
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
