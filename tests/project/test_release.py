"""What is written more than once has to agree: the version, and the commands of README.md and ``.ci/run``."""

from __future__ import annotations

import os
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Final

import fastecg

ROOT: Final = Path(__file__).parents[2]
CI: Final = ROOT / ".ci" / "run"
MAIN_JOB: Final = "python -m pip install . && python -m fastecg generate pages"


def commands() -> list[str]:
    """Return the lines of README.md's shell blocks."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|shell|bash)\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\] - (?:\d{4}-\d\d-\d\d|Unreleased)$", changelog, re.MULTILINE)
    assert {headings[0], project["version"], version("fastecg")} == {fastecg.__version__}


def test_readme_installs_and_runs_the_main_job_with_one_command() -> None:
    assert commands().count(MAIN_JOB) == 1


def test_ci_runs_the_test_command_of_the_readme() -> None:
    (command,) = [line for line in commands() if "nox" in line]
    script = CI.read_text(encoding="utf-8")
    assert re.search(rf"^[^#\n]*{re.escape(command)};", script, re.MULTILINE)
    assert re.search(r"^python -m nox -s lint types$", script, re.MULTILINE)


def test_ci_is_executable() -> None:
    assert os.access(CI, os.X_OK)
