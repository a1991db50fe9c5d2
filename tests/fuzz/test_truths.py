"""Truths of pages that somebody changed: an error of ours or samples."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastecg
from fastecg.errors import FastECGError
from fastecg.truth import read_back

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@cache
def truths() -> tuple[str, ...]:
    """Return the truth of a flat page, of a tilted one and of a bent one."""
    views: tuple[dict[str, Any], ...] = (
        {},
        {"perspective": {"enabled": True, "tilt_x_deg": 9}},
        {"perspective": {"enabled": True, "curl": {"height_mm": 8}}},
    )
    record = fastecg.builtin_record(0).record
    pages = (
        fastecg.render(record, **{f"{k}": v for k, v in view.items()}, page={"dpi": 50}) for view in views
    )
    found = []
    for page in pages:
        truth = json.loads(page.truth.to_json("page.png"))
        truth["leads"] = [{**lead, "trace": lead["trace"][:5]} for lead in truth["leads"][:2]]
        found.append(json.dumps(truth))
    return tuple(found)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return where something could be changed, the first few of long lists only."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = list(enumerate(value))[:2]
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


@pytest.mark.pages
@given(st.integers(0, 2), st.data())
def test_changed_truths(number: int, data: st.DataObject) -> None:
    truth: Any = json.loads(truths()[number])
    top = data.draw(st.sampled_from(["camera", "grid", "leads", "image", "spec"]))
    *way, last = data.draw(st.sampled_from(places(truth[top], (top,))))
    below = truth
    for key in way:
        below = below[key]
    if data.draw(st.booleans()) and isinstance(below, dict):
        del below[last]
    else:
        below[last] = copy.deepcopy(data.draw(JSON))
    try:
        samples = read_back(truth)
    except FastECGError:
        pass
    else:
        assert all(isinstance(values, np.ndarray) for values in samples.values())


@given(JSON)
def test_any_json(value: Any) -> None:
    with pytest.raises(FastECGError):
        read_back(value)
