"""Files that are whole or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from pathlib import Path
from typing import Final

from fastecg.errors import OutputError

TEMPORARY_SUFFIX: Final = ".fastecg-part"
"""How unfinished files end, so that those of a killed run can be told and removed."""

_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})


def write_atomic(path: Path, data: bytes | memoryview, *, fsync: bool = False) -> None:
    """Write a file so that at every moment it is either complete or what it was before.

    Parameters
    ----------
    path
        The file; one that exists is replaced. Its folder must exist.
    data
        The whole content.
    fsync
        Wait until the content is on the disk, so that even a power cut cannot leave an empty
        file; costs milliseconds.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomic(Path(folder) / "page.png", b"pixels")
    ...     (Path(folder) / "page.png").read_bytes()
    b'pixels'
    """
    # Not named after the file, whose name may have no room for a suffix; unique on shared disks too.
    temporary = path.with_name(f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}") if path.name else path
    try:
        if path.exists() and not path.is_file():  # a rename would replace a device file
            raise OutputError(
                f"{path} exists and is a folder or a device", "a file", "remove it or choose another path"
            )
        try:
            with temporary.open("xb") as file:
                file.write(data)
                if fsync:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except (OSError, ValueError) as error:
        raise explained(error, path) from error


def ensure_directory(path: Path) -> None:
    """Make a folder and those above it, unless they exist.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    OutputError
        If it cannot be made or written to, or a file has its name or that of one above it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ensure_directory(Path(folder) / "pages" / "0001")
    ...     (Path(folder) / "pages" / "0001").is_dir()
    True
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise explained(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise explained(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), path)


def explained(error: OSError | ValueError, path: Path) -> OutputError:
    """Return the error as one that says what to do about it."""
    code = error.errno if isinstance(error, OSError) else None
    given, allowed, action = f"cannot write {path}: {error}", "", "choose another output folder"
    if code in _NO_SPACE:
        given, action = (
            f"no space left to write {path}",
            "free some or choose a folder on another disk",
        )
    elif code == errno.EROFS:
        given = f"cannot write {path}: the disk is read-only"
    elif code in _FORBIDDEN:
        given, action = f"no permission to write {path}", f"change it for {path.parent} or {action}"
    elif code in (errno.ENOTDIR, errno.EEXIST):
        given, allowed = f"cannot write {path}: {_file_in_the_way(path)} is a file", "a folder"
    elif code == errno.ENOENT:
        given, action = f"cannot write {path}: the folder {path.parent} does not exist", "make it first"
    elif code == errno.ENAMETOOLONG:
        given, action = f"cannot write {path}: the name is too long", "shorten it"
    return OutputError(given, allowed, action)


def _file_in_the_way(path: Path) -> Path:
    """Return the one of the path and the folders above it that is no folder."""
    return next((part for part in (path, *path.parents) if part.exists() and not part.is_dir()), path)
