"""Characters that a pen can write, and what stands for those that it cannot."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from fastecg.errors import PhraseError

ALPHABET: Final = "".join(map(chr, range(33, 127)))
"""What the pen that comes with fastecg writes: printable ASCII; a space parts words and is not drawn."""

_NTH: Final = re.compile(r"(?<![\d.+\-−–])([123])\s*[°º](?=\s+[^\W\d]|\s*AV)")
_ENDINGS: Final = {"1": "1st", "2": "2nd", "3": "3rd"}
_DEGREES: Final = re.compile(r"\s*[°º]\s*([CF]\b|)\s*(?=(\w)|)")

_STANDS_FOR: Final = {
    "≥": ">=", "≤": "<=", "≈": "~", "≠": "not =", "±": "+/-", "×": "x", "÷": "/", "·": ".", "−": "-",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "‚": "'", "′": "'", "″": '"', "´": "'", "…": "...", "→": "->", "←": "<-", "⇒": "->",
    "↑": "incr ", "↓": "decr ", "•": " ", "⁄": "/", "µ": "u", "μ": "u", "α": "alpha", "β": "beta",
    "γ": "gamma", "δ": "delta", "Δ": "delta ", "Ω": "ohm", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe",
    "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i",
    "©": "(c)", "®": "", "™": "",
}  # fmt: skip

_NEAR: Final = {
    '"': "'", "`": "'", "[": "(", "]": ")", "{": "(", "}": ")", "|": "/", "\\": "/", "~": "-", "_": "-",
    "&": "+", ";": ",", "*": "x", "^": "'", "=": "-", "@": "a",
}  # fmt: skip
"""What an alphabet smaller than ASCII may have instead."""


def writable(text: str, alphabet: str = ALPHABET) -> str:
    """Return a text in characters that a pen can write.

    Accents are left out, signs become words or other signs (≥ as >=, µ as u, 1° AVB as 1st AVB, 30° as
    30 deg), any white space becomes one space.

    Parameters
    ----------
    text
        Any text.
    alphabet
        What the pen writes; the space need not be in it.

    Raises
    ------
    PhraseError
        If a character is not in the alphabet and nothing stands for it; the error names all of them.

    Examples
    --------
    >>> writable("1° AVB – QTc ≥ 470 ms, Brugada’s café")
    "1st AVB - QTc >= 470 ms, Brugada's cafe"
    >>> writable("T波")
    Traceback (most recent call last):
    fastecg.errors.PhraseError: 'T波' holds '波', which the pen cannot write; write it in Latin letters
    """
    known = {*alphabet, " "}
    if not known.issuperset(text) or "  " in text:
        text = _NTH.sub(lambda match: _ENDINGS[match[1]], text)
        text = _DEGREES.sub(lambda match: f" {match[1] or 'deg'}{' ' if match[2] else ''}", text)
        text = "".join(character if character in known else _instead(character, known) for character in text)
    unknown = sorted(set(text) - known)
    if unknown:
        shown = ", ".join(map(repr, unknown))
        raise PhraseError(
            f"{text!r:.60} holds {shown}, which the pen cannot write",
            "" if alphabet == ALPHABET else alphabet,
            "write it in Latin letters",
        )
    return " ".join(text.split())


def _instead(character: str, known: set[str]) -> str:
    """Return what stands for a character; the character itself if nothing does."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Mn", "Cf"}:  # an accent of its own, a mark of direction
        return ""
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in plain if unicodedata.category(part) != "Mn")
    plain = "".join(_STANDS_FOR.get(part, part) for part in _STANDS_FOR.get(character, plain))
    plain = "".join(part if part in known else _NEAR.get(part, part) for part in plain)
    return plain if known.issuperset(plain) else character
