"""These tests need torch and are not collected without it: ``python -m nox -s torch`` has it."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]
