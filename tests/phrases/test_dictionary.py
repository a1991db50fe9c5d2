"""The dictionary that comes with fastecg."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import pytest
import yaml

from fastecg import presets
from fastecg.phrases import find_phrases, writable
from fastecg.phrases.dictionary import dictionary
from fastecg.phrases.matching import split

DATA = yaml.safe_load(
    resources.files(presets).joinpath("phrases", "english.yaml").read_text(encoding="utf-8")
)


def parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


FOUND = [text for group in DATA["groups"] if group["found"] for text in parts(group["phrases"])]


def test_it_has_hundreds_of_phrases_that_the_pen_can_write() -> None:
    phrases = find_phrases()
    assert len(phrases) > 600
    assert len(set(phrases.texts)) == len(phrases)
    assert [text for text in phrases.texts if writable(text) != text] == []


def test_it_has_what_clinicians_write() -> None:
    wanted = {
        "AF",
        "LBBB",
        "STEMI?",
        "r/o MI",
        "NSR",
        "PVCs",
        "1st AVB",
        "atrial fibrillation",
        "seen",
        "compare old",
    }
    assert wanted <= set(find_phrases().texts)


def test_it_has_the_short_statements_of_devices_but_seldom() -> None:
    weights = dict(zip(find_phrases().texts, find_phrases().weights, strict=True))
    assert 0 < weights["nonspecific ST abnormality"] < weights["AF"] / 10
    assert "minimal voltage criteria for LVH, may be normal variant" not in {text.lower() for text in weights}


@pytest.mark.parametrize("text", FOUND)
def test_each_term_is_found_by_its_own_name(text: str) -> None:
    ((found, times),) = dictionary().matcher.count(f"Known {text} today.").items()
    assert times == 1
    if found != text:  # a plural, or another spelling
        assert found in FOUND
        same = split(found).lower().rstrip("s") == split(text).lower().rstrip("s")
        assert same or text in parts(DATA["also"].get(found, ""))


def test_it_knows_the_statements_of_open_lists(texts_dir: Path) -> None:
    lists = (
        ("ptbxl/scp_statements.csv", "description"),
        ("evaluation-2021/dx_mapping_scored.csv", "Dx"),
        ("evaluation-2021/dx_mapping_unscored.csv", "Dx"),
        ("torch_ecg_aha/df_primary_statements.csv", "Description"),
    )
    statements: list[str] = []
    for name, column in lists:
        with (texts_dir / name).open(encoding="utf-8", newline="") as file:
            statements += [row[column] for row in csv.DictReader(file)]
    assert len(statements) > 300
    unknown = [statement for statement in statements if not dictionary().matcher.count(statement)]
    assert len(unknown) < 0.1 * len(statements), unknown


def test_other_spellings_and_abbreviations_belong_to_terms() -> None:
    assert set(DATA["also"]) <= set(FOUND)
    assert set(parts(DATA["exact"])) <= set(FOUND)
    for text, others in DATA["also"].items():
        for other in parts(others):
            assert list(dictionary().matcher.count(other)) == [text], other


def test_no_phrase_is_listed_twice_in_a_group() -> None:
    for group in DATA["groups"]:
        listed = parts(group["phrases"])
        assert len(set(listed)) == len(listed), group["name"]
        assert all(listed), group["name"]


def test_words_that_are_no_abbreviations_are_left_alone() -> None:
    text = (
        "As the lad sat on a mat, he had a pac of cards and a rad idea, a pe lesson, std and all. He pat it."
    )
    assert dictionary().matcher.count(text) == {}
    assert dictionary().matcher.count("LAD and RAD, PACs, MI") == {"LAD": 1, "RAD": 1, "PACs": 1, "MI": 1}
