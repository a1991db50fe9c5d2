"""ECG lead names: the standard orders, and one spelling for the many found in files."""

from __future__ import annotations

import re
from typing import Final

STANDARD_12: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The 12 standard leads in the usual order."""

LIMB: Final = frozenset({"I", "II", "III", "aVR", "aVL", "aVF", "MLI", "MLII", "MLIII"})
"""Leads drawn at the limb gain; all others are drawn at the chest gain."""

_FURTHER: Final = ("V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "Vx", "Vy", "Vz", "MLII", "MLI", "MLIII")
_ORDER: Final = {name: rank for rank, name in enumerate((*STANDARD_12, *_FURTHER))}
_BY_KEY: Final = {name.casefold(): name for name in _ORDER}
_ALIASES: Final = {"x": "Vx", "y": "Vy", "z": "Vz", "modifiedii": "MLII"}
_PREFIX: Final = re.compile(r"^(?:mdc[ _]ecg[ _]lead|mdc[ _]ecg|ecg[ _]lead|lead|ecg|chan|ch)[ _:.-]+", re.I)
_NUMERALS: Final = {"1": "I", "2": "II", "3": "III"}


def normalize_lead_name(name: str) -> str:
    """Return the standard spelling of a lead name.

    Parameters
    ----------
    name
        A name in any case or spelling found in files: ``avr``, ``AVR``, ``i``,
        ``Lead II``, ``MDC_ECG_LEAD_V1``, ``ECG aVF``.

    Returns
    -------
    str
        The standard name (``I`` … ``aVF``, ``V1`` … ``V9``, ``V3R``, ``Vx`` …); a name
        that is not known is returned stripped of blanks at its ends.

    Examples
    --------
    >>> [normalize_lead_name(n) for n in ("avr", "i", "MDC_ECG_LEAD_V1", "Lead II", "RESP")]
    ['aVR', 'I', 'V1', 'II', 'RESP']
    """
    bare = _PREFIX.sub("", name.strip())
    key = re.sub(r"[ _.]", "", bare).casefold()
    if _PREFIX.match(name.strip()) and key in _NUMERALS:  # "Lead 2", but a bare "2" stays a number
        return _NUMERALS[key]
    return _BY_KEY.get(key) or _ALIASES.get(key) or name.strip()


def is_known_lead(name: str) -> bool:
    """Return whether a name is one of those that leads have by convention, ``-aVR`` and the like included.

    Examples
    --------
    >>> is_known_lead("-aVR"), is_known_lead("RESP")
    (True, False)
    """
    return name.removeprefix("-") in _ORDER


def standard_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in standard order; unknown ones keep their order, at the end.

    Examples
    --------
    >>> standard_order(("V1", "MCL", "II", "I"))
    ('I', 'II', 'V1', 'MCL')
    """
    return tuple(sorted(names, key=lambda name: _ORDER.get(name, len(_ORDER))))
