"""The flags: names, types and defaults as in the kit's two scripts."""

from __future__ import annotations

import pytest

from fastecg.errors import RecipeError
from fastecg.kit.flags import parse_flags

BATCH = ["-i", "in", "-o", "out"]
SINGLE = ["-i", "a.dat", "-hea", "a.hea", "-o", "out", "-st", "0"]


@pytest.mark.parametrize(
    ("words", "single"),
    [
        (BATCH, False),
        (["gen_ecg_images_from_data_batch.py", *BATCH], False),
        (["kit/codes/gen_ecg_images_from_data_batch.py", *BATCH], False),
        (["C:\\kit\\gen_ecg_image_from_data.py", *SINGLE], True),
        (["gen_ecg_image_from_data.py", *SINGLE], True),
        (SINGLE, True),
    ],
)
def test_which_script_is_meant(words: list[str], single: bool) -> None:
    assert parse_flags(words).single is single


def test_defaults_are_the_kits() -> None:
    flags = parse_flags(BATCH)
    expected = {
        "seed": -1,
        "max_num_images": -1,
        "resolution": 200,
        "pad_inches": 0,
        "print_header": False,
        "num_columns": -1,
        "full_mode": None,
        "mask_unplotted_samples": False,
        "add_qr_code": False,
        "link": "",
        "num_words": 5,
        "x_offset": 30,
        "y_offset": 30,
        "hws": 0.2,
        "crease_angle": 90,
        "num_creases_vertically": 10,
        "num_creases_horizontally": 10,
        "rotate": 0,
        "noise": 50,
        "crop": 0.01,
        "temperature": 40000,
        "standard_grid_color": 5,
        "calibration_pulse": 1,
        "random_grid_present": 1,
        "random_print_header": 0,
        "random_bw": 0,
        "remove_lead_names": False,
        "store_config": 0,
        "fully_random": False,
    }
    assert {name: getattr(flags, name) for name in expected} == expected


@pytest.mark.parametrize(
    "line",
    [  # the examples of the kit's README, flags that it names and does not have included
        "-i in -o out --print_header",
        "-i in -o out -se 10 --lead_name_bbox --lead_bbox --random_add_header 0.8 --add_qr_code",
        "-i in -o out --hw_text -n 4 --x_offset 30 --y_offset 20 -se 10 --random_grid_color --add_qr_code",
        "-i in -o out --wrinkles -ca 45 -se 10 --random_grid_color --add_qr_code",
        "-i in -o out --augment -rot 5 -noise 40 --deterministic_rot --deterministic_noise -se 10",
        "-i in -o out --augment -rot 30 -c 0.1 --deterministic_rot --deterministic_noise -se 10",
        "-i in -o out -se 20 --resolution 300 --random_padding --pad_inches 1 --hw_text -n 4 --x_offset 30",
        "-i in -o out -n 4 -x_offset 30 -y_offset 20",
        "-i in -o out -ph -nv 3 -nh 4 -t 5000 -l text.txt -r 100 --num_leads twelve --full_mode II V1",
    ],
)
def test_lines_of_its_readme_are_understood(line: str) -> None:
    flags = parse_flags(line.split())
    assert (flags.input, flags.output_directory) == ("in", "out")


def test_values_end_up_where_they_belong() -> None:
    line = "-i in -o out -ph -nv 3 -nh 4 -t 5000 -l text.txt -r 100 --full_mode II V1 --store_config 2 -c 0.1"
    flags = parse_flags(line.split())
    assert (flags.print_header, flags.num_creases_vertically, flags.num_creases_horizontally) == (True, 3, 4)
    assert (flags.temperature, flags.link, flags.resolution) == (5000, "text.txt", 100)
    assert (flags.full_mode, flags.store_config, flags.crop) == (["II", "V1"], 2, 0.1)
    assert parse_flags([*BATCH, "--store_config"]).store_config == 1


def test_one_records_script_makes_one_page() -> None:
    flags = parse_flags([*SINGLE, "--add_qr_code"])
    assert (flags.input, flags.header_file, flags.start_index, flags.max_num_images) == (
        "a.dat",
        "a.hea",
        0,
        1,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-i", "in"], "required: -o/--output_directory"),
        ([*BATCH, "--colour", "3"], "unrecognized arguments: --colour"),
        ([*BATCH, "-r", "high"], "invalid int value"),
        (["gen_ecg_image_from_data.py", *BATCH], "required: -hea"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_flags(words)
