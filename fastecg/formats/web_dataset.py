"""WebDataset: tar files of many pages each, to be read in one stream."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastecg.formats.bands import BandMemory
from fastecg.formats.coco import COCO_FILE
from fastecg.formats.names import flat_name
from fastecg.formats.page_files import SUFFIX, PageFiles, check_shard_size, encode_image
from fastecg.formats.rows import Row
from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page

_MODE: Final = 0o644


@dataclass(frozen=True, slots=True)
class WebDataset(PageFiles):
    """Writes shards ``pages-000000.tar``, in which a page's files have its key as their name.

    Takes what :class:`PageFiles` takes. A twin's name ends in ``.clean.png`` or ``.flat.png``.

    Parameters
    ----------
    shard_size
        Pages in a shard, 1 or more; a worker holds them in memory.

    Raises
    ------
    RecipeError
        If a value is not one of these.

    Examples
    --------
    >>> WebDataset("jpeg", shard_size=100).unit
    100

    References
    ----------
    A. Aizman, G. Maltby, T. Breuel, High performance I/O for large scale deep learning, IEEE Big Data 2019.
    """

    shard_size: int = 64
    _memory: BandMemory = field(default_factory=BandMemory, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        PageFiles.__post_init__(self)
        check_shard_size(self.shard_size)

    @property
    def unit(self) -> int:
        """A shard's pages."""
        return self.shard_size

    def describe(self) -> dict[str, Any]:
        """Return the settings that change the files."""
        return {"format": "webdataset", **self.settings(), "shard_size": self.shard_size}

    def encode(self, page: Page, name: PageName) -> Encoded:
        """Return a page's files, which its shard will hold."""
        key, suffix = flat_name(name), SUFFIX[self.image]
        image = encode_image(page.image, page.spec.page.dpi, self.image, self.quality, self._memory)
        files = [
            Piece(key + suffix, image),
            *(Piece(key + end, content) for end, content in self.annotation_files(page, key + suffix, key)),
            *(Piece(f"{key}.{twin}{suffix}", content) for twin, content in self.twins(page)),
        ]
        return Encoded(name, tuple(files), self.row(page, key + suffix))

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        """Yield the shard, unless no page is left in it."""
        if pages:
            content = tar_file(piece for page in pages for piece in page.files)
            yield Piece(f"pages-{number:06d}.tar", content)

    def dataset_files(self, rows: Iterable[Row]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the file of COCO, if it is wanted."""
        return (one for one in self.listings(rows) if one[0] == COCO_FILE)


def tar_file(pieces: Iterable[Piece]) -> bytes:
    """Return a tar file (GNU format) that tells nothing of when, where and by whom it was made.

    Examples
    --------
    >>> import io
    >>> with tarfile.open(fileobj=io.BytesIO(tar_file([Piece("a.txt", b"text")]))) as tar:
    ...     tar.getnames(), tar.getmember("a.txt").mtime
    (['a.txt'], 0)
    """
    parts = []
    for piece in pieces:
        member = tarfile.TarInfo(piece.path)
        member.size, member.mode = len(piece.content), _MODE
        padding = bytes(-member.size % tarfile.BLOCKSIZE)
        parts += [member.tobuf(tarfile.GNU_FORMAT, "utf-8"), piece.content, padding]
    written = sum(map(len, parts)) + 2 * tarfile.BLOCKSIZE  # two empty blocks end it
    return b"".join([*parts, bytes(2 * tarfile.BLOCKSIZE + -written % tarfile.RECORDSIZE)])
