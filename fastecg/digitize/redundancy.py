"""What limb leads say about one another: a check, and a help where one of them is not read.

Source: W. Einthoven (1913), II = I + III; E. Goldberger (1942), the augmented leads.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SUMS: Final = {
    "I": (("II", 1.0), ("III", -1.0)),
    "II": (("I", 1.0), ("III", 1.0)),
    "III": (("II", 1.0), ("I", -1.0)),
    "aVR": (("I", -0.5), ("II", -0.5)),
    "aVL": (("I", 0.5), ("III", -0.5)),
    "aVF": (("II", 0.5), ("III", 0.5)),
}
"""Each limb lead as a sum of two others."""
FILLED_TRUST: Final = 0.5
"""How far a computed sample is trusted beside those that it is computed from."""


def fill_limb_leads(signals: Floats, confidence: Floats, leads: tuple[str, ...]) -> dict[str, float]:
    """Compute limb leads where they are not read, in place, and tell how far those that are read disagree.

    Parameters
    ----------
    signals, confidence
        Shape (leads, samples) each; mV with NaN where unknown, and 0 to 1.
    leads
        Names of the rows.

    Returns
    -------
    dict
        Lead to the median of the absolute difference in mV from what two others say, less its median.

    Examples
    --------
    >>> signals = np.array([[1.0, 1.0], [3.0, np.nan], [2.0, 2.0]])
    >>> fill_limb_leads(signals, np.ones((3, 2)), ("I", "II", "III"))["II"]
    0.0
    >>> float(signals[1, 1])
    3.0
    """
    read = signals.copy()
    off: dict[str, float] = {}
    for lead, ((first, a), (second, b)) in SUMS.items():
        if not {lead, first, second} <= set(leads):
            continue
        row, i, j = leads.index(lead), leads.index(first), leads.index(second)
        told = a * read[i] + b * read[j]
        difference = read[row] - told
        known = np.isfinite(difference)
        if known.any():
            difference = difference[known] - np.median(difference[known])
            off[lead] = round(float(np.median(np.abs(difference))), 4)
        missing = ~np.isfinite(read[row]) & np.isfinite(told)
        signals[row, missing] = told[missing]
        confidence[row, missing] = FILLED_TRUST * np.minimum(confidence[i], confidence[j])[missing]
    return off
