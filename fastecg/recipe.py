"""Recipe: what may vary from page to page, and how; drawing from it gives a PageSpec."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fastecg.chance import name_key, stream
from fastecg.errors import RecipeError
from fastecg.presets import expand_preset, load_preset, nearest
from fastecg.spec import PRESET_SECTIONS, SECTIONS, PageSpec, explain, make_spec
from fastecg.stages.fonts import FONTS, Fonts
from fastecg.stages.scribe import Scribe

DISTRIBUTIONS: Final = ("choice", "uniform", "integers")
MOST_WEIGHT: Final = 1e12

Pick = Callable[[str, dict[str, Any]], Any]


class _Head(BaseModel):
    """The keys of a recipe that are not drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = ""
    window_s: float = Field(default=10.0, gt=0, le=120)
    windows: Literal["all", "first", "whole"] = "all"
    copies: int = Field(default=1, ge=1)
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """A recipe: a tree of page values in which any value may be a distribution.

    A value is a constant, or one of ``{choice: [a, b], weights: [3, 1]}``,
    ``{uniform: [low, high]}``, ``{integers: [low, high]}`` (both ends included). Choices may be
    whole mappings, for values that belong together. Choices in different sections that have the same
    ``together: NAME`` and the same weights take the same place of their lists on a page. ``extends: NAME``
    builds on another recipe.

    Parameters
    ----------
    name
        Name shown in the truth.
    description
        What the pages look like.
    window_s
        Seconds of a record on one page.
    windows
        ``all`` windows of a record, a last one of at least half among them; only the ``first``; or only
        those that are ``whole``, so that a record shorter than one has no page.
    values
        The tree, whose sections are the parts of a PageSpec: ``page``, ``paper``, ``plot``, ….
    copies
        Pages of each window unless the caller asks for another number.
    series
        Other recipes that the copies take by turns, with ``values`` laid over each; empty for one
        recipe alone.

    Examples
    --------
    >>> recipe = load_recipe("clean", {"page.dpi": {"choice": [100, 200]}})
    >>> recipe.draw("ptbxl/HR00001", seed=7).page.dpi in (100, 200)
    True
    """

    name: str
    description: str
    window_s: float
    windows: Literal["all", "first", "whole"]
    values: dict[str, Any] = field(default_factory=dict)
    copies: int = 1
    series: tuple[Recipe, ...] = ()

    def windows_in(self, length_s: float) -> int:
        """Return how many pages a record of a length in seconds fills.

        Examples
        --------
        >>> load_recipe("clean").windows_in(16.0)
        2
        """
        if self.windows == "first":
            return 1
        if self.windows == "whole":
            return int(length_s / self.window_s + 1e-9)
        return max(1, int(length_s / self.window_s + 0.5))

    def draw(self, key: str, *, seed: int = 0, copy: int = 0, window: int = 0) -> PageSpec:
        """Draw the values of one page.

        Each value has a random stream of its own, keyed by (seed, record, window, copy, name of
        the value): a page is the same alone, in a batch, in any order, and a recipe that gains
        a value leaves the others as they were.

        Parameters
        ----------
        key
            Key of the record, such as ``ptbxl/HR00001``.
        seed, copy, window
            Seed of the dataset, number of the copy, number of the window.
        """
        if self.series:
            return self.series[copy % len(self.series)].draw(key, seed=seed, copy=copy, window=window)
        page_key = f"{seed}/{key}/{window}/{copy}"
        values = _resolve(
            self.values,
            "",
            lambda path, choices: _sample(choices, f"{page_key}/{choices.get('together', path)}"),
        )
        values["recipe"] = self.name
        values["seed"] = seed
        values["copy_index"] = copy
        values["key"] = name_key(page_key)
        values["window"] = {"index": window, "duration_s": self.window_s}
        return make_spec(values)


RecipeLike = str | os.PathLike[str] | Recipe
"""A recipe's name, the path of its YAML file, or the recipe itself."""


def load_recipe(recipe: RecipeLike, overrides: dict[str, Any] | None = None) -> Recipe:
    """Load a recipe by its name or from a YAML file, and check every value it can draw.

    Parameters
    ----------
    recipe
        Name of a built-in recipe, path of a ``.yaml`` file, or a Recipe.
    overrides
        Values by dotted name that replace the recipe's, such as ``{"page.dpi": 300}``.

    Raises
    ------
    RecipeError
        If the recipe is not found, a key is unknown, or any value it could draw is out of range.

    Examples
    --------
    >>> load_recipe("clean", {"layout": "6x2"}).draw("a").layout.columns
    2
    """
    if isinstance(recipe, Recipe):
        name, data = recipe.name, {**_head_of(recipe), **recipe.values}
    else:
        given = os.fspath(recipe)
        name = Path(given).stem if given.endswith((".yaml", ".yml")) else given
        data = _load_tree(given, ())
    for dotted, value in (overrides or {}).items():
        data = _override(data, dotted.split("."), value)
    return _checked(name, data)


def _head_of(recipe: Recipe) -> dict[str, Any]:
    series = [member.name.partition("/")[2] for member in recipe.series]
    return {
        "description": recipe.description,
        "window_s": recipe.window_s,
        "windows": recipe.windows,
        "copies": recipe.copies,
        "series": series,
    }


def _checked(name: str, data: dict[str, Any]) -> Recipe:
    """Return the recipe of a tree, after a look at every value that it can draw."""
    _check_keys(name, data)
    try:
        head = _Head.model_validate({k: v for k, v in data.items() if k in _Head.model_fields})
    except ValidationError as error:
        raise explain(error, _Head) from None
    sections = {key: value for key, value in data.items() if key in SECTIONS}
    values = {key: _expand(value, key) for key, value in sections.items()}
    specs = [make_spec(candidate) for candidate in _candidates(values)]
    for font in sorted({font for spec in specs for font in _fonts(spec)}):
        Fonts().check(font)
    scribe = Scribe()
    for hand in {spec.handwriting for spec in specs if spec.handwriting.enabled}:
        scribe.check(hand)
    series = tuple(_member(name, each, head, sections) for each in head.series)
    return Recipe(name, head.description, head.window_s, head.windows, values, head.copies, series)


def _member(name: str, member: str, head: _Head, sections: dict[str, Any]) -> Recipe:
    """Return one recipe of a series, with the series' own sections laid over its own."""
    tree = _load_tree(member, (name,))
    if tree.get("series"):
        raise RecipeError(f"{member} in the series of recipe {name!r} is a series", "recipes that are none")
    shared = {"window_s": head.window_s, "windows": head.windows}
    return _checked(f"{name}/{member}", {**_lay_over(tree, sections), **shared})


def with_privacy(recipe: Recipe) -> Recipe:
    """Return the recipe with ``header.privacy`` on whatever else it says, in every choice of a header.

    Examples
    --------
    >>> with_privacy(load_recipe("clean")).draw("a").header.privacy
    True
    """
    header = _private(recipe.values.get("header", {}))
    series = tuple(with_privacy(member) for member in recipe.series)
    return replace(recipe, values={**recipe.values, "header": header}, series=series)


def _private(header: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Return a header's values with privacy on; of a distribution, each of its choices."""
    if isinstance(header, dict) and isinstance(header.get("choice"), list):
        return {**header, "choice": [_private(item) for item in header["choice"]]}
    return {**header, "privacy": True}


def _fonts(spec: PageSpec) -> tuple[str, ...]:
    """Return the typefaces that a page names, but for those that are always there."""
    named = (spec.plot.font, spec.header.font, spec.header.template.font)
    return tuple(font for font in named if font != "auto" and font not in FONTS)


def _check_keys(name: str, data: dict[str, Any]) -> None:
    known = (*_Head.model_fields, *SECTIONS, "extends")
    for key in data:
        if key == "extends":
            raise RecipeError("extends is given as an override", "only in a recipe file")
        if key not in known:
            raise RecipeError(
                f"recipe {name!r} has the key {key!r}", ", ".join(known), nearest(str(key), known)
            )


def _load_tree(name: str, seen: tuple[str, ...]) -> dict[str, Any]:
    if name in seen:
        raise RecipeError(f"recipe {name!r} extends itself: {' > '.join((*seen, name))}")
    data = load_preset("recipes", name)
    if "extends" not in data:
        return data
    own = {key: value for key, value in data.items() if key != "extends"}
    return _lay_over(_load_tree(str(data["extends"]), (*seen, name)), own)


def _lay_over(base: dict[str, Any], own: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Merge like ``merge``, but a distribution is replaced as a whole, never mixed with another.

    A mapping laid over the name of a preset changes that preset's values.
    """
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        inner = f"{path}.{key}" if path else str(key)
        if inner in PRESET_SECTIONS and isinstance(below, str):
            below = {"preset": below}
        plain = isinstance(below, dict) and isinstance(value, dict)
        if plain and not _is_distribution(below) and not _is_distribution(value):
            merged[key] = _lay_over(below, value, inner)  # type: ignore[arg-type]
        else:
            merged[key] = value
    return merged


def _override(data: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:  # noqa: ANN401 - any YAML value
    below: Any = data
    for depth, part in enumerate(path):
        if _is_distribution(below):
            whole = ".".join(path[:depth])
            raise RecipeError(
                f"{'.'.join(path)} lies in {whole}, which the recipe draws as a whole",
                f"a value for {whole}",
                f"set {whole} itself",
            )
        below = below.get(part) if isinstance(below, dict) else None
    tree: Any = value
    for part in reversed(path):
        tree = {part: tree}
    return _lay_over(data, tree)


def _expand(value: Any, section: str) -> Any:  # noqa: ANN401 - any YAML value
    """Replace preset names by what they stand for, so that drawing a page reads no file."""
    if isinstance(value, dict) and isinstance(value.get("choice"), list):
        return {**value, "choice": [_expand(item, section) for item in value["choice"]]}
    kind = PRESET_SECTIONS.get(section)
    if kind is not None:
        return expand_preset(kind, value)
    if isinstance(value, dict) and any(known.startswith(f"{section}.") for known in PRESET_SECTIONS):
        return {key: _expand(item, f"{section}.{key}") for key, item in value.items()}
    return value


def _is_distribution(value: Any) -> bool:  # noqa: ANN401 - any YAML value
    return isinstance(value, dict) and any(kind in value for kind in DISTRIBUTIONS)


def _resolve(tree: Any, path: str, pick: Pick) -> Any:  # noqa: ANN401 - any YAML value
    """Return the tree with each distribution replaced by the value picked for it."""
    if _is_distribution(tree):
        return _resolve(pick(path, tree), f"{path}*", pick)
    if isinstance(tree, dict):
        return {key: _resolve(value, f"{path}.{key}" if path else key, pick) for key, value in tree.items()}
    return tree


def _sample(choices: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any YAML value
    """Draw one value from a distribution; the stream's name is its key."""
    rng = stream(name)
    if "choice" in choices:
        weights = np.asarray(choices.get("weights", np.ones(len(choices["choice"]))), dtype=np.float64)
        return choices["choice"][
            int(np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(), "right"))
        ]
    if "uniform" in choices:
        low, high = choices["uniform"]
        return min(max(round(low + (high - low) * rng.random(), 4), low), high)
    low, high = choices["integers"]
    return int(rng.integers(low, high, endpoint=True))


def _ends(path: str, choices: dict[str, Any]) -> list[Any]:
    """Return the values that show whether a distribution can be drawn from: its choices or its bounds."""
    kind = next(kind for kind in DISTRIBUTIONS if kind in choices)
    values = choices[kind]
    extra = set(choices) - {kind} - ({"weights", "together"} if kind == "choice" else set())
    if extra:
        raise RecipeError(
            f"{path} mixes {kind} with {', '.join(sorted(map(str, extra)))}", "one distribution"
        )
    if kind == "choice":
        weights = choices.get("weights", [1] * len(values) if isinstance(values, list) else [])
        if not isinstance(values, list) or not values:
            raise RecipeError(f"{path}.choice is {values!r}", "a list of at least one value")
        numbers = isinstance(weights, list) and all(
            isinstance(w, (int, float)) and 0 <= w <= MOST_WEIGHT for w in weights
        )
        if not numbers or len(weights) != len(values) or sum(weights) <= 0:
            raise RecipeError(
                f"{path}.weights is {weights!r}",
                f"{len(values)} numbers from 0 to {MOST_WEIGHT:g}, not all 0",
            )
        return values
    numeric = int if kind == "integers" else (int, float)
    pair = isinstance(values, list) and len(values) == 2 and all(isinstance(v, numeric) for v in values)
    if not pair or values[0] > values[1]:
        raise RecipeError(f"{path}.{kind} is {values!r}", "[low, high] with low <= high")
    low, high = values
    # A value between the ends shows whether the key wants whole numbers.
    return [low, high, low + (high - low) * 0.6180339887] if kind == "uniform" and low < high else [low, high]


def _candidates(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield trees in which every choice and bound of every distribution occurs at least once."""
    # By path and identity: the mappings of a choice may each have a distribution under the same key.
    plan: dict[tuple[str, int], Any] = {}
    seen: dict[tuple[str, int], list[Any]] = {}
    reached_by: dict[tuple[str, int], dict[tuple[str, int], Any]] = {}

    def pick(path: str, choices: dict[str, Any]) -> Any:  # noqa: ANN401 - any YAML value
        spot = path, id(choices)
        if spot not in seen:
            seen[spot], reached_by[spot] = _ends(path, choices), plan
        return plan[spot] if spot in plan else seen[spot][0]

    yield _resolve(values, "", pick)
    done: set[tuple[str, int]] = set()
    while todo := [spot for spot in seen if spot not in done]:
        for spot in todo:
            done.add(spot)
            for value in list(seen[spot]):
                plan = {**reached_by[spot], spot: value}
                yield _resolve(values, "", pick)
