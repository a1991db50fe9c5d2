"""The commands about trained models: what is shipped, stroke banks, and importing a pen."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import fastecg_models
from fastecg.bank_words import bank_words
from fastecg.errors import FastECGError, OutputError
from fastecg_models.bank_making import Order, make_bank, save_bank
from fastecg_models.cards import CARD, Card, read_card
from fastecg_models.errors import ModelError
from fastecg_models.importing import NOTICE, import_handwriting
from fastecg_models.pen import SHIPPED, Pen


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn errors of models and of writing into those that the command line prints in one line."""
    try:
        yield
    except ModelError as error:
        raise FastECGError(str(error)) from error
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}") from error


def list_models(console: Console) -> None:
    """Print the cards of the shipped models."""
    for path in sorted(Path(fastecg_models.__file__).parent.glob(f"*/{CARD}")):
        with plain_errors():
            print_card(console, read_card(path.parent), path.parent)


def print_card(console: Console, card: Card, folder: Path) -> None:
    """Print what a card says, and how large the files are."""
    table = Table(title=card.name, title_justify="left", title_style="bold", box=None, show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    sizes = {name: (folder / name).stat().st_size for name in card.checksums if (folder / name).exists()}
    files = ", ".join(f"{name} ({size / 1e6:.1f} MB)" for name, size in sizes.items())
    figures = ", ".join(f"{name} {value:g}" for name, value in card.figures.items())
    rows = {
        "purpose": card.purpose,
        "folder": str(folder),
        "files": files,
        "figures": figures,
        "data": card.data,
        "licence": card.licence,
        "attribution": card.attribution,
        "made by": card.command,
    }
    for name, text in rows.items():
        if text:
            table.add_row(name, escape(text))
    console.print(table)


def write_bank(folder: Path, size: int, seed: int, words: Path | None, model: Path | None) -> None:
    """Let a pen write a stroke bank and print its card."""
    console = Console()
    order = Order(bank_words() if words is None else _words_in(words), size, seed)
    with plain_errors(), Console(stderr=True).status(f"writing {size} words"):
        pens = SHIPPED if model is None else model
        made = make_bank(Pen(pens), order)
        card = save_bank(made, folder, read_card(pens), shlex.join(["fastecg", *sys.argv[1:]]))
    print_card(console, card, folder)


def import_pen(path: Path, folder: Path) -> None:
    """Import a checkpoint and print the new card."""
    console = Console()
    Console(stderr=True).print(NOTICE, style="yellow")
    with plain_errors():
        card = import_handwriting(path, folder)
    print_card(console, card, folder)


def _words_in(path: Path) -> tuple[str, ...]:
    try:
        words = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise FastECGError(
            f"{path} cannot be read", "a text file in UTF-8", "name the file of words"
        ) from error
    if not words:
        raise FastECGError(f"{path} holds no words", "at least one word", "put words into it")
    return tuple(words)
