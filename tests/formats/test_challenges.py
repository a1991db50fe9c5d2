"""The layouts of challenges: samples read by wfdb and pandas, and nnU-Net's rules checked."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastecg.errors import RecipeError
from fastecg.formats.kaggle2025 import Kaggle2025, samples_csv
from fastecg.formats.label_images import lead_labels
from fastecg.formats.nnunet import CLASSES, NnUNet, class_labels
from fastecg.formats.physionet2024 import PhysioNet2024
from fastecg.formats.registry import FORMATS, make_writer
from fastecg.formats.writer import PageName
from fastecg.leads import STANDARD_12
from fastecg.pipeline import Generator
from fastecg.record import Record
from fastecg.synthesis import builtin_record

pytestmark = pytest.mark.pages
Write = Callable[..., Path]
pd: Any = importlib.import_module("pandas")  # it has no types, and comes with wfdb


def images_of(header: str) -> list[str]:
    """Return what the Challenge's own code finds: the words after each ``# Image:``."""
    found = [line.removeprefix("# Image:") for line in header.splitlines() if line.startswith("# Image:")]
    return [name.strip() for line in found for name in line.split(",")]


@pytest.mark.parametrize("image", ["png", "jpeg"])
def test_physionet_records_hold_what_is_drawn(flat: Any, write: Write, wfdb: Any, image: str) -> None:
    root = write(PhysioNet2024(image), flat)
    listed = (root / "RECORDS").read_text().splitlines()
    assert sorted(listed) == sorted(str(path.relative_to(root))[:-4] for path in root.rglob("*.hea"))
    for record, page in zip(listed, flat.pages, strict=True):
        found = wfdb.rdrecord(str(root / record))
        drawn = page.truth.drawn_record(mask_unplotted=True)
        assert found.sig_name == list(drawn.leads)
        assert np.array_equal(np.isnan(found.p_signal.T), np.isnan(drawn.signals_mv))
        assert np.nanmax(np.abs(found.p_signal.T - drawn.signals_mv)) < 0.001
        assert np.isnan(found.p_signal).mean() > 0.5
        assert not np.isnan(found.p_signal[:, 1]).any()
        (name,) = images_of((root / record).with_suffix(".hea").read_text())
        assert found.comments == ["Age: 56", f"Image: {name}"]
        with Image.open((root / record).parent / name) as picture:
            assert picture.size == page.image.shape[1::-1]
            assert name.partition(".")[0] == Path(record).name


def test_physionet_records_can_be_whole(flat: Any, write: Write, wfdb: Any) -> None:
    root = write(PhysioNet2024(mask_unplotted=False), flat)
    assert not np.isnan(wfdb.rdrecord(str(root / "HR1-0")).p_signal).any()


def test_kaggle_tables_hold_what_is_drawn(flat: Any, write: Write) -> None:
    root = write(Kaggle2025(), flat)
    table = pd.read_csv(root / "train.csv", dtype={"id": str})
    assert list(table.columns) == ["id", "fs", "sig_len"]
    assert sorted(table.id) == sorted(path.name for path in (root / "train").iterdir())
    for row, page in zip(table.itertuples(), flat.pages, strict=True):
        folder = root / "train" / row.id
        assert {path.name for path in folder.iterdir()} == {f"{row.id}.csv", f"{row.id}-0001.png"}
        samples = pd.read_csv(folder / f"{row.id}.csv")
        drawn = page.truth.drawn_record(mask_unplotted=True)
        assert tuple(samples.columns) == STANDARD_12
        assert (row.fs, row.sig_len) == (drawn.sampling_rate_hz, len(samples))
        for lead in STANDARD_12:
            wanted = drawn.lead(lead)
            assert np.array_equal(samples[lead].to_numpy(np.float32), wanted, equal_nan=True)
        counts = samples.notna().sum()
        assert counts["II"] == row.sig_len
        assert counts["V1"] == row.sig_len // 4


def test_samples_as_pandas_writes_them() -> None:
    rng = np.random.default_rng(1)
    signals = (rng.normal(0, 1, (3, 500)) * 10.0 ** rng.integers(-9, 3, (3, 500))).astype(np.float32)
    signals[rng.random(signals.shape) < 0.3] = np.nan
    signals[:, 7] = np.nan
    record = Record("r", signals, ("V1", 'a "b", c', "I"), 500.0)
    found = pd.read_csv(io.BytesIO(samples_csv(record)), skip_blank_lines=False)
    assert list(found.columns) == ["I", "V1", 'a "b", c']
    assert np.array_equal(found.to_numpy(np.float32).T, signals[[2, 0, 1]], equal_nan=True)


def test_nnunet_datasets_are_as_it_checks_them(photos: Any, write: Write) -> None:
    root = write(NnUNet(), photos)
    about = json.loads((root / "dataset.json").read_bytes())
    assert about["numTraining"] == len(photos.pages)
    assert about["file_ending"] == ".png"
    assert list(about["labels"].values()) == list(range(len(CLASSES)))
    images = sorted(path.name for path in (root / "imagesTr").iterdir())
    labels = sorted(path.name for path in (root / "labelsTr").iterdir())
    assert images == sorted(name.replace(".png", "_0000.png") for name in labels)
    for name, page in zip(photos.names, photos.pages, strict=True):
        case = next(iter(NnUNet().encode(page, name).files)).path.removeprefix("labelsTr/")[:-4]
        with (
            Image.open(root / "labelsTr" / f"{case}.png") as label,
            Image.open(root / "imagesTr" / f"{case}_0000.png") as image,
        ):
            assert len(about["channel_names"]) == len(image.getbands())
            assert image.size == label.size
            found, leads = np.asarray(label), lead_labels(page)
            assert np.array_equal(found > 0, leads > 0)
            for k, trace in enumerate(page.truth.drawing.traces, start=1):
                assert (found[leads == k] == about["labels"][trace.lead.removeprefix("-")]).all()


def test_leads_without_a_class_are_other() -> None:
    record = builtin_record(0).record
    odd = Record("odd", record.signals_mv[:2], ("II", "Vx"), record.sampling_rate_hz)
    generator = Generator("clean", overrides={"page.dpi": 60, "layout": "12x1"})
    page = generator.render_spec(odd, generator.draw(odd))
    assert set(np.unique(class_labels(page))) == {0, 2, 13}


@pytest.mark.parametrize("format_name", [name for name in FORMATS if name not in ("nnunet", "kaggle2025")])
def test_private_pages_have_no_comments(format_name: str, write: Write) -> None:
    record = builtin_record(0).record
    told = Record(
        "r", record.signals_mv, record.leads, record.sampling_rate_hz, {"Note": "ZqJaneDoe"}, record.adc
    )
    generator = Generator("clean", overrides={"page.dpi": 60})
    spec = generator.draw(told)
    wanted = (
        {"annotations": ("json", "wfdb", "coco", "yolo")} if format_name in ("files", "webdataset") else {}
    )
    for private in (False, True):
        header = spec.header.model_copy(update={"privacy": private})
        page = generator.render_spec(told, spec.model_copy(update={"header": header}))
        writer = make_writer(format_name, **wanted)
        encoded = writer.encode(page, PageName(0, "r", 0, 0))
        held = b"".join(piece.content for piece in writer.unit_files(0, [encoded]))
        assert (b"ZqJaneDoe" in held) == (not private and format_name != "parquet")


def test_challenge_options() -> None:
    with pytest.raises(RecipeError, match="has no option 'annotations'"):
        make_writer("physionet2024", annotations=("json",))
