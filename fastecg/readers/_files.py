"""Opening files with errors in plain words."""

from __future__ import annotations

import stat
from pathlib import Path

from fastecg.errors import RecordError


def plain_reason(error: Exception) -> str:
    """Return why the system refused, in lower case and without numbers.

    Examples
    --------
    >>> plain_reason(PermissionError(13, "Permission denied"))
    'permission denied'
    """
    words = error.strerror if isinstance(error, OSError) else str(error)
    return (words or type(error).__name__).lower()


def size_of(path: Path) -> int:
    """Return the size of a regular file in bytes.

    Raises
    ------
    RecordError
        If there is no such file, or it is a folder, a pipe or a device: reading those may never end.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise RecordError(
            f"file {path} cannot be read ({plain_reason(error)})", "", "check the path and its spelling"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise RecordError(f"{path} is {kind}", "a file")
    return status.st_size


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of a file of at most ``limit`` bytes.

    Raises
    ------
    RecordError
        If it cannot be read or is larger.
    """
    if size_of(path) > limit:
        raise RecordError(f"file {path} has {size_of(path)} bytes", f"at most {limit} bytes for a text file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(f"file {path} cannot be read ({plain_reason(error)})") from None
