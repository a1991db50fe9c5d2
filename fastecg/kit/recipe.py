"""ECG-Image-Kit's flags as a recipe: what they leave to chance becomes a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from fastecg.chance import stream
from fastecg.errors import RecipeError
from fastecg.kit.flags import Flags
from fastecg.kit.geometry import GRID_MM, PULSE_MM, SHEET_MM, TEXT_MM, TRACE_MM
from fastecg.kit.part import AUTO
from fastecg.recipe import Recipe, load_recipe

Tree = dict[str, Any]
Colors = tuple[tuple[int, int, int], tuple[int, int, int]]

GRIDS: Final[tuple[Colors, ...]] = (
    ((109, 50, 47), (150, 107, 101)),
    ((255, 203, 221), (254, 237, 248)),
    ((0, 0, 102), (0, 0, 178)),
    ((0, 76, 0), (0, 204, 76)),
    ((255, 0, 0), (254, 223, 219)),
)
"""Major and minor lines of its five grids: brown, pink, blue, green, red."""
GRAY_GRID: Final[Colors] = ((102, 102, 102), (191, 191, 191))
RANDOM_GRIDS: Final = 64
"""How many grids of random colours there are to draw from."""
INKS: Final = tuple((level, level, level) for level in range(1, 52, 2))
BLACK: Final = (0, 0, 0)
WARM_K, COLD_K = (2000, 3999), (10_000, 19_999)
"""Colour temperatures that it draws from, whatever the flag says; here the flag bounds them."""
COLDEST_K: Final = 40_000
LEAST_DPI: Final = 50
LEAST_WORDS: Final = 2
LEAST_HANDWRITING: Final = 0.5
"""Smallest handwriting in terms of ``--hws``, unless that is deterministic."""
MM_PER_INCH: Final = 25.4
BOTTOM_UP: Final = ("III", "aVF", "V3", "V6", "II", "aVL", "V2", "V5", "I", "aVR", "V1", "V4")
"""``leadNames_12`` of its config.yaml: four leads a row, the lowest row first."""


@dataclass(frozen=True, slots=True)
class Config:
    """What its config.yaml says, as far as it has a say here.

    Parameters
    ----------
    paper_s
        Seconds on a page, ``paper_len``.
    order
        ``leadNames_12``, row by row from the top; empty where it is the usual one.
    tick_mm
        Height of the ticks between columns at 200 dpi, of ``tickLength`` and ``tickSize_step``.
    """

    paper_s: float = 10.0
    order: tuple[str, ...] = ()
    tick_mm: float = 6.3


def read_config(path: str) -> Config:
    """Read a configuration file of the kit's; without one its own values hold.

    Raises
    ------
    RecipeError
        If it cannot be read, or asks for what is not possible here.
    """
    if not path:
        return Config()
    try:
        said = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        paper_s, step_s = float(said.get("paper_len", 10)), float(said.get("abs_lead_step", 10))
        names = [str(name) for name in said.get("leadNames_12", BOTTOM_UP)]
        tick = float(said.get("tickLength", 8)) * float(said.get("tickSize_step", 0.002))
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise RecipeError(
            f"--config_file {path} cannot be read ({error})", "a YAML file like the kit's config.yaml"
        ) from None
    if step_s != paper_s:
        raise RecipeError(
            f"{path} has abs_lead_step {step_s:g} and paper_len {paper_s:g}", "the same for both"
        )
    rows = [names[k : k + 4] for k in range(0, len(names), 4)]
    order = () if tuple(names) == BOTTOM_UP else tuple(name for row in reversed(rows) for name in row)
    return Config(paper_s, order, round(tick * 10 * 200 * 5 / 25.4, 3))


def kit_recipe(flags: Flags) -> Recipe:
    """Return the recipe of the kit's flags.

    Parameters
    ----------
    flags
        As :func:`fastecg.kit.flags.parse_flags` returns them.

    Raises
    ------
    RecipeError
        If a flag has no such value.

    Examples
    --------
    >>> from fastecg.kit.flags import parse_flags
    >>> recipe = kit_recipe(parse_flags(["-i", "in", "-o", "out", "--augment", "-rot", "5"]))
    >>> spec = recipe.draw("rec", seed=1)
    >>> abs(spec.perspective.roll_deg) <= 5, 1 <= spec.imaging.noise.gaussian_sd <= 50
    (True, True)
    """
    _check(flags)
    config = read_config(flags.config_file)
    half = 0.5 if flags.fully_random else None
    augment = half if half is not None else float(flags.augment)
    wrinkles = half if half is not None else float(flags.wrinkles)
    values: Tree = {
        "page": _page(flags),
        "paper": _paper(flags),
        "plot": _plot(flags),
        "handwriting": _some("hw_text", _writing(flags), half if half is not None else float(flags.hw_text)),
        "wrinkles": _some("wrinkles", _WRINKLES, wrinkles),
        "creases": _some("wrinkles", _creases(flags), wrinkles),
        "perspective": _some("augment", _camera(flags), augment),
        "imaging": _some("augment", _imaging(flags), augment),
        "kit": _kit(flags, config),
    }
    whole = Recipe("kit", "Pages as ECG-Image-Kit lays them out.", config.paper_s, "whole", values)
    return load_recipe(whole)


def _check(flags: Flags) -> None:
    for name in ("calibration_pulse", "random_grid_present", "random_print_header", "random_bw"):
        if not 0 <= getattr(flags, name) <= 1:
            raise RecipeError(f"--{name} is {getattr(flags, name):g}", "0 to 1")
    bounds = {
        "standard_grid_color": (1, len(GRIDS)),
        "resolution": (LEAST_DPI, 600),
        "pad_inches": (0, 30),
        "num_words": (1, 40),
        "hws": (0.02, 1),
        "x_offset": (0, 20_000),
        "y_offset": (0, 20_000),
        "num_creases_vertically": (0, 100),
        "num_creases_horizontally": (0, 100),
        "noise": (0, 255),
        "crop": (0, 0.39),
        "temperature": (1000, COLDEST_K),
    }
    for name, (low, high) in bounds.items():
        if not low <= getattr(flags, name) <= high:
            raise RecipeError(f"--{name} is {getattr(flags, name):g}", f"{low:g} to {high:g}")
    if flags.store_config not in (0, 1, 2):
        raise RecipeError(f"--store_config is {flags.store_config}", "0, 1 or 2")


def _some(name: str, on: Tree, share: float) -> Any:  # noqa: ANN401 - a recipe's value
    """Return a section that is on for a share of the pages, the same ones wherever the name is."""
    if share in (0, 1):
        return on if share else {}
    return {"choice": [{}, on], "weights": [1 - share, share], "together": name}


def _whole(low: int, high: int, *, fixed: bool) -> Any:  # noqa: ANN401 - a recipe's value
    low = min(low, high)
    return high if fixed or low == high else {"integers": [low, high]}


def _page(flags: Flags) -> Any:  # noqa: ANN401 - a recipe's value
    dpi = _whole(LEAST_DPI, flags.resolution, fixed=not flags.random_resolution)
    pads = range(flags.pad_inches + 1) if flags.random_padding else [flags.pad_inches]
    pages = [
        {
            "size": "custom",
            "width_mm": SHEET_MM[0] + 2 * MM_PER_INCH * pad,
            "height_mm": SHEET_MM[1] + 2 * MM_PER_INCH * pad,
            "dpi": dpi,
            "grid_extent": "frame",
        }
        for pad in pads
    ]
    return {"choice": pages} if len(pages) > 1 else pages[0]


def _sheet_of(colors: Colors) -> Tree:
    major, minor = colors
    return {
        "name": "kit",
        "tint": [255, 255, 255],
        "minor": {"color": list(minor), "width_mm": GRID_MM},
        "major": {"color": list(major), "width_mm": GRID_MM},
    }


def random_grids() -> list[Colors]:
    """Return the grids of random colours: dark lines, the minor ones paler than the major ones in red.

    Examples
    --------
    >>> len(set(random_grids()))
    64
    """
    rng = stream("kit/grids")
    grids: list[Colors] = []
    for _ in range(RANDOM_GRIDS):
        red, green, blue = rng.uniform(0, (0.8, 0.5, 0.5)).tolist()
        paler = rng.uniform(0, 0.2)
        other_green, other_blue = (rng.uniform(0, 0.5, 2) + paler).tolist()
        grids.append((_bytes(red, green, blue), _bytes(red + paler, other_green, other_blue)))
    return grids


def _bytes(red: float, green: float, blue: float) -> tuple[int, int, int]:
    return round(255 * red), round(255 * green), round(255 * blue)


def _paper(flags: Flags) -> Any:  # noqa: ANN401 - a recipe's value
    drawn = flags.random_grid_color or flags.random_bw > 0
    grids = random_grids() if drawn else [GRIDS[flags.standard_grid_color - 1]]
    papers: Any = {"choice": [_sheet_of(grid) for grid in grids]} if drawn else _sheet_of(grids[0])
    papers = _bw(flags, _sheet_of(GRAY_GRID), papers)
    share = flags.random_grid_present
    bare = {"name": "kit", "tint": [255, 255, 255], "minor": {"style": "none"}, "major": {"style": "none"}}
    if share in (0, 1):
        return papers if share else bare
    return {"choice": [bare, papers], "weights": [1 - share, share]}


def _bw(flags: Flags, gray: Any, colored: Any) -> Any:  # noqa: ANN401 - a recipe's values
    share = flags.random_bw
    if share in (0, 1):
        return gray if share else colored
    return {"choice": [gray, colored], "weights": [share, 1 - share], "together": "bw"}


def _plot(flags: Flags) -> Tree:
    share = flags.calibration_pulse
    pulse: Any = "left" if share else "none"
    if 0 < share < 1:
        pulse = {"choice": ["left", "none"], "weights": [share, 1 - share]}
    inks = [list(ink) for ink in INKS]
    return {
        "trace_width_mm": TRACE_MM,
        "pulse_width_mm": PULSE_MM,
        "ink": _bw(flags, list(BLACK), {"choice": inks}),
        "pulse": pulse,
        "lead_names": "none" if flags.remove_lead_names else "below",
        "text_mm": TEXT_MM,
    }


def _writing(flags: Flags) -> Tree:
    return {
        "enabled": True,
        "notes": _whole(LEAST_WORDS, flags.num_words, fixed=flags.deterministic_num_words),
        "phrases": flags.link or "dictionary",
        "color": {"choice": [[28, 28, 34], [34, 56, 140]]},
    }


_WRINKLES: Final[Tree] = {
    "enabled": True,
    "displacement_mm": 0,
    "strength": 0.24,
    "dimming": 0.16,
    "sheets": 4,
}
"""Light and dark alone, as in the kit: nothing on the page moves. Small runs quilt the sheets too: a few."""


def _creases(flags: Flags) -> Tree:
    angle = flags.crease_angle % 180 if flags.deterministic_angle else min(abs(flags.crease_angle), 180)
    return {
        "enabled": True,
        "angle_deg": _whole(0, angle, fixed=flags.deterministic_angle),
        "n_vertical": _whole(1, flags.num_creases_vertically, fixed=flags.deterministic_vertical),
        "n_horizontal": _whole(1, flags.num_creases_horizontally, fixed=flags.deterministic_horizontal),
        "spacing": "edges",
        "shift_mm": 0,
        "depth": 0.1,
        "width_mm": 0.8,
        "wear": 0.15,
    }


def _camera(flags: Flags) -> Tree:
    """Return what turns the page about its middle and cuts its edges off; {} where nothing does."""
    if not flags.rotate and not flags.crop:
        return {}
    zoom = 1 / (1 - 2 * flags.crop)
    most = min(abs(flags.rotate), 180)
    turn: Any = (flags.rotate + 180) % 360 - 180 if flags.deterministic_rot else {"integers": [-most, most]}
    return {
        "enabled": True,
        "roll_deg": turn,
        "fit": "page",
        "fill": zoom if flags.deterministic_crop else {"uniform": [1.0, zoom]},
        "below": {"surface": "void", "shadow_depth": 0},
    }


def _imaging(flags: Flags) -> Tree:
    return {
        "enabled": True,
        "light": {"temperature_k": _temperature(flags), "adaptation": 0},
        "noise": {"gaussian_sd": _whole(1, flags.noise, fixed=flags.deterministic_noise)},
    }


def _temperature(flags: Flags) -> Any:  # noqa: ANN401 - a recipe's value
    highest = flags.temperature
    if flags.deterministic_temp:
        return highest
    ranges = [[low, min(high, highest)] for low, high in (WARM_K, COLD_K) if low <= highest]
    if not ranges:
        return {"integers": [1000, highest]}
    return {"choice": [{"integers": ends} for ends in ranges]} if len(ranges) > 1 else {"integers": ranges[0]}


def _kit(flags: Flags, config: Config) -> Tree:
    header: Any = True
    if not flags.print_header:
        share = flags.random_print_header
        header = bool(share)
        if 0 < share < 1:
            header = {"choice": [True, False], "weights": [share, 1 - share]}
    fixed = flags.deterministic_offset
    size: Any = flags.hws
    if not flags.deterministic_hw_size:
        size = {"uniform": [max(flags.hws * LEAST_HANDWRITING, 0.02), flags.hws]}
    order = config.order if flags.num_columns in (-1, 4) else ()
    return {
        "enabled": True,
        "columns": max(flags.num_columns, 0),
        "order": list(order),
        "strips": _strips(flags.full_mode),
        "tick_mm": config.tick_mm,
        "print_header": header,
        "qr": flags.add_qr_code,
        "writing_share": size,
        "writing_x_px": _whole(1, flags.x_offset, fixed=fixed),
        "writing_y_px": _whole(1, flags.y_offset, fixed=fixed),
    }


def _strips(names: Sequence[str] | None) -> list[str]:
    if names is None:
        return [AUTO]
    return [] if [name.casefold() for name in names] == ["none"] else list(names)
