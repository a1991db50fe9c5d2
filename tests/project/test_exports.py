"""The public face: ``fastecg.__all__`` compared with what is there, docstrings compared with signatures."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from typing import Any, Final

import pytest

import fastecg

LANGUAGE: Final = {"annotations", "TYPE_CHECKING"}
CALLABLES: Final = sorted(name for name in fastecg.__all__ if callable(getattr(fastecg, name, None)))


def section(docstring: str, title: str) -> str:
    """Return the text below a numpy-style heading, or nothing."""
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def documented_arguments(docstring: str) -> set[str]:
    lines = re.findall(r"^[*\w].*$", section(docstring, "Parameters"), re.MULTILINE)
    return {name.strip(" *") for line in lines for name in line.partition(":")[0].split(",")}


def own_arguments(thing: Callable[..., Any]) -> set[str]:
    """Return the arguments a call takes; none for a class that takes over the constructor of its base."""
    if inspect.isclass(thing) and "__init__" not in vars(thing):
        return set()
    return set(inspect.signature(thing).parameters)


def docstrings(thing: Callable[..., Any]) -> str:
    """Return the docstring and, for a class, those of its public methods."""
    own = inspect.getdoc(thing) or ""
    members = vars(thing).items() if inspect.isclass(thing) else ()
    return "\n".join([own, *(inspect.getdoc(value) or "" for name, value in members if name[0] != "_")])


def flaws(thing: Callable[..., Any]) -> list[str]:
    """Return what a public function or class does not say about itself."""
    docstring, arguments = inspect.getdoc(thing) or "", own_arguments(thing)
    found = [] if thing.__doc__ else ["no docstring"]
    found += [
        f"{name} is not among the Parameters" for name in sorted(arguments - documented_arguments(docstring))
    ]
    if arguments and ">>> " not in docstrings(thing):
        found.append("no example")
    return found


def test_all_names_everything_public_and_nothing_else() -> None:
    there = {
        name
        for name, value in vars(fastecg).items()
        if not (name.startswith("_") or isinstance(value, types.ModuleType) or name in LANGUAGE)
    }
    missing = [name for name in fastecg.__all__ if not hasattr(fastecg, name)]
    assert not missing
    assert there <= set(fastecg.__all__)
    assert len(set(fastecg.__all__)) == len(fastecg.__all__)


@pytest.mark.parametrize("name", CALLABLES)
def test_public_names_are_documented(name: str) -> None:
    assert not flaws(getattr(fastecg, name))


def test_flaws_are_seen() -> None:
    def silent(width: int) -> None: ...

    def told(width: int, *rest: int) -> None:
        """Do it.

        Parameters
        ----------
        width, height
            In pixels.

            other: not an argument.

        Examples
        --------
        >>> told(1)
        """

    class Heir(fastecg.Record):
        """Takes over the constructor of its base."""

    assert flaws(silent) == ["no docstring", "width is not among the Parameters", "no example"]
    assert flaws(told) == ["rest is not among the Parameters"]
    assert not flaws(Heir)
