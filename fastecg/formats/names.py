"""Names of files: from what a page is drawn by, another one for every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastecg.formats.writer import PageName

_WFDB_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED: Final = re.compile(r"_[0-9a-f]+_")
"""What an escaped character looks like; a name that holds one is escaped itself, so that no two are one."""


def wfdb_name(stem: str) -> str:
    """Return a record name that WFDB allows (letters, digits, ``-`` and ``_``), another for every stem.

    Examples
    --------
    >>> wfdb_name("rec_1-0"), wfdb_name("rec 1-0"), wfdb_name("rec_20_1-0")
    ('rec_1-0', 'rec_20_1-0', 'rec_5f_20_5f_1-0')
    """
    if _WFDB_NAME.fullmatch(stem) and not _ESCAPED.search(stem):
        return stem
    return re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match[0]):02x}_", stem)


def page_stem(key: str, window: int, copy: int) -> str:
    """Return the file name of a page without suffix: key, window, and the copy if it is not the first.

    Examples
    --------
    >>> page_stem("ptbxl/HR00001", 0, 0), page_stem("ptbxl/HR00001", 1, 2)
    ('HR00001-0', 'HR00001-1-copy2')
    """
    name = key.rpartition("/")[2]
    return f"{name}-{window}" + (f"-copy{copy}" if copy else "")


def page_path(name: PageName) -> str:
    """Return the path of a page's files without suffix: records keep their folders.

    Examples
    --------
    >>> from fastecg.formats.writer import PageName
    >>> page_path(PageName(7, "ptbxl/HR00001", 0, 0)), page_path(PageName(7, "HR00001", 0, 1))
    ('ptbxl/HR00001-0', 'HR00001-0-copy1')
    """
    folder = name.key.rpartition("/")[0]
    stem = page_stem(name.key, name.window, name.copy)
    return f"{folder}/{stem}" if folder else stem


def flat_name(name: PageName) -> str:
    """Return a name for a page where a dataset has no folders: letters, digits, ``-`` and ``_`` only.

    Examples
    --------
    >>> from fastecg.formats.writer import PageName
    >>> flat_name(PageName(7, "HR00001", 0, 0)), flat_name(PageName(7, "ptbxl/HR00001", 0, 0))
    ('HR00001-0', 'ptbxl_2f_HR00001-0')
    """
    return wfdb_name(page_path(name))
