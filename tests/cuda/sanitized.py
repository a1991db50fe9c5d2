"""Runs Python with the address sanitizer, for kernels that are built with it."""

from __future__ import annotations

import os
import subprocess
import sys

SWITCH = "FASTECG_SANITIZE"
"""Set to 1, the tests of the kernels build them for the host with the sanitizers."""


def sanitized(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the sanitizer's library, which has to be there before anything else is."""
    find = ["g++", "-print-file-name=libasan.so"]
    library = subprocess.run(find, capture_output=True, text=True, check=True).stdout.strip()
    env = os.environ | {
        "LD_PRELOAD": library,
        "ASAN_OPTIONS": "detect_leaks=0",  # the interpreter keeps what it has
        "PYTHONMALLOC": "malloc",
        SWITCH: "1",
    }
    return subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True, env=env)
