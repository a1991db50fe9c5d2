"""The stroke bank: what comes out is what went in, and what is missing is composed or named."""

from __future__ import annotations

import io
import string
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fastecg_models.bank import BANK, UNIT, Bank, packed
from fastecg_models.cards import CARD, Card, checksum, write_card
from fastecg_models.errors import ModelError
from fastecg_models.strokes import Strokes

STYLES = ("ann", "bob")
Words = dict[tuple[str, str], list[Strokes]]


def written(points: int, rng: np.random.Generator) -> Strokes:
    xy = np.cumsum(rng.normal(0.2, 0.5, (points, 2)), axis=0)
    up = rng.random(points) < 0.2
    up[-1] = True
    return Strokes((xy - [xy[:, 0].min(), 0]).astype(np.float32), up, True)


@pytest.fixture(scope="module")
def words() -> Words:
    rng = np.random.default_rng(4)
    made = {
        (text, style): [written(4 + 7 * len(text), rng) for _ in range(2)]
        for text in ("A", "F", "1", "2", "AF", "sinus")
        for style in STYLES
    }
    made["?", "ann"] = [written(1, rng)]
    made["HR", "bob"] = [written(9, rng)]
    return made


def install(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / BANK).write_bytes(content)
    write_card(Card("bank", "tests", "chance", "CC0", "", "", {}, {BANK: checksum(content)}), folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path, words: Words) -> Path:
    return install(tmp_path / "bank", packed(words))


def test_words_come_out_as_they_went_in(folder: Path, words: Words) -> None:
    bank = Bank(folder)
    assert bank.styles == STYLES
    assert set(bank.texts) == {text for text, _ in words}
    for (text, style), cell in words.items():
        assert bank.variants(text, style) == len(cell)
        for variant, strokes in enumerate(cell):
            found = bank.strokes(text, style, variant)
            assert np.abs(found.xy - strokes.xy).max() <= UNIT / 2 + 1e-6
            assert found.xy.dtype == np.float32
            np.testing.assert_array_equal(found.pen_up, strokes.pen_up)


def test_only_what_all_styles_have_is_in_the_alphabet(folder: Path) -> None:
    assert set(Bank(folder).alphabet) == set("AF12")


def test_a_known_word_is_one_of_its_variants(folder: Path) -> None:
    bank = Bank(folder)
    rng = np.random.default_rng(1)
    drawn = {bank.write("sinus", "ann", rng).xy.tobytes() for _ in range(40)}
    assert drawn == {bank.strokes("sinus", "ann", variant).xy.tobytes() for variant in (0, 1)}


def test_other_words_are_composed_of_the_longest_pieces(folder: Path) -> None:
    bank = Bank(folder)
    strokes = bank.write("2AF1", "bob", np.random.default_rng(1))
    ends = np.cumsum([len(bank.strokes(text, "bob", 0).xy) for text in ("2", "AF", "1")])
    assert len(strokes.xy) == ends[-1]
    middle = strokes.xy[ends[0] : ends[1]]
    shapes = [bank.strokes("AF", "bob", variant).xy for variant in (0, 1)]
    assert any(np.allclose(middle - middle.mean(axis=0), xy - xy.mean(axis=0), atol=1e-5) for xy in shapes)
    assert len(bank.write("12" * 5000, "ann", np.random.default_rng(1)).xy) == 10_000 * 11


def test_the_same_generator_gives_the_same_word(folder: Path) -> None:
    one, same, other = (Bank(folder).write("AF12", "ann", np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.xy, same.xy)
    assert not np.array_equal(one.xy, other.xy)


@pytest.mark.parametrize(
    ("text", "style", "message"),
    [
        ("", "ann", "the text is empty"),
        ("37 °C", "ann", r"cannot write \[' ', '3', '7', 'C', '°'\] of '37 °C' \(allowed: 12AF\)"),
        ("AF?", "bob", r"cannot write \['\?'\]"),
        ("AF", "cleo", r"style 'cleo' is unknown \(allowed: ann, bob\)"),
    ],
)
def test_a_bank_says_what_it_cannot_write(folder: Path, text: str, style: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Bank(folder).write(text, style, np.random.default_rng(1))


def test_a_variant_that_is_not_there_is_named(folder: Path) -> None:
    for text, variant in (("AF", 2), ("AF", -1), ("rhythm", 0)):
        with pytest.raises(ModelError, match=f"no variant {variant} of '{text}' in style 'ann'"):
            Bank(folder).strokes(text, "ann", variant)


def test_a_damaged_bank_is_not_opened(folder: Path) -> None:
    Bank(folder)
    path = folder / BANK
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bank.npz is damaged"):
        Bank(folder)
    path.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Bank(folder)
    (folder / CARD).unlink()
    with pytest.raises(ModelError, match="holds no model"):
        Bank(folder)


def test_another_format_or_content_is_refused(tmp_path: Path, words: Words) -> None:
    with np.load(io.BytesIO(packed(words))) as pack:
        parts = {name: pack[name] for name in pack.files}
    changes = (
        ({"format": np.array(0)}, "has format 0 \\(allowed: 1\\); make it again: fastecg models bank"),
        ({"steps": parts["steps"][:-1]}, "is no stroke bank: its parts do not belong together"),
        ({"counts": parts["counts"][:-1]}, "do not belong together"),
        ({"counts": parts["counts"] + np.uint8(1)}, "it lacks words"),
        ({"pen_up": parts["pen_up"][:-1]}, "do not belong together"),
    )
    for number, (change, message) in enumerate(changes):
        target = io.BytesIO()
        np.savez(target, allow_pickle=False, **{**parts, **change})
        with pytest.raises(ModelError, match=message):
            Bank(install(tmp_path / str(number), target.getvalue()))
    del parts["lengths"]
    target = io.BytesIO()
    np.savez(target, allow_pickle=False, **parts)
    for number, content in ((8, target.getvalue()), (9, b"no zip"), (10, b"")):
        with pytest.raises(ModelError, match="is no stroke bank"):
            Bank(install(tmp_path / str(number), content))


def test_what_the_format_cannot_hold_is_refused(words: Words) -> None:
    with pytest.raises(ModelError, match="has no words"):
        packed({})
    with pytest.raises(ModelError, match="has 256 variants"):
        packed({("A", "ann"): words["A", "ann"] * 128})
    far = Strokes(np.array([[0, 0], [200, 0]], np.float32), np.array([False, True]), True)
    with pytest.raises(ModelError, match="more than 127 x-heights"):
        packed({("A", "ann"): [far]})


def test_the_shipped_bank_has_every_character_in_every_style() -> None:
    bank = Bank()
    assert set(bank.alphabet) == set(string.printable[:94])
    assert len(bank.styles) >= 7
    for style in bank.styles:
        strokes = bank.write("QTc=463ms,?LAD(12/03/98)", style, np.random.default_rng(1))
        assert np.ptp(strokes.xy[:, 1]) < 8
        assert 8 < np.ptp(strokes.xy[:, 0]) < 60


def test_a_bank_needs_neither_onnx_nor_torch() -> None:
    check = (
        "import sys; sys.modules.update(dict.fromkeys(('onnx', 'onnxruntime', 'torch')));"
        "from fastecg_models.bank import Bank; import numpy as np;"
        "bank = Bank(); print(len(bank.write('HR', bank.styles[0], np.random.default_rng(1)).xy))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 5
