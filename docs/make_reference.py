"""Writes the pages of the documentation that the code knows best: every key of a recipe, every option.

``conf.py`` calls it before each build, so that these tables cannot fall behind the code.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fastecg.cli.app import app
from fastecg.presets import Kind, load_preset, preset_names
from fastecg.spec import SECTIONS, PageSpec
from fastecg.truth_schema import TruthFile

UNITS: Final = {
    "_mm_mv": "mm/mV",
    "_mm_s": "mm/s",
    "_mm": "mm",
    "_hz": "Hz",
    "_deg": "°",
    "_k": "K",
    "_ev": "stops",
    "_px": "px",
    "_s": "s",
    "_dm2": "per dm²",
    "_sd": "grey levels",
    "dpi": "pixels per inch",
}
NOUNS: Final = ("list", "number", "object", "text")
COLOR: Final = "three whole numbers, 0 to 255: red, green, blue"


def write_all(folder: Path) -> None:
    """Write the generated pages into a folder."""
    folder.mkdir(exist_ok=True)
    pages = {"keys.md": keys(), "options.md": options()}
    pages |= {f"{kind}.md": presets(kind) for kind in get_args(Kind)}
    pages |= {f"truth-{name}.md": text for name, text in truth().items()}
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def keys() -> str:
    """Return a table for each section of a recipe: key, unit, what is allowed, default, meaning."""
    parts = []
    for section in SECTIONS:
        model, defaults = PageSpec.model_fields[section].annotation, getattr(PageSpec(), section)
        summary = (inspect.getdoc(model) or "").splitlines()[0]
        lines = [
            f"### {section}",
            "",
            summary,
            "",
            "| Key | Allowed | Default | Meaning |",
            "|---|---|---|---|",
        ]
        for name, (field, owner, default) in _flat(section, defaults):
            allowed = f"{_allowed(field)} {_unit(name)}".strip()
            lines.append(f"| `{name}` | {allowed} | {_shown(default)} | {_meaning(owner, name)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def truth() -> dict[str, str]:
    """Return a table of the keys of a truth, and of each part of it: type, unit, meaning."""
    tables = {"all": _truth_table(TruthFile)}
    for name, field in TruthFile.model_fields.items():
        model = _part(field.annotation)
        if model is not None:
            tables[name] = _truth_table(model)
    return tables


def _truth_table(model: type[BaseModel]) -> str:
    lines = ["| Key | Type | Unit | Holds |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        kind = _truth_type(model, name)
        lines.append(f"| `{field.alias or name}` | {kind} | {extra.get('unit', '')} | {field.description} |")
    return "\n".join(lines) + "\n"


def _truth_type(model: type[BaseModel], name: str) -> str:
    return _of_truth(get_type_hints(model, include_extras=True)[name])


def _of_truth(kind: Any) -> str:  # noqa: ANN401 - any annotation
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return str(next(word for word in inner if isinstance(word, str)))
    if origin in (Union, types.UnionType):
        return " or ".join(_of_truth(part) for part in inner)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin is list:
        first, space, rest = _of_truth(inner[0]).partition(" ")
        return f"list of {first}{'s' if first in NOUNS else ''}{space}{rest}"
    return f"two {_of_truth(inner[0])}" if origin is tuple else _plain(kind)


def _plain(kind: Any) -> str:  # noqa: ANN401 - as above
    names = {int: "whole number", float: "number", str: "text", types.NoneType: "`null`"}
    return names.get(kind, "object")


def _part(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    """Return the model that an annotation is or is a list of."""
    for one in (kind, *get_args(kind)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def options() -> str:
    """Return the commands and their options."""
    parts = []
    for path, command in _commands(typer.main.get_command(app), "fastecg"):
        lines = [f"### {path}", "", _with_options((command.help or "").strip())]
        rows = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
        if rows:
            lines += ["", "| | Default | |", "|---|---|---|", *rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _parameter(parameter: Any) -> str:  # noqa: ANN401 - typer's own kind of click parameter
    names = [*parameter.opts, *parameter.secondary_opts]
    if parameter.param_type_name == "argument":
        names = [parameter.metavar or f"[{parameter.name.upper()}]"]
        if parameter.required and not parameter.metavar:
            names = [parameter.name.upper()]
    default = parameter.default
    nothing = default is None or default is False or default in ([], ()) or callable(default)
    shown = "" if nothing else f"`{default}`"
    return f"| {', '.join(f'`{name}`' for name in names)} | {shown} | {_with_options(parameter.help or '')} |"


def _with_options(text: str) -> str:
    """Return text in which options are set as code, so that their dashes stay two."""
    return re.sub(r"(?<![\w`-])--[a-z][a-z-]*", r"`\g<0>`", text)


def presets(kind: Any) -> str:  # noqa: ANN401 - one of fastecg.presets.Kind
    """Return a table of the built-in presets of one kind."""
    rows = [
        f"| {_preset(kind, name)} | {load_preset(kind, name)['description']} |" for name in preset_names(kind)
    ]
    return "\n".join(["| Name | What it is |", "|---|---|", *rows]) + "\n"


def _preset(kind: Kind, name: str) -> str:
    """Return the name of a preset; of a recipe with a link to its pictures."""
    return f"[`{name}`](gallery.md#{name})" if kind == "recipes" else f"`{name}`"


def _flat(path: str, part: BaseModel) -> Iterator[tuple[str, tuple[FieldInfo, type[BaseModel], Any]]]:
    """Yield the keys below a part with their dotted names; name and description are the presets' own."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            yield from _flat(f"{path}.{name}", value)
        elif name not in ("name", "description"):
            yield f"{path}.{name}", (field, type(part), value)


def _allowed(field: FieldInfo) -> str:
    bounds = {
        end: getattr(limit, end)
        for limit in field.metadata
        for end in ("gt", "ge", "le")
        if hasattr(limit, end)
    }
    if "gt" in bounds:
        return f"more than {bounds['gt']:g}, at most {bounds['le']:g}"
    if bounds:
        return f"{bounds['ge']:g} to {bounds['le']:g}"
    return _type(field.annotation)


def _type(kind: Any) -> str:  # noqa: ANN401 - any annotation
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        return ", or ".join(_type(part) for part in inner)
    if origin is tuple:
        if isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
            return f"a list of {inner[0].__name__.lower()}s"
        if inner[-1] is not Ellipsis:
            return COLOR
        return "a list of numbers" if inner[0] is float else "a list of lead names"
    return {int: "a whole number", float: "a number", str: "text", bool: "`true`, `false`"}[kind]


def _unit(name: str) -> str:
    return next((unit for end, unit in UNITS.items() if name.endswith(end)), "")


def _shown(value: Any) -> str:  # noqa: ANN401 - any value of a page
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _meaning(owner: type[BaseModel], dotted: str) -> str:
    """Return what a docstring says of a parameter, or the first line of its class."""
    docstring, name = inspect.getdoc(owner) or "", dotted.rpartition(".")[2]
    _, _, section = docstring.partition("Parameters\n----------\n")
    for names, text in re.findall(r"^(\w[\w, ]*)\n((?:    .*(?:\n|$))+)", section, re.MULTILINE):
        if name in re.split(r",\s*", names):
            return " ".join(text.replace("``", "`").split())
    return docstring.splitlines()[0] if not section else ""


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as above
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{path} {name}")
    if not getattr(command, "commands", {}):
        yield path, command
