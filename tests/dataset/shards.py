"""A format of shards for tests, plain to read: each a file of lines; workers import this file by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastecg.formats.writer import Encoded, PageName, Piece
from fastecg.page import Page


@dataclass(frozen=True)
class Shards:
    """Each page is a line of text in a shard of some pages; a list names all pages."""

    unit: int = 4

    def describe(self) -> dict[str, Any]:
        return {"format": "shards of the tests", "unit": self.unit}

    def encode(self, page: Page, name: PageName) -> Encoded:
        digest = hashlib.sha256(page.image.tobytes()).hexdigest()
        line = f"{name.key} {name.window} {name.copy} {digest}\n".encode()
        return Encoded(name, (Piece("", line),), {"number": name.number, "key": name.key})

    def unit_files(self, number: int, pages: Sequence[Encoded]) -> Iterator[Piece]:
        yield Piece(f"shards/{number:04d}.txt", b"".join(page.files[0].content for page in pages))

    def dataset_files(self, rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "index.txt", (f"{row['number']} {row['key']}\n".encode() for row in rows)
