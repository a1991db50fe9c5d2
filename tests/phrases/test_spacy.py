"""Pipelines of spaCy: one that is trained here, saved and loaded by path, and everything that is none."""

from __future__ import annotations

import importlib
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from fastecg.errors import MissingExtraError, PhraseError
from fastecg.phrases import _spacy, find, find_phrases, recognising
from fastecg.phrases._spacy import Entity, Word, find_entities, pipeline_version
from fastecg.phrases.recognising import count_entities, is_cardiology

spacy: Any = importlib.import_module("spacy")

FINDINGS = ("atrial fibrillation", "mitral stenosis", "septal infarct", "sinus rhythm", "cardiac fibroma")
OTHERS = ("knee pain", "broken arm", "migraine")
FRAMES = (
    "The patient has {} today.",
    "No {} was seen.",
    "There is {} again.",
    "We saw {} before.",
    "{} is known.",
)
TEXT = (
    "There is atrial fibrillation again. We saw cardiac fibroma before. No knee pain was seen. "
    "There is atrial fibrillation again."
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a pipeline with an entity recogniser, trained on a few dozen sentences."""
    example = importlib.import_module("spacy.training").Example
    spacy.util.fix_random_seed(1)
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner")
    examples = []
    for frame in FRAMES:
        for label, terms in (("FINDING", FINDINGS), ("SYMPTOM", OTHERS)):
            for term in terms:
                start = frame.index("{")
                text = frame.format(term)
                marks = {"entities": [(start, start + len(term), label)]}
                examples.append(example.from_dict(pipeline.make_doc(text), marks))
    optimizer = pipeline.initialize(lambda: examples)
    order = random.Random(1)
    for _ in range(20):
        order.shuffle(examples)
        for batch in spacy.util.minibatch(examples, 8):
            pipeline.update(batch, sgd=optimizer)
    folder = tmp_path_factory.mktemp("pipelines") / "findings"
    pipeline.to_disk(folder)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "letter.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def test_a_pipeline_on_disk_finds_what_it_was_trained_for(trained: Path, source: str) -> None:
    phrases = find_phrases(source, pipeline=str(trained))
    assert dict(zip(phrases.texts, phrases.weights, strict=True)) == {
        "atrial fibrillation": 2,
        "cardiac fibroma": 1,
    }


def test_labels_choose_what_is_kept(trained: Path, source: str) -> None:
    assert find_phrases(source, pipeline=str(trained), labels=["SYMPTOM"]).texts == ("knee pain",)
    both = find_phrases(source, pipeline=str(trained), labels=["SYMPTOM", "FINDING"])
    assert set(both.texts) == {"atrial fibrillation", "cardiac fibroma", "knee pain"}
    with pytest.raises(PhraseError, match="finds no terms of cardiology with the labels DRUG in"):
        find_phrases(source, pipeline=str(trained), labels=["DRUG"])


def test_what_a_pipeline_found_is_kept_until_it_changes(
    trained: Path, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    shutil.copytree(trained, own)
    first = find_phrases(source, pipeline=str(own))
    loads: list[str] = []
    really = _spacy._load

    def load(name: str) -> Any:
        loads.append(name)
        return really(name)

    monkeypatch.setattr(_spacy, "_load", load)
    find._found.cache_clear()
    assert find_phrases(source, pipeline=str(own)) == first
    assert loads == []
    meta = own / "meta.json"
    meta.write_text(
        meta.read_text(encoding="utf-8").replace('"version":"0.0.0"', '"version":"0.0.10"'), encoding="utf-8"
    )
    find._found.cache_clear()
    assert find_phrases(source, pipeline=str(own)) == first
    assert loads == [str(own)]


def test_a_long_text_is_worked_through_in_parts(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_spacy, "_MOST_AT_ONCE", 200)
    text = "There is mitral stenosis again.\n" * 40
    assert count_entities([text], str(trained)) == {"mitral stenosis": 40}

    given: list[str] = []
    really = _spacy._load

    def load(name: str) -> Any:
        pipeline = really(name)
        pipe = pipeline.pipe

        def noting(texts: Iterable[str]) -> Any:
            given.extend(texts)
            return pipe(given)

        pipeline.pipe = noting
        return pipeline

    monkeypatch.setattr(_spacy, "_load", load)
    assert count_entities([text], str(trained)) == {"mitral stenosis": 40}
    assert "".join(given) == text
    assert max(map(len, given)) <= 200
    parts = list(_spacy._parts("x" * 450 + " " + "y" * 150))
    assert "".join(parts) == "x" * 450 + " " + "y" * 150
    assert max(map(len, parts)) <= 200


def test_rules_are_entities_too(tmp_path: Path) -> None:
    pipeline = spacy.blank("en")
    rules = pipeline.add_pipe("entity_ruler")
    rules.add_patterns(
        [{"label": "PERSON", "pattern": "Sinus Miller"}, {"label": "X", "pattern": "the Long QT and"}]
    )
    pipeline.to_disk(tmp_path / "rules")
    text = "Sinus Miller has the Long QT and more"
    assert [entity.label for entity in find_entities([text], str(tmp_path / "rules"))] == ["PERSON", "X"]
    assert count_entities([text], str(tmp_path / "rules")) == {
        "Long QT": 1
    }  # names only if they are asked for
    assert count_entities([text], str(tmp_path / "rules"), ["PERSON"]) == {"Sinus Miller": 1}


def entity(*words: str, label: str = "X") -> Entity:
    """Return an entity of words with their tags: ``the/DET``."""
    pairs = [word.partition("/") for word in words]
    return Entity(
        label, tuple(Word(text, tag, text.lower() in {"the", "a", "has", "as"}) for text, _, tag in pairs)
    )


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        (["the/DET", "old/ADJ", "infarct/NOUN"], "old infarct"),
        (["has/VERB", "a/DET", "long/ADJ", "QT/PROPN", "is/AUX"], "long QT"),
        (["the", "infarct", "has"], "infarct"),
        (["AS/ADP"], "AS"),
        (["ST/NOUN", "-/PUNCT", "T/NOUN", "changes/NOUN"], "ST-T changes"),
        (["QTc/NOUN", "≥/NOUN", "470/NUM"], "QTc >= 470"),
        (["(/PUNCT", "AF/NOUN", ")/PUNCT"], "AF"),
        (["the/DET"], ""),
        (["心房/NOUN"], ""),
        (["x" * 10_000], ""),
        (["a1", "b", "c", "d", "e", "f", "g"], ""),
    ],
)
def test_articles_and_verbs_are_trimmed(words: list[str], phrase: str) -> None:
    assert recognising._phrase(entity(*words)) == phrase


def test_spellings_of_one_phrase_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [entity("old", "infarct"), entity("Old", "infarct"), entity("old", "infarct"), entity("AF")]
    monkeypatch.setattr(recognising, "find_entities", lambda *_: iter(found))
    assert count_entities([""], "any") == {"old infarct": 3, "AF": 1}


@pytest.mark.parametrize(
    "phrase", ["persistent AF", "cardiorenal", "Atrial myxoma", "QRS width", "ischaemic colitis"]
)
def test_terms_of_cardiology_are_known(phrase: str) -> None:
    assert is_cardiology(phrase)
    assert not is_cardiology("left knee")


def test_a_pipeline_that_is_not_there(source: str) -> None:
    with pytest.raises(PhraseError) as caught:
        find_phrases(source, pipeline="en_core_sci_md")
    message = str(caught.value)
    assert "there is no spaCy pipeline 'en_core_sci_md'" in message
    assert "python -m spacy download en_core_web_sm" in message
    assert "docs/phrases.md" in message
    assert "pip install en" not in message  # what has that name on PyPI is somebody else's


def test_folders_that_are_no_pipeline(source: str, tmp_path: Path, trained: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhraseError, match="cannot be loaded"):
        find_phrases(source, pipeline=str(tmp_path / "empty"))
    shutil.copytree(trained, tmp_path / "broken")
    (tmp_path / "broken" / "ner" / "model").write_bytes(b"x")
    with pytest.raises(PhraseError, match="cannot be loaded") as caught:
        find_phrases(source, pipeline=str(tmp_path / "broken"))
    assert "\n" not in str(caught.value)
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(PhraseError, match=r"has nothing .*one that recognises entities"):
        find_phrases(source, pipeline=str(tmp_path / "blank"))


def test_a_pipeline_needs_a_text(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(PhraseError, match="the dictionary is no text for the pipeline"):
        find_phrases(pipeline=str(trained))
    (tmp_path / "mine.tsv").write_text("# fastecg phrases 1\nAF\n")
    with pytest.raises(PhraseError, match="is a phrases file, no text"):
        find_phrases(str(tmp_path / "mine.tsv"), pipeline=str(trained))


def test_versions_tell_pipelines_apart(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    names = (str(trained), str(tmp_path / "copy"), "no_such", "numpy")
    versions = [pipeline_version(name) for name in names]
    assert len(set(versions)) == 4
    assert all(spacy.__version__ in version for version in versions)
    assert pipeline_version(str(trained)) == versions[0]


def test_without_spacy_the_extra_is_named(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(MissingExtraError, match=r"python -m pip install 'fastecg\[nlp\]'"):
        find_phrases(source, pipeline="en_core_web_sm")
    assert find_phrases(source).texts[0] == "atrial fibrillation"

    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(MissingExtraError, match=r"fastecg\[nlp\]"):
        pipeline_version("en_core_web_sm")


def test_spacy_is_imported_only_where_it_is_needed(source: str) -> None:
    code = (
        "import sys, fastecg.cli.app; from fastecg.phrases import find_phrases; find_phrases(sys.argv[1]);"
        "print([name for name in ('spacy', 'bs4') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
