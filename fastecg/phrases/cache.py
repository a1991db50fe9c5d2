"""Phrases that were found once, kept in the user's cache folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from fastecg.errors import FastECGError
from fastecg.formats.files import ensure_directory, write_atomic
from fastecg.phrases.corpus import Phrases
from fastecg.phrases.tables import from_table, to_table

VARIABLE: Final = "FASTECG_CACHE_DIR"
"""Environment variable that names another folder."""


def cache_folder() -> Path | None:
    """Return where phrases are kept; None if the user has no such place."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen) / "phrases"
    import platformdirs  # noqa: PLC0415 - few need it

    folder = Path(platformdirs.user_cache_dir("fastecg", appauthor=False))
    return folder / "phrases" if folder.is_absolute() else None


def key_of(parts: Iterable[bytes]) -> str:
    """Return a key that differs if any part does, or where one ends and the next begins.

    Examples
    --------
    >>> key_of([b"ab", b"c"]) == key_of([b"a", b"bc"])
    False
    """
    state = blake2b(digest_size=20)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def load(key: str) -> Phrases | None:
    """Return what is kept under a key; None if there is nothing, or not as it was written.

    Examples
    --------
    >>> load("no such key") is None
    True
    """
    folder = cache_folder()
    if folder is None:
        return None
    try:
        digest, _, table = (folder / f"{key}.tsv").read_text(encoding="utf-8").partition("\n")
        return from_table(table, key) if digest == _digest(table) else None
    except (OSError, ValueError, FastECGError):
        return None


def save(key: str, phrases: Phrases) -> None:
    """Keep phrases under a key, if the folder can be written.

    Several processes may do so at once: a file is whole or absent, and the same whoever wrote it.
    """
    folder = cache_folder()
    if folder is not None:
        table = to_table(phrases)
        with contextlib.suppress(OSError, FastECGError):
            ensure_directory(folder)
            write_atomic(folder / f"{key}.tsv", f"{_digest(table)}\n{table}".encode())


def _digest(table: str) -> str:
    return "# " + blake2b(table.encode(), digest_size=16).hexdigest()
