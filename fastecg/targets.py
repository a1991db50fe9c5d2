"""What a page teaches: its truth as arrays, by name, made only if asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from fastecg.errors import RecipeError
from fastecg.leads import STANDARD_12
from fastecg.page import Page

_MASKS: Final = (
    "traces",
    "leads",
    "grid",
    "text",
    "handwriting",
    "pulses",
    "separators",
    "paper",
    "background",
)


def _signals(page: Page) -> Any:  # noqa: ANN401 - an array of whatever shape
    return page.truth.drawn_record().signals_mv


def _drawn(page: Page) -> Any:  # noqa: ANN401 - as above
    return page.truth.drawn_record(mask_unplotted=True).signals_mv


def _traces(page: Page) -> Any:  # noqa: ANN401 - as above
    return [page.truth.trace(k).astype(np.float32) for k in range(len(page.truth.drawing.traces))]


def _mask(name: str) -> Callable[[Page], Any]:
    return lambda page: getattr(page.masks, name)()


_MAKERS: Final[Mapping[str, Callable[[Page], Any]]] = MappingProxyType(
    {
        "signals": _signals,
        "signals_drawn": _drawn,
        "traces": _traces,
        **{f"mask_{name}": _mask(name) for name in _MASKS},
        "clean": lambda page: page.clean(seen=True),
        "light": lambda page: page.light(),
        "truth": lambda page: page.truth.to_dict(),
    }
)
_OF_LEADS: Final = ("boxes", "labels")

TARGETS: Final = (*_MAKERS, *_OF_LEADS)
"""Names of all targets; see docs/embedding.md."""
PICTURES: Final = frozenset({"image", "clean", "light"})
"""Those with channels, shape (H, W, 3)."""


def check_targets(targets: Sequence[str]) -> tuple[str, ...]:
    """Return the names of targets.

    Raises
    ------
    RecipeError
        If a name is not known.

    Examples
    --------
    >>> check_targets(["signals", "boxes"])
    ('signals', 'boxes')
    """
    if isinstance(targets, str):
        targets = (targets,)
    for name in targets:
        if name not in TARGETS:
            raise RecipeError(f"target {name!r} is not known", ", ".join(TARGETS))
    return tuple(targets)


def make_targets(page: Page, targets: Sequence[str]) -> dict[str, Any]:
    """Return the targets of a page by name.

    Parameters
    ----------
    page
        The page.
    targets
        Any of ``TARGETS``. ``boxes`` (N, 4) float32 and ``labels`` (N,) int64 are of the leads that are
        seen, labelled by their place among the 12 standard ones, -1 for others.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> found = make_targets(page, ["signals", "boxes"])
    >>> found["signals"].shape, found["boxes"].shape
    ((12, 5000), (13, 4))
    """
    found = {name: _MAKERS[name](page) for name in targets if name in _MAKERS}
    if any(name in _OF_LEADS for name in targets):
        truth = found["truth"] if "truth" in found else page.truth.to_dict()
        of_leads = _boxes(truth["leads"])
        found |= {name: of_leads[name] for name in targets if name in _OF_LEADS}
    return {name: found[name] for name in targets}


def _boxes(leads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    seen = [lead for lead in leads if lead["box"] is not None]
    bare = [lead["name"].removeprefix("-") for lead in seen]
    labels = [STANDARD_12.index(name) if name in STANDARD_12 else -1 for name in bare]
    return {
        "boxes": np.array([lead["box"] for lead in seen], np.float32).reshape(-1, 4),
        "labels": np.array(labels, np.int64),
    }
