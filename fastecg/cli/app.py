"""The commands and their options; each hands over to the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml
from rich.console import Console

from fastecg.errors import FastECGError, RecipeError

if TYPE_CHECKING:
    from fastecg.recipe import Recipe

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Paper-ECG pages with exact ground truth, from 12-lead time series.",
)
recipes_app = typer.Typer(help="List recipes, layouts, papers and headers, or show one.")
app.add_typer(recipes_app, name="recipes")
models_app = typer.Typer(help="List the trained models, write a stroke bank, or import a pen.")
app.add_typer(models_app, name="models")

RecipeOption = Annotated[str, typer.Option("--recipe", "-r", help="Recipe by name, or a YAML file.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the dataset.")]
SetOption = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Override a value, such as page.dpi=300.")
]
PrivacyOption = Annotated[
    bool, typer.Option("--privacy", help="Nothing from a record's header goes on a page or into its copy.")
]
BackendOption = Annotated[str, typer.Option(help="auto, cpu or reference.")]


@app.command()
def generate(  # noqa: PLR0913, PLR0917 - one argument per option
    paths: Annotated[
        list[str],
        typer.Argument(metavar="[SOURCE] OUTPUT", help="Records (default: built-in ones), and a folder."),
    ],
    recipe: RecipeOption = "clean",
    seed: SeedOption = 0,
    copies: Annotated[
        int | None, typer.Option(help="Pages per window of a record (default: the recipe's, mostly 1).")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Most records to use, 1 or more.")] = None,
    image_format: Annotated[str, typer.Option("--format", "-f", help="png or jpeg.")] = "png",
    annotations: Annotated[str, typer.Option(help="Any of json,wfdb.")] = "json",
    mask_unplotted: Annotated[
        bool, typer.Option("--mask-unplotted", help="NaN where the WFDB copy is not drawn.")
    ] = False,
    quality: Annotated[int, typer.Option(help="Quality of JPEG images.")] = 95,
    privacy: PrivacyOption = False,
    backend: BackendOption = "auto",
    overrides: SetOption = [],  # noqa: B006 - typer copies it
) -> None:
    """Write pages and their truth for every record of SOURCE."""
    from fastecg.cli import generating  # noqa: PLC0415 - help needs none of it
    from fastecg.dataset.files import Files  # noqa: PLC0415
    from fastecg.dataset.run import Run  # noqa: PLC0415
    from fastecg.pipeline import Generator  # noqa: PLC0415

    source, output = _source_and_output(paths)
    names = tuple(name.strip() for name in annotations.split(",") if name.strip())
    generator = Generator(_recipe(recipe, overrides, private=privacy), backend)
    wanted = generator.recipe.copies if copies is None else copies
    run = Run(Path(output), seed, wanted, Files(image_format, names, mask_unplotted, quality))
    if not generating.generate_with_progress(source, limit, generator, run):
        raise typer.Exit(1)


@app.command()
def preview(  # noqa: PLR0913, PLR0917 - one argument per option
    source: Annotated[str | None, typer.Argument(help="Records (default: built-in ones).")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="PNG file.")] = Path("sheet.png"),
    recipe: RecipeOption = "varied",
    seed: SeedOption = 0,
    count: Annotated[int, typer.Option(help="Pages on the sheet, 1 to 100.")] = 12,
    privacy: PrivacyOption = False,
    overrides: SetOption = [],  # noqa: B006 - typer copies it
) -> None:
    """Write a contact sheet, to look at a recipe."""
    from fastecg.cli import previewing  # noqa: PLC0415 - help needs none of it
    from fastecg.pipeline import Generator  # noqa: PLC0415

    generator = Generator(_recipe(recipe, overrides, private=privacy), "auto")
    if not previewing.write_sheet(source, output, generator, seed=seed, count=count):
        raise typer.Exit(1)


@recipes_app.callback(invoke_without_command=True)
def recipes(context: typer.Context) -> None:
    """List the built-in recipes, layouts, papers and header templates."""
    from fastecg.cli.listing import list_presets  # noqa: PLC0415 - help needs none of it

    if context.invoked_subcommand is None:
        list_presets(Console())


@recipes_app.command()
def show(name: Annotated[str, typer.Argument(help="Recipe, layout, paper or header.")]) -> None:
    """Print a recipe, layout, paper or header template as YAML, to start one of your own from."""
    from fastecg.cli.listing import preset_text  # noqa: PLC0415 - help needs none of it

    print(preset_text(name), end="")  # noqa: T201 - plain text, to be piped into a file


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List the trained models that are shipped: where from, under which licence, how good."""
    from fastecg.cli.modelling import list_models  # noqa: PLC0415 - help needs none of it

    if context.invoked_subcommand is None:
        list_models(Console())


@models_app.command()
def bank(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the bank.")],
    size: Annotated[int, typer.Option(help="Words in the bank, each in one style.")] = 16_000,
    words: Annotated[
        Path | None, typer.Option(help="Text file, the most wanted words first (default: ECG terms).")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of the pen (default: the shipped one).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the writing.")] = 0,
) -> None:
    """Let the pen write many words once, for pages to draw from; needs the extra onnx."""
    from fastecg.cli.modelling import write_bank  # noqa: PLC0415 - help needs none of it

    write_bank(output, size, seed, words, model)


@models_app.command("import-handwriting")
def import_handwriting(
    path: Annotated[Path, typer.Argument(help="TensorFlow checkpoint: …/model-29, or its folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the new pen.")],
) -> None:
    """Turn the handwriting model that ECG-Image-Kit uses into a pen of ours; mind its licence."""
    from fastecg.cli.modelling import import_pen  # noqa: PLC0415 - help needs none of it

    import_pen(path, output)


@app.command()
def phrases(
    source: Annotated[
        str,
        typer.Argument(help="dictionary, a text or phrases file, a folder of texts, or an http(s) address."),
    ] = "dictionary",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Phrases file to write (default: print them).")
    ] = None,
    pipeline: Annotated[str, typer.Option(help="spaCy pipeline that finds terms, by name or folder.")] = "",
    labels: Annotated[
        list[str],
        typer.Option("--label", metavar="LABEL", help="Keep the pipeline's entities of this label."),
    ] = [],  # noqa: B006 - typer copies it
    limit: Annotated[int | None, typer.Option(help="Most phrases, those of the highest weights.")] = None,
) -> None:
    """List what may be handwritten on pages, with weights."""
    from fastecg.cli.phrasing import list_phrases  # noqa: PLC0415 - help needs none of it

    list_phrases(source, output, pipeline=pipeline, labels=labels, limit=limit)


@app.command()
def digitize(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGES... OUTPUT", help="Images or folders of them, and a folder."),
    ],
    rate: Annotated[float, typer.Option(help="Samples per second of the records, 50 to 10000.")] = 500.0,
) -> None:
    """Read the leads from images of paper ECGs: WFDB records, reports and pictures of what was read."""
    from fastecg.cli import digitizing  # noqa: PLC0415 - help needs none of it

    if len(paths) < 2:
        raise FastECGError("one path is given", "IMAGES... OUTPUT", "name the folder to write to")
    if not digitizing.digitize_images(paths[:-1], paths[-1], rate):
        raise typer.Exit(1)


@app.command()
def bench() -> None:
    """Time the stages on this machine, beside the published table."""
    from fastecg.cli.listing import print_benchmark  # noqa: PLC0415 - help needs none of it

    print_benchmark(Console())


@app.callback(invoke_without_command=True)
def version(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Paper-ECG pages with exact ground truth, from 12-lead time series."""
    if show_version:
        from fastecg import __version__  # noqa: PLC0415 - the package imports nothing of the command line

        typer.echo(__version__)
        raise typer.Exit


def _source_and_output(paths: list[str]) -> tuple[str | None, str]:
    if len(paths) == 1:
        return None, paths[0]
    if len(paths) == 2:
        return paths[0], paths[1]
    raise FastECGError(
        f"{len(paths)} paths are given: {', '.join(paths)}",
        "OUTPUT, or SOURCE OUTPUT",
        "choose one folder or record as the source",
    )


def _recipe(name: str, overrides: list[str], *, private: bool) -> Recipe:
    """Load a recipe; a private one keeps every record's header to itself."""
    from fastecg.recipe import load_recipe, with_privacy  # noqa: PLC0415 - help needs none of it

    recipe = load_recipe(name, _parse_overrides(overrides))
    return with_privacy(recipe) if private else recipe


def _parse_overrides(pairs: list[str]) -> dict[str, Any]:
    """Turn ``page.dpi=300`` and the like into values by dotted name; values are YAML."""
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise RecipeError(f"--set {pair}", "KEY=VALUE, such as page.dpi=300")
        try:
            values[key.strip()] = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):  # ValueError: a date that is none
            raise RecipeError(
                f"--set {pair}", "a value in YAML, such as 300 or [1, 2]", "put plain text in quotes"
            ) from None
    return values
