"""Chance without state: what a page's number and a place hash to, for all backends alike.

A 32-bit counter (a pixel's or a byte's number) is mixed by xor-shifts and two multiplications,
with one half of the key added before and the other laid in between. The factors are those of
"lowbias32" from C. Wellons' hash-prospector (public domain).
"""

from __future__ import annotations

from typing import Final

MASK32: Final = 0xFFFFFFFF
MASK64: Final = 0xFFFFFFFFFFFFFFFF

FACTOR_1: Final = 0x7FEB352D
FACTOR_2: Final = 0x846CA68B
"""What the counter is multiplied by, first and second."""

PEPPER_STREAM: Final = 0x5BD1E995
"""Laid over the counter of salt and pepper, so that it has nothing in common with the noise."""

BYTES_MEAN: Final = 510
BYTES_VARIANCE: Final = 21845
"""Of the sum of 4 evenly spread bytes: 4 · 127.5 and 4 · (256² - 1) / 12."""


def split_key(key: int) -> tuple[int, int]:
    """Return two 32-bit words of a key, mixed so that neighbouring keys have nothing in common.

    Source: the output function of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
    pseudorandom number generators").

    Parameters
    ----------
    key
        A whole number, 0 to 2**64 - 1.

    Examples
    --------
    >>> split_key(0) == split_key(1)
    False
    """
    mixed = (key + 0x9E3779B97F4A7C15) & MASK64
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & MASK64
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & MASK64
    mixed ^= mixed >> 31
    return mixed & MASK32, mixed >> 32
