"""The commands and their options; each hands over to the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
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
BackendOption = Annotated[str, typer.Option(help="auto, cpu, cuda (a GPU) or reference.")]


@app.command()
def generate(  # noqa: PLR0913, PLR0917 - one argument per option
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[SOURCE] OUTPUT",
            help="Records (default: built-in ones), and a folder; or addresses.",
        ),
    ],
    recipe: RecipeOption = "clean",
    seed: SeedOption = 0,
    copies: Annotated[
        int | None, typer.Option(help="Pages per window of a record (default: the recipe's, mostly 1).")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Most records to use, 1 or more.")] = None,
    dataset: Annotated[str, typer.Option("--dataset", "-d", help="Format of the dataset.")] = "files",
    image_format: Annotated[
        str | None, typer.Option("--format", "-f", help="png or jpeg (default: the dataset's, mostly png).")
    ] = None,
    annotations: Annotated[
        str | None, typer.Option(help="Any of json,wfdb,masks,coco,yolo,pairs (default: json).")
    ] = None,
    mask_unplotted: Annotated[
        bool, typer.Option("--mask-unplotted", help="NaN where the WFDB copy is not drawn.")
    ] = False,
    quality: Annotated[int | None, typer.Option(help="Quality of JPEG images (default: 95).")] = None,
    shard_size: Annotated[
        int | None, typer.Option(help="Pages in a file, where the dataset's format has several.")
    ] = None,
    privacy: PrivacyOption = False,
    backend: BackendOption = "auto",
    engine: Annotated[
        str, typer.Option(help="local: worker processes of this machine; ray: those of a Ray cluster.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="Ray cluster (default: RAY_ADDRESS, else one of this machine).")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; 0 for none (default: one a processor).")
    ] = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Make the I-th of N parts only; the last one to end completes.")
    ] = "1/1",
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Longest that a page may take.")] = 300.0,
    memory_limit: Annotated[
        int | None, typer.Option(metavar="MB", help="Most memory of a worker (Linux; default: 80 % of all).")
    ] = None,
    log_json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Log of JSON lines; - for stderr, and nothing else on it."),
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Write report.html into OUTPUT.")] = False,
    overrides: SetOption = [],  # noqa: B006 - typer copies it
) -> None:
    """Write pages and their truth for every record of SOURCE.

    Stopped in whatever way, the same command goes on where it was. Exit code: 0 all pages are there,
    1 some failed or the run could not go on, 2 wrong options, 130 Ctrl-C, 143 terminated.
    """
    from fastecg.cli import generating  # noqa: PLC0415 - help needs none of it
    from fastecg.dataset.remote import located  # noqa: PLC0415
    from fastecg.dataset.request import Run, Work  # noqa: PLC0415
    from fastecg.formats.registry import make_writer  # noqa: PLC0415

    source, output = _source_and_output(paths)
    folder, remote = located(output)
    names = None if annotations is None else _words(annotations)
    mask = mask_unplotted or None
    files = make_writer(
        dataset,
        image=image_format,
        annotations=names,
        mask_unplotted=mask,
        quality=quality,
        shard_size=shard_size,
    )
    run = Run(folder, _recipe(recipe, overrides, private=privacy), seed, copies, limit, files, remote)
    work = Work(workers, _shard(shard), timeout, memory_limit, backend, engine, address)
    code = generating.generate_with_progress(source, run, work, log_json, report=report)
    if code:
        raise typer.Exit(code)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)
def kit(context: typer.Context) -> None:
    """Take the flags of ECG-Image-Kit's scripts and make its pages; kit --help lists them."""
    from fastecg.cli.kit import run  # noqa: PLC0415 - help needs none of it

    code = run(context.args)
    if code:
        raise typer.Exit(code)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a dataset against its checksums; exit code 1 if a file is missing, extra or changed."""
    from fastecg.cli.verifying import verify_and_print  # noqa: PLC0415 - help needs none of it

    if not verify_and_print(folder, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a dataset.")],
    log: Annotated[Path | None, typer.Option(help="What --log-json wrote, for the pace.")] = None,
) -> None:
    """Write report.html into a dataset's folder: pages, what was drawn, pace and failures."""
    from fastecg.cli.verifying import report_and_print  # noqa: PLC0415 - help needs none of it

    report_and_print(folder, log)


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


@app.command()
def view(
    path: Annotated[
        Path, typer.Argument(metavar="DIR|PAGE", help="A dataset, a tar or Parquet file, or a page.")
    ],
    port: Annotated[int, typer.Option(help="Port of this machine; 0 for any that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Show the pages of a dataset in the browser, with their truth drawn over them; Ctrl-C ends it."""
    from fastecg.cli.viewing import view_until_interrupted  # noqa: PLC0415 - help needs none of it

    view_until_interrupted(path, port, browser=browser)


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
def pack(
    source: Annotated[str, typer.Argument(help="A folder, a RECORDS file, or a record.")],
    store: Annotated[Path, typer.Argument(help="The packed store, a file that ends in .fecg.")],
) -> None:
    """Pack the records of SOURCE into one file, which is read many times faster; use it as SOURCE."""
    from fastecg.cli import packing  # noqa: PLC0415 - help needs none of it

    if not packing.pack_with_progress(source, store):
        raise typer.Exit(1)


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - one argument per option
    reference: Annotated[
        str, typer.Argument(help="The true records: a folder, a RECORDS file, or a record.")
    ],
    estimate: Annotated[str, typer.Argument(help="What was read from their pages, under the same names.")],
    json: Annotated[Path | None, typer.Option(help="Write everything as JSON.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table with a row for each lead.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with tables and histograms.")] = None,
    intervals: Annotated[
        bool, typer.Option(help="Compare RR, PR, QT and QRS width of the beats too.")
    ] = True,
    resample: Annotated[
        bool, typer.Option("--resample", help="Accept estimates at other sampling rates.")
    ] = False,
) -> None:
    """Compare digitized records with their references.

    Exit code: 0 everything was compared, 1 an estimate is missing or could not be compared, 2 wrong options.
    """
    from fastecg.cli.evaluating import Files, evaluate_and_print  # noqa: PLC0415 - help needs none of it

    files = Files(json, csv, html)
    if not evaluate_and_print(reference, estimate, files, intervals=intervals, resample=resample):
        raise typer.Exit(1)


@app.command()
def digitize(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGES... OUTPUT", help="Images, PDFs or folders of them, and a folder."),
    ],
    rate: Annotated[float, typer.Option(help="Samples per second of the records, 50 to 10000.")] = 500.0,
    workers: Annotated[
        int | None,
        typer.Option(help="Worker processes of one thread; 0 for none (default: one a processor)."),
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Longest that a page may take.")] = 300.0,
    memory_limit: Annotated[
        int, typer.Option(metavar="MB", help="Most memory of a worker (Linux), 1024 or more.")
    ] = 4096,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Digitize again what an earlier run has done.")
    ] = False,
) -> None:
    """Read the leads from images and PDFs of paper ECGs: WFDB records, reports, pictures of what was read.

    Stopped in whatever way, the same command goes on where it was. Exit code: 0 all pages were read, 1 some
    were not, 2 wrong options, 130 Ctrl-C, 143 terminated.
    """
    from fastecg.cli import digitizing  # noqa: PLC0415 - help needs none of it
    from fastecg.dataset.request import processors  # noqa: PLC0415
    from fastecg.digitize.batch import Way  # noqa: PLC0415

    if len(paths) < 2:
        raise FastECGError("one path is given", "IMAGES... OUTPUT", "name the folder to write to")
    count = processors() if workers is None else workers
    way = Way(paths[-1], rate, count, timeout, memory_limit)
    code = digitizing.digitize_images(paths[:-1], way, overwrite=overwrite)
    if code:
        raise typer.Exit(code)


@app.command()
def bench(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for bench.md, bench.json and bench.svg.")
    ] = None,
    backend: BackendOption = "cpu",
) -> None:
    """Time the stages on this machine, beside the published table."""
    from fastecg.cli.listing import print_benchmark  # noqa: PLC0415 - help needs none of it

    print_benchmark(Console(), output, backend)


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


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _shard(text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal()):
        raise RecipeError(f"the shard is {text!r}", "I/N, such as 1/4")
    return int(part), int(parts)


def _recipe(name: str, overrides: list[str], *, private: bool) -> Recipe:
    """Load a recipe; a private one keeps every record's header to itself."""
    from fastecg.recipe import load_recipe, with_privacy  # noqa: PLC0415 - help needs none of it

    recipe = load_recipe(name, _parse_overrides(overrides))
    return with_privacy(recipe) if private else recipe


def _parse_overrides(pairs: list[str]) -> dict[str, Any]:
    """Turn ``page.dpi=300`` and the like into values by dotted name; values are YAML."""
    from fastecg.presets import read_yaml  # noqa: PLC0415 - help needs none of it

    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise RecipeError(f"--set {pair}", "KEY=VALUE, such as page.dpi=300")
        try:
            values[key.strip()] = read_yaml(text)
        except ValueError:
            raise RecipeError(
                f"--set {pair}", "a value in YAML, such as 300 or [1, 2]", "put plain text in quotes"
            ) from None
    return values
