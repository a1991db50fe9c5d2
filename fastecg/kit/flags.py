"""The flags of ECG-Image-Kit's two scripts, with the meaning that its README gives them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from fastecg.errors import RecipeError

BATCH: Final = "gen_ecg_images_from_data_batch.py"
SINGLE: Final = "gen_ecg_image_from_data.py"
SCRIPTS: Final = (BATCH, SINGLE)

_NUMBERS: Final[tuple[tuple[tuple[str, ...], type, float, str], ...]] = (
    (("-r", "--resolution"), int, 200, "pixels per inch"),
    (("--pad_inches",), int, 0, "white border on all sides, inches"),
    (("--num_columns",), int, -1, "columns of leads; -1: one for 2 leads, else 4"),
    (("-n", "--num_words"), int, 5, "most handwritten phrases"),
    (("--x_offset", "-x_offset"), int, 30, "most pixels from the left edge to the handwriting"),
    (("--y_offset", "-y_offset"), int, 30, "most pixels from the top edge to the handwriting"),
    (("--hws",), float, 0.2, "share of the page that the handwriting may take"),
    (("-ca", "--crease_angle"), int, 90, "largest angle of the creases, degrees"),
    (("-nv", "--num_creases_vertically"), int, 10, "most creases at a right angle to that"),
    (("-nh", "--num_creases_horizontally"), int, 10, "most creases at that angle"),
    (("-rot", "--rotate"), int, 0, "largest turn either way, degrees"),
    (("-noise", "--noise"), int, 50, "largest standard deviation of noise, grey levels"),
    (("-c", "--crop"), float, 0.01, "largest share cropped from each side"),
    (("-t", "--temperature"), int, 40000, "largest colour temperature, K"),
    (("--standard_grid_color",), int, 5, "1 brown, 2 pink, 3 blue, 4 green, 5 red"),
    (("--calibration_pulse",), float, 1, "share of pages with calibration pulses"),
    (("--random_grid_present",), float, 1, "share of pages with a grid"),
    (("--random_print_header", "--random_add_header"), float, 0, "share of pages with a printed header"),
    (("--random_bw",), float, 0, "share of black and white pages"),
)
_SWITCHES: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("-ph", "--print_header"), "print what the record's header says on every page"),
    (("--mask_unplotted_samples",), "NaN in the WFDB copy where nothing is drawn"),
    (("--add_qr_code",), "print a QR code with the record's name"),
    (("--random_resolution",), "draw the resolution from 50 to -r"),
    (("--random_padding",), "draw the border from 0 to --pad_inches"),
    (("--random_grid_color",), "draw the grid's colours"),
    (("--remove_lead_names",), "print no lead names"),
    (("--lead_name_bbox",), "boxes of the lead names in the JSON"),
    (("--lead_bbox",), "boxes of the leads in the JSON"),
    (("--deterministic_offset",), "--x_offset and --y_offset as they are"),
    (("--deterministic_num_words",), "as many phrases as -n says"),
    (("--deterministic_hw_size",), "handwriting as large as --hws says"),
    (("--deterministic_angle",), "creases at -ca"),
    (("--deterministic_vertical",), "as many creases as -nv says"),
    (("--deterministic_horizontal",), "as many creases as -nh says"),
    (("--deterministic_rot",), "turn by --rotate"),
    (("--deterministic_noise",), "noise of --noise"),
    (("--deterministic_crop",), "crop by --crop"),
    (("--deterministic_temp",), "light of --temperature"),
    (("--fully_random",), "draw which distortions a page has"),
    (("--hw_text",), "handwriting"),
    (("--wrinkles",), "wrinkles and creases"),
    (("--augment",), "turn, crop, noise and colour temperature"),
)


class Flags(argparse.Namespace):
    """What the flags say, one attribute for each; names and types as in the kit's own scripts."""

    single: bool
    input: str
    header_file: str
    output_directory: str
    seed: int
    start_index: int
    max_num_images: int
    config_file: str
    full_mode: list[str] | None
    link: str
    store_config: int
    workers: int | None
    resolution: int
    pad_inches: int
    num_columns: int
    num_words: int
    x_offset: int
    y_offset: int
    hws: float
    crease_angle: int
    num_creases_vertically: int
    num_creases_horizontally: int
    rotate: int
    noise: int
    crop: float
    temperature: int
    standard_grid_color: int
    calibration_pulse: float
    random_grid_present: float
    random_print_header: float
    random_bw: float
    print_header: bool
    mask_unplotted_samples: bool
    add_qr_code: bool
    random_resolution: bool
    random_padding: bool
    random_grid_color: bool
    remove_lead_names: bool
    lead_name_bbox: bool
    lead_bbox: bool
    deterministic_offset: bool
    deterministic_num_words: bool
    deterministic_hw_size: bool
    deterministic_angle: bool
    deterministic_vertical: bool
    deterministic_horizontal: bool
    deterministic_rot: bool
    deterministic_noise: bool
    deterministic_crop: bool
    deterministic_temp: bool
    fully_random: bool
    hw_text: bool
    wrinkles: bool
    augment: bool


class _Parser(argparse.ArgumentParser):
    """Raises our error rather than ending the process."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Say what is wrong with the flags."""
        raise RecipeError(message, "", f"{self.prog} --help lists the flags")


def parser(*, single: bool) -> argparse.ArgumentParser:
    """Return the parser of one of the scripts.

    Examples
    --------
    >>> flags = parser(single=False).parse_args(["-i", "in", "-o", "out", "--store_config"])
    >>> flags.resolution, flags.store_config
    (200, 1)
    """
    flags = _Parser(prog=f"fastecg kit {SINGLE if single else BATCH}", description=__doc__)
    add = flags.add_argument
    if single:
        add("-i", "--input_file", dest="input", required=True, help="the record's .dat or .mat file")
        add("-hea", "--header_file", required=True, help="its .hea file")
        add("-st", "--start_index", type=int, required=True, help="first sample on the page")
    else:
        add("-i", "--input_directory", dest="input", required=True, help="folder of WFDB records")
        add("--max_num_images", type=int, default=-1, help="most pages; -1: all")
    add("-o", "--output_directory", required=True, help="folder of the images")
    add("-se", "--seed", type=int, default=-1, help="seed of everything that is drawn by chance")
    add("--num_leads", default="twelve", help="of no effect, as in the kit")
    add("--config_file", default="", help="YAML file with the keys of the kit's config.yaml")
    add("--full_mode", nargs="+", default=None, metavar="LEAD", help="rhythm strips (II), or None")
    add("-l", "--link", default="", help="text file or URL to take handwritten phrases from")
    add("--store_config", type=int, nargs="?", const=1, default=0, help="JSON: 1 short, 2 full")
    for names, kind, default, text in _NUMBERS:
        add(*names, dest=_long(names).lstrip("-"), type=kind, default=default, help=text)
    for names, text in _SWITCHES:
        add(*names, dest=_long(names).lstrip("-"), action="store_true", help=text)
    add("--workers", type=int, default=None, help="worker processes; 0: none (ours)")
    return flags


def _long(names: tuple[str, ...]) -> str:
    return next(name for name in names if name.startswith("--"))


def parse_flags(arguments: Sequence[str]) -> Flags:
    """Return what a command line says, with or without the name of one of the kit's scripts before it.

    Parameters
    ----------
    arguments
        The words after ``fastecg kit``. Without a script's name, a header file (``-hea``) says that it is
        the script for one record.

    Raises
    ------
    RecipeError
        If a flag is unknown or missing, or has no such value.

    Examples
    --------
    >>> flags = parse_flags(["kit/gen_ecg_images_from_data_batch.py", "-i", "in", "-o", "out", "-rot", "5"])
    >>> flags.single, flags.rotate, flags.num_words
    (False, 5, 5)
    """
    words = list(arguments)
    script = PurePath(words[0].replace("\\", "/")).name if words else ""
    if script in SCRIPTS:
        words = words[1:]
        single = script == SINGLE
    else:
        single = any(word.partition("=")[0] in ("-hea", "--header_file") for word in words)
    found = parser(single=single).parse_args(words, Flags(single=single))
    if single:
        found.max_num_images = 1
    else:
        found.header_file, found.start_index = "", 0
    return found
