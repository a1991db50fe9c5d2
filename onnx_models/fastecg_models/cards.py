"""Model cards: what a model was made of, and the checksums its files must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from fastecg_models.errors import ModelError

CARD: Final = "card.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about a model.

    Examples
    --------
    >>> Card("pen", "draws", "none", "CC0", "", "train", {"held_out": 1.5}).name
    'pen'
    """

    name: str
    purpose: str
    data: str
    """What it learned from."""
    licence: str
    attribution: str
    command: str
    """How to train it again."""
    figures: dict[str, float]
    """Losses and measured qualities by name."""
    checksums: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file beside the card."""


def checksum(content: bytes) -> str:
    """Give the SHA-256 of a file's content in hexadecimal digits.

    Parameters
    ----------
    content : bytes
        All of it.

    Examples
    --------
    >>> checksum(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def write_card(card: Card, folder: Path) -> None:
    """Write a card into the folder of its model.

    Parameters
    ----------
    card : Card
        With the checksums of the files.
    folder : Path
        An existing folder.

    Examples
    --------
    >>> import tempfile
    >>> card = Card("pen", "draws", "none", "CC0", "", "train", {})
    >>> with tempfile.TemporaryDirectory() as name:
    ...     write_card(card, Path(name))
    ...     read_card(Path(name)) == card
    True
    """
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False, sort_keys=True)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def read_card(folder: Path) -> Card:
    """Read the card of a model.

    Parameters
    ----------
    folder : Path
        Where the model lies.

    Raises
    ------
    ModelError
        If there is no card or it is none.

    Examples
    --------
    >>> read_card(Path("nowhere"))
    Traceback (most recent call last):
    fastecg_models.errors.ModelError: nowhere holds no model: there is no readable card.json in it
    """
    try:
        return Card(**json.loads((folder / CARD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{folder} holds no model: there is no readable {CARD} in it") from error


def read_checked(folder: Path, name: str) -> bytes:
    """Read a file of a model and compare it with its card.

    Parameters
    ----------
    folder : Path
        Where the model lies.
    name : str
        A file named on the card.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    ModelError
        If the file is unknown to the card, missing, or differs from the checksum on the card.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     _ = (folder / "a.onnx").write_bytes(b"abc")
    ...     write_card(Card("a", "", "", "", "", "", {}, {"a.onnx": checksum(b"abc")}), folder)
    ...     read_checked(folder, "a.onnx")
    b'abc'
    """
    sums = read_card(folder).checksums
    if name not in sums:
        raise ModelError(f"{folder} has no {name} (there are: {', '.join(sorted(sums))})")
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}; install the models again") from error
    found = checksum(content)
    if found != sums[name]:
        raise ModelError(
            f"{path} is damaged: its SHA-256 is {found[:12]}…, the card says {sums[name][:12]}…; "
            "install the models again"
        )
    return content
