"""Files at any address that fsspec knows, such as s3:// and gs://: the one doorway to it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from fastecg.dataset.place import Entry, safe
from fastecg.errors import MissingExtraError, OutputError
from fastecg.formats.files import TEMPORARY_SUFFIX, ensure_directory, explained

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WAITS_S: Final = (0.5, 2.0)
"""Before a request is sent again; the stores' own packages try more often than that."""
_NO_USE: Final = (PermissionError, IsADirectoryError, NotADirectoryError)
"""What is no better the next time."""


def is_url(text: str | os.PathLike[str]) -> bool:
    """Return whether a text is the address of files elsewhere.

    Examples
    --------
    >>> is_url("s3://bucket/pages"), is_url("pages/1"), is_url("file:///pages")
    (True, False, False)
    """
    text = os.fspath(text)
    return bool(_URL.match(text)) and not text.lower().startswith("file://")


def located(output: str) -> tuple[Path, str]:
    """Return folder and address of a dataset, as :class:`fastecg.dataset.request.Run` takes them.

    Parameters
    ----------
    output
        A folder, its ``file://`` address, or any other that fsspec knows. For the latter the folder
        is one in the user's cache that keeps notes of its run.

    Raises
    ------
    OutputError
        If the user has no cache folder.

    Examples
    --------
    >>> located("file:///data/pages"), located("pages")
    ((PosixPath('/data/pages'), ''), (PosixPath('pages'), ''))
    """
    if is_url(output):
        url = output.rstrip("/")
        return cache_folder() / "datasets" / _name_of(url), url
    return plain_path(output), ""


def plain_path(path: str | os.PathLike[str]) -> Path:
    """Return a path, also of a ``file://`` address."""
    text = os.fspath(path)
    return Path(url2pathname(urlsplit(text).path) if text.lower().startswith("file://") else text)


def cache_folder() -> Path:
    """Return where copies of what lies elsewhere are kept; ``FASTECG_CACHE_DIR`` names another folder.

    Raises
    ------
    OutputError
        If the user has no such place.
    """
    chosen = os.environ.get("FASTECG_CACHE_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 - few need it

    folder = Path(platformdirs.user_cache_dir("fastecg", appauthor=False))
    if not folder.is_absolute():
        raise OutputError("there is no cache folder", "", "set FASTECG_CACHE_DIR")
    return folder


def at_hand(source: str | os.PathLike[str]) -> Path:
    """Return the path of records; those at an address are copied into the cache first.

    What was copied before is not copied again: records that change need another address, or another cache.

    Parameters
    ----------
    source
        A path or an address of a folder, a record or a packed store.

    Raises
    ------
    MissingExtraError
        If the package that reads from there is not installed.
    OutputError
        If it cannot be copied.
    """
    if not is_url(source):
        return plain_path(source)
    url = os.fspath(source).rstrip("/")
    whole = cache_folder() / "sources" / _name_of(url)
    target = whole / url.rpartition("/")[2]
    if target.exists():
        return target
    ensure_directory(whole.parent)
    with tempfile.TemporaryDirectory(dir=whole.parent, prefix="part-") as folder:
        part = Path(folder) / "whole"
        fs, root = opened(url)
        try:
            part.mkdir()
            if not fs.exists(root):
                raise FileNotFoundError(errno.ENOENT, "there is nothing")
            fs.get(root, os.fspath(part / target.name), recursive=bool(fs.isdir(root)))
        except Exception as error:
            raise OutputError(f"{url} cannot be copied ({_words(error)})", "", "check the address") from error
        with contextlib.suppress(OSError):  # another process had it first
            part.rename(whole)
    return target


def _name_of(url: str) -> str:
    return hashlib.blake2b(url.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Remote:
    """An address as the place of a dataset, such as a bucket.

    Every file is put as a whole. Object stores show it then or not at all; on others, such as
    sftp://, a killed run may leave half a file, which no ledger has and the next run replaces.

    Parameters
    ----------
    url
        The address; credentials and the like are the business of the store's own package.

    Examples
    --------
    >>> place = Remote("memory://example/pages")
    >>> place.write("a/b.txt", [b"whole"]).size
    5
    >>> place.sizes(), place.read("a/b.txt"), place.read("a/c.txt")
    ({'a/b.txt': 5}, b'whole', None)
    """

    url: str

    def write(self, path: str, chunks: Iterable[bytes | memoryview]) -> Entry:
        """Write a file; see :class:`fastecg.dataset.place.Place`."""
        safe(path)
        if isinstance(chunks, list):
            data = b"".join(chunks)
            self._try(path, lambda fs, target: fs.pipe_file(target, data))
            return Entry(path, len(data), hashlib.sha256(data).hexdigest())
        digest, size = hashlib.sha256(), 0
        with tempfile.TemporaryDirectory() as folder:  # what comes in pieces may not fit into memory
            spool = Path(folder) / "spool"
            try:
                with spool.open("wb") as file:
                    for chunk in chunks:
                        file.write(chunk)
                        digest.update(chunk)
                        size += len(chunk)
            except OSError as error:
                raise explained(error, spool) from error
            self._try(path, lambda fs, target: fs.put_file(str(spool), target))
        return Entry(path, size, digest.hexdigest())

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        fs, root = opened(self.url)
        with contextlib.suppress(Exception):  # whatever the store's package raises
            fs.rm_file(f"{root}/{safe(path)}")

    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None if it is not there.

        Raises
        ------
        OutputError
            If it cannot be read.
        """
        fs, root = opened(self.url)
        try:
            return bytes(fs.cat_file(f"{root}/{safe(path)}"))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._explained(path, "read", error) from error

    def has(self, path: str) -> bool:
        """Return whether a file is there.

        Raises
        ------
        OutputError
            If that cannot be told.
        """
        fs, root = opened(self.url)
        try:
            return bool(fs.exists(f"{root}/{safe(path)}"))
        except Exception as error:
            raise self._explained(path, "read", error) from error

    def fetch(self, path: str, target: Path) -> bool:
        """Copy a file to a path of this machine; return whether it is there.

        Raises
        ------
        OutputError
            If it cannot be copied.
        """
        fs, root = opened(self.url)
        part = target.with_name(f"{target.name}{TEMPORARY_SUFFIX}")
        try:
            fs.get_file(f"{root}/{safe(path)}", str(part))
            part.replace(target)
        except FileNotFoundError:
            return False
        except Exception as error:
            raise self._explained(path, "read", error) from error
        return True

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Return the bytes of all files in a folder and those below it, by their paths.

        Raises
        ------
        OutputError
            If they cannot be listed.
        """
        fs, root = opened(self.url)
        try:
            fs.invalidate_cache()
            found = fs.find(f"{root}/{folder}" if folder else root, detail=True)
        except FileNotFoundError:
            return {}
        except Exception as error:
            raise self._explained(folder, "read", error) from error
        length = len(root.rstrip("/")) + 1
        return {name[length:]: int(about["size"] or 0) for name, about in found.items()}

    def _try(self, path: str, send: Callable[[Any, str], object]) -> None:
        """Send something, and again if that fails; where there are folders, make the one that is missing."""
        fs, root = opened(self.url)
        target = f"{root}/{path}"
        for wait_s in (*_WAITS_S, None):
            try:
                try:
                    send(fs, target)
                except FileNotFoundError:
                    fs.makedirs(target.rpartition("/")[0], exist_ok=True)
                    send(fs, target)
            except Exception as error:  # noqa: BLE001 - whatever a store's package raises
                if wait_s is None or isinstance(error, _NO_USE):
                    raise self._explained(path, "written", error) from _as_os_error(error)
                time.sleep(wait_s)
            else:
                return

    def _explained(self, path: str, what: str, error: Exception) -> OutputError:
        return OutputError(
            f"{self.url}/{path} cannot be {what} ({_words(error)})",
            "",
            "check the address, the credentials and the network",
        )


def opened(url: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises
    ------
    MissingExtraError
        If fsspec, or the package for such addresses, is not installed.
    OutputError
        If there are no such addresses.

    Examples
    --------
    >>> opened("nowhere://pages")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    fastecg.errors.OutputError: nowhere://pages cannot be opened (Protocol not known: nowhere); ...
    """
    try:
        import fsspec  # noqa: PLC0415 - optional
        from fsspec.registry import known_implementations  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            f"{url} needs fsspec", "", "python -m pip install 'fastecg[cloud]'"
        ) from error
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        scheme = url.partition("://")[0].rpartition("::")[2]
        known = known_implementations.get(scheme, {}).get("class", "fsspec")
        package = known.partition(".")[0]
        if package == "fsspec":  # it needs a package of another name, and says which
            raise MissingExtraError(f"{url} cannot be opened ({error})") from error
        raise MissingExtraError(f"{url} needs {package}", "", f"python -m pip install {package}") from error
    except Exception as error:
        raise OutputError(f"{url} cannot be opened ({_words(error)})", "", "check the address") from error
    return fs, str(root).rstrip("/")


def _as_os_error(error: Exception) -> OSError:
    """Return an error as one of the system: the other files will fail for the same reason."""
    return error if isinstance(error, OSError) else OSError(errno.EIO, _words(error))


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
