"""models: the list, a bank of one's own, and importing a pen; what goes wrong is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastecg.bank_words import bank_words
from fastecg.cli import modelling
from fastecg_models.bank import Bank
from fastecg_models.bank_making import Order
from fastecg_models.cards import read_card
from fastecg_models.pen import SHIPPED, Pen
from tests.models import tf_writer


def joined(text: str) -> str:
    """Undo the breaking of lines."""
    return " ".join(text.split())


def test_models_are_listed_with_licence_and_source(here: Any) -> None:
    done = here("models")
    assert done.code == 0
    for part in (
        "pen, 3 x 200 units",
        "stroke bank",
        "CC BY 4.0",
        "UNIPEN",
        "pen-int8.onnx",
        "characters read",
    ):
        assert part in joined(done.out)


@pytest.mark.parametrize("command", ["bank", "import-handwriting"])
def test_both_commands_explain_themselves(here: Any, command: str) -> None:
    done = here("models", command, "--help")
    assert done.code == 0
    assert f"fastecg models {command}" in done.out


def test_a_bank_of_own_words_is_written(here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pen, "alphabet", "AFs?")  # all others would take a while
    (tmp_path / "words.txt").write_text("sinus AF\n?AF sinus\n", encoding="utf-8")
    words = ("models", "bank", "--size", "84", "--words", tmp_path / "words.txt", "-o")
    done = here(*words, tmp_path / "new" / "bank")
    assert done.code == 0, done.err
    bank = Bank(tmp_path / "new" / "bank")
    assert {"sinus", "AF", "?AF"} < set(bank.texts)
    assert bank.styles == Pen().styles
    assert "stroke bank" in done.out
    card = json.loads((tmp_path / "new" / "bank" / "card.json").read_text(encoding="utf-8"))
    assert card["command"].startswith("fastecg models bank --size 84 --words")
    assert "UNIPEN" in card["attribution"]
    here(*words, tmp_path / "again")
    np.testing.assert_array_equal(
        Bank(tmp_path / "again").strokes("AF", "swift", 0).xy, bank.strokes("AF", "swift", 0).xy
    )


def test_without_words_a_bank_has_those_of_the_phrases(
    here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Order] = []

    def make(pen: Pen, order: Order) -> Any:
        orders.append(order)
        return {("A", "a"): pen.write([])}

    monkeypatch.setattr(modelling, "make_bank", make)
    monkeypatch.setattr(modelling, "save_bank", lambda *_: read_card(SHIPPED))
    assert here("models", "bank", "-o", tmp_path, "--seed", "3").code == 0
    assert orders == [Order(bank_words(), 16_000, 3)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "5"), "a bank of 5 words is too small (allowed: 1128 or more"),
        (("--words", "nothing.txt"), "nothing.txt cannot be read (allowed: a text file in UTF-8)"),
        (("--words", "empty.txt"), "empty.txt holds no words"),
        (("--words", "odd.txt", "--size", "2000"), "the pen cannot write ['µ'] of '5µV'"),
        (("--model", "nowhere"), "nowhere holds no model"),
    ],
)
def test_a_bank_that_cannot_be_made_is_explained(
    here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text(" \n", encoding="utf-8")
    Path("odd.txt").write_text("AF 5µV", encoding="utf-8")
    done = here("models", "bank", "-o", "bank", *words)
    assert done.code == 1
    assert f"error: {message}" in joined(done.err)
    assert not Path("bank").exists()


def test_a_checkpoint_is_imported_with_a_word_on_its_licence(here: Any, tmp_path: Path) -> None:
    tf_writer.write(tmp_path / "model-29", tf_writer.model(8, np.random.default_rng(1)))
    done = here("models", "import-handwriting", tmp_path / "model-29", "-o", tmp_path / "pen")
    assert done.code == 0, done.err
    assert "IAM-OnDB, whose terms allow non-commercial research only" in joined(done.err)
    assert Pen(tmp_path / "pen").styles == ("plain",)


def test_what_is_no_checkpoint_is_explained(here: Any, tmp_path: Path) -> None:
    done = here("models", "import-handwriting", tmp_path / "model-29", "-o", tmp_path / "pen")
    assert done.code == 1
    assert "model-29.index cannot be read" in joined(done.err)
    tf_writer.write(tmp_path / "model-29", tf_writer.model(8, np.random.default_rng(1)))
    (tmp_path / "file").touch()
    done = here("models", "import-handwriting", tmp_path / "model-29", "-o", tmp_path / "file" / "pen")
    assert done.code == 1
    assert "cannot be written: Not a directory" in joined(done.err)
