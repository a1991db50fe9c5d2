"""These tests need Ray and are not collected without it: ``python -m nox -s ray`` has it."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("ray") else ["test_*.py"]
