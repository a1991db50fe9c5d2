"""Layouts, papers, header templates and recipes as data: the YAML files here, or the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from fastecg.errors import RecipeError

Kind = Literal["layouts", "papers", "headers", "recipes"]

MOST_CHARACTERS: Final = 200_000
MOST_VALUES: Final = 50_000
"""Most values of a text, what stands behind an alias counted each time: some lines can stand for billions."""
DEEPEST: Final = 40


def preset_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the built-in presets of one kind, sorted.

    Examples
    --------
    >>> "3x4+1" in preset_names("layouts")
    True
    """
    folder = resources.files(__name__).joinpath(kind)
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def nearest(given: str, known: Iterable[str]) -> str:
    """Return a hint that names the known key closest to what was given, or "".

    Examples
    --------
    >>> nearest("layuot", ["layout", "page"])
    "did you mean 'layout'?"
    """
    close = difflib.get_close_matches(given, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""


def load_preset(kind: Kind, name: str) -> dict[str, Any]:
    """Read a built-in preset by name, or a YAML file by path (anything that ends in .yaml or .yml).

    Raises
    ------
    RecipeError
        If there is no such preset, or the file cannot be read or holds no mapping.
    """
    if name.endswith((".yaml", ".yml")):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:  # not UTF-8, or a name no file can have
            raise RecipeError(f"{name} cannot be read ({error})", "a YAML file") from None
    else:
        known = preset_names(kind)
        if name not in known:
            hint = nearest(name, known) or "or give the path of a .yaml file of your own"
            raise RecipeError(f"there is no {kind[:-1]} {name!r}", ", ".join(known), hint)
        text = resources.files(__name__).joinpath(kind, f"{name}.yaml").read_text(encoding="utf-8")
    try:
        data = read_yaml(text)
    except ValueError as error:
        raise RecipeError(f"{name} is not valid YAML: {error}") from None
    if not isinstance(data, dict):
        raise RecipeError(f"{name} holds {type(data).__name__}", "a mapping of keys to values")
    return data


class _Loader(yaml.SafeLoader):
    """The safe loader, which gives up on a text that is deep before it has read all of it."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} levels deep")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def read_yaml(text: str) -> Any:  # noqa: ANN401 - any YAML value
    """Read YAML that somebody else may have written: plain values only, few of them and not deep.

    Raises
    ------
    ValueError
        If it is no YAML, or too long or too deep, or holds itself.

    Examples
    --------
    >>> read_yaml("{dpi: 300}")
    {'dpi': 300}
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{len(text)} characters, where {MOST_CHARACTERS} are allowed")
    try:
        data = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    if _measure(data, {}, 0)[0] > MOST_VALUES:
        raise ValueError(f"it stands for more than {MOST_VALUES} values")
    return data


def _measure(value: Any, known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:  # noqa: ANN401 - any YAML value
    """Return how many values a value stands for, and its levels; each is looked at once."""
    if not isinstance(value, dict | list | set | tuple):
        return 1, 0
    if id(value) not in known:
        inner = value.values() if isinstance(value, dict) else value
        found = [_measure(item, known, depth + 1) for item in inner] if depth <= DEEPEST else []
        known[id(value)] = (
            1 + sum(count for count, _ in found),
            1 + max((high for _, high in found), default=0),
        )
    if depth + known[id(value)][1] > DEEPEST:
        raise ValueError(f"it is more than {DEEPEST} levels deep")
    return known[id(value)]


def merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the values of ``own`` laid over it, mapping by mapping.

    Examples
    --------
    >>> merge({"page": {"dpi": 200, "size": "A4"}}, {"page": {"dpi": 100}})
    {'page': {'dpi': 100, 'size': 'A4'}}
    """
    merged = dict(base)
    for key, value in own.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def expand_preset(kind: Kind, value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Replace a preset's name, or a mapping with ``preset`` and what differs from it, by its values.

    Examples
    --------
    >>> expand_preset("papers", {"preset": "pink", "tint": [255, 255, 255]})["name"]
    'pink'
    """
    if isinstance(value, str):
        value = {"preset": value}
    if isinstance(value, dict) and "preset" in value:
        name = str(value["preset"])
        own = {key: item for key, item in value.items() if key != "preset"}
        return merge({"name": name, **load_preset(kind, name)}, own)
    return value
