"""Which words a stroke bank is made of, the most wanted first."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from fastecg.phrases import draw_measurement, find_phrases

_DRAWN: Final = 4000  # measurements, of which the frequent words are kept
_OFTEN: Final = 8
_NUMBERS: Final = tuple(f"{number:02}" for number in range(100))
# The commonest pairs and endings of English: words that a bank lacks are made of these and look joined.
_PIECES: Final = """
    th he in er an re on at en nd ti es or te ed is it al ar st to nt ng se ha ou io le ve co me de hi
    ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr
    ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ing
    ion ent ter ous
"""


def bank_words() -> tuple[str, ...]:
    """Return the words that a bank should have.

    Returns
    -------
    tuple[str, ...]
        The words of the built-in phrases by weight, frequent words of measurements, numbers of two
        digits, and pieces of other words; none twice.

    Examples
    --------
    >>> words = bank_words()
    >>> {"sinus", "bpm", "72", "ing"} <= set(words)
    True
    """
    rng = np.random.default_rng(0)
    counts = Counter(word for _ in range(_DRAWN) for word in draw_measurement(rng).split())
    often = [word for word, count in counts.most_common() if count >= _OFTEN]
    return tuple(dict.fromkeys([*find_phrases().words(), *often, *_NUMBERS, *_PIECES.split()]))
