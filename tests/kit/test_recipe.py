"""The flags as a recipe: what they fix, what they leave to chance, and within which bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastecg.errors import RecipeError
from fastecg.kit.flags import parse_flags
from fastecg.kit.recipe import BLACK, GRAY_GRID, GRIDS, kit_recipe, random_grids, read_config
from fastecg.recipe import Recipe
from fastecg.spec import PageSpec

SAMPLE = 60


def recipe_of(flags: str) -> Recipe:
    return kit_recipe(parse_flags(["-i", "in", "-o", "out", *flags.split()]))


def drawn(flags: str, count: int = SAMPLE) -> list[PageSpec]:
    recipe = recipe_of(flags)
    return [recipe.draw(f"rec{k}", seed=1) for k in range(count)]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_standard_grids(number: int) -> None:
    (spec,) = drawn(f"--standard_grid_color {number}", 1)
    assert (spec.paper.major.color, spec.paper.minor.color) == GRIDS[number - 1]
    assert spec.paper.major.color == tuple(
        round(255 * level)
        for level in (
            (0.4274, 0.196, 0.1843),
            (1, 0.796, 0.866),
            (0, 0, 0.4),
            (0, 0.3, 0),
            (1, 0, 0),
        )[number - 1]
    )


def test_the_same_seed_draws_the_same_page_whatever_other_records_there_are() -> None:
    flags = "--random_grid_color --augment -rot 9 --hw_text --wrinkles"
    assert drawn(flags, 5)[3] == recipe_of(flags).draw("rec3", seed=1)
    assert drawn(flags, 1)[0] != recipe_of(flags).draw("rec0", seed=2)


def test_padding_makes_the_page_larger_by_whole_inches() -> None:
    assert {spec.page.shape_px for spec in drawn("--pad_inches 1", 3)} == {(2100, 2600)}
    shapes = {spec.page.shape_px for spec in drawn("--pad_inches 2 --random_padding")}
    assert shapes == {(1700, 2200), (2100, 2600), (2500, 3000)}


def test_resolutions_are_drawn_between_fifty_and_the_given_one() -> None:
    found = [spec.page.dpi for spec in drawn("-r 120 --random_resolution")]
    assert 50 <= min(found) < 70
    assert 100 < max(found) <= 120


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_shares_of_pages(share: float) -> None:
    flags = f"--calibration_pulse {share} --random_grid_present {share} --random_print_header {share}"
    specs = drawn(f"{flags} --random_bw {share}", 200)
    shares = [
        sum(spec.plot.pulse == "left" for spec in specs) / 200,
        sum(spec.paper.major.style == "lines" for spec in specs) / 200,
        sum(spec.kit.print_header for spec in specs) / 200,
        sum(spec.plot.ink == BLACK for spec in specs) / 200,
    ]
    assert shares == pytest.approx([share] * 4, abs=0.1 if 0 < share < 1 else 0)


def test_black_and_white_pages_have_black_ink_and_others_random_colours() -> None:
    specs = drawn("--random_bw 0.5", 80)
    for spec in specs:
        bw = spec.plot.ink == BLACK
        assert ((spec.paper.major.color, spec.paper.minor.color) == GRAY_GRID) is bw
    colored = {(s.paper.major.color, s.paper.minor.color) for s in specs if s.plot.ink != BLACK}
    assert len(colored) > 15
    assert colored <= set(random_grids())


def test_distortions_are_off_until_they_are_asked_for() -> None:
    (spec,) = drawn("-n 4 -rot 20 -ca 30", 1)
    on = (spec.handwriting, spec.wrinkles, spec.creases, spec.perspective, spec.imaging, spec.damage)
    assert not any(part.enabled for part in on)


def test_fully_random_pages_have_each_distortion_half_of_the_time() -> None:
    specs = drawn("--fully_random", 200)
    for spec in specs:
        assert spec.wrinkles.enabled == spec.creases.enabled
        assert spec.perspective.enabled == spec.imaging.enabled
    for part in ("handwriting", "wrinkles", "imaging"):
        assert sum(getattr(spec, part).enabled for spec in specs) == pytest.approx(100, abs=25)
    assert len({(s.handwriting.enabled, s.wrinkles.enabled, s.imaging.enabled) for s in specs}) == 8


def test_bounds_are_upper_ones_and_deterministic_values_exact() -> None:
    flags = (
        "--augment -rot 8 -noise 30 -c 0.1 -t 15000 --wrinkles -ca 40 -nv 6 -nh 3 --hw_text -n 7 --hws 0.3"
    )
    specs = drawn(flags)
    for values, low, high in (
        ([spec.perspective.roll_deg for spec in specs], -8, 8),
        ([spec.imaging.noise.gaussian_sd for spec in specs], 1, 30),
        ([spec.perspective.fill for spec in specs], 1, 1 / 0.8),
        ([spec.creases.angle_deg for spec in specs], 0, 40),
        ([spec.creases.n_vertical for spec in specs], 1, 6),
        ([spec.creases.n_horizontal for spec in specs], 1, 3),
        ([spec.handwriting.notes for spec in specs], 2, 7),
        ([spec.kit.writing_share for spec in specs], 0.15, 0.3),
        ([spec.kit.writing_x_px for spec in specs], 1, 30),
        ([spec.imaging.light.temperature_k for spec in specs], 2000, 15000),
    ):
        assert low <= min(values) < low + 0.2 * (high - low)
        assert high - 0.2 * (high - low) < max(values) <= high
    fixed = "rot noise crop temp angle vertical horizontal num_words hw_size offset"
    (spec,) = {
        spec.model_copy(update={"key": 0, "recipe": "", "plot": specs[0].plot, "handwriting": None})
        for spec in drawn(flags + "".join(f" --deterministic_{name}" for name in fixed.split()), 5)
    }
    assert spec.perspective.roll_deg == 8
    assert spec.perspective.fill == pytest.approx(1.25)
    assert (spec.imaging.noise.gaussian_sd, spec.imaging.light.temperature_k) == (30, 15000)
    assert (spec.creases.angle_deg, spec.creases.n_vertical, spec.creases.n_horizontal) == (40, 6, 3)
    assert (spec.kit.writing_share, spec.kit.writing_x_px, spec.kit.writing_y_px) == (0.3, 30, 30)


def test_one_word_is_one_word() -> None:
    assert {spec.handwriting.notes for spec in drawn("--hw_text -n 1", 5)} == {1}


def test_without_turning_and_cropping_there_is_no_camera() -> None:
    (spec,) = drawn("--augment -c 0", 1)
    assert not spec.perspective.enabled
    assert spec.imaging.enabled


@pytest.mark.parametrize(
    "flags",
    [
        "--standard_grid_color 6",
        "--random_bw 1.5",
        "--calibration_pulse -0.1",
        "-r 20",
        "-c 0.5",
        "--augment -t 500",
        "-n 0",
        "--store_config 3",
        "--pad_inches -1",
        "--config_file gone.yaml",
    ],
)
def test_values_that_cannot_be_are_refused(flags: str) -> None:
    with pytest.raises(RecipeError):
        recipe_of(flags)


def test_its_configuration_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "paper_len: 8.0\nabs_lead_step: 8\ntickLength: 4\ntickSize_step: 0.002\n"
        'leadNames_12: ["V4","V5","V6","V1", "V2","V3","I","II", "III","aVR","aVL","aVF"]\n',
        encoding="utf-8",
    )
    config = read_config(str(path))
    assert (config.paper_s, config.tick_mm) == (8.0, 3.15)
    assert config.order == ("III", "aVR", "aVL", "aVF", "V2", "V3", "I", "II", "V4", "V5", "V6", "V1")
    assert recipe_of(f"--config_file {path}").window_s == 8.0
    path.write_text("paper_len: 10\nabs_lead_step: 5\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="abs_lead_step"):
        read_config(str(path))
