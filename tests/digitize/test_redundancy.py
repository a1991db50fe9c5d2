"""Limb leads: computed where they are not read, compared where they are."""

from __future__ import annotations

import numpy as np

from fastecg.digitize.redundancy import SUMS, fill_limb_leads
from fastecg.synthesis import builtin_record

LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")


def test_each_limb_lead_is_computed_from_two_others() -> None:
    record = builtin_record(0).record
    whole = np.stack([record.lead(lead) for lead in LIMB]).astype(np.float64)
    for row in range(6):
        signals, confidence = whole.copy(), np.ones(whole.shape)
        signals[row, 1000:2000] = np.nan
        off = fill_limb_leads(signals, confidence, LIMB)
        assert np.abs(signals - whole).max() < 0.01
        assert (confidence[row, 1000:2000] == 0.5).all()
        assert max(off.values()) < 0.01


def test_a_wrong_lead_stands_out() -> None:
    record = builtin_record(0).record
    signals = np.stack([record.lead(lead) for lead in LIMB]).astype(np.float64)
    signals[3] *= -1
    off = fill_limb_leads(signals, np.ones(signals.shape), LIMB)
    assert off["aVR"] > 5 * off["aVL"] + 0.005


def test_leads_that_are_not_there_are_left_alone() -> None:
    signals = np.full((1, 10), np.nan)
    assert fill_limb_leads(signals, np.zeros((1, 10)), ("II",)) == {}
    assert set(SUMS) == set(LIMB)
