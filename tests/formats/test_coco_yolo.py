"""COCO files, read by pycocotools; YOLO files, compared with them; twins and label images."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image

from fastecg.errors import OutputError, RecipeError
from fastecg.formats.label_images import lead_labels, part_labels
from fastecg.formats.outlines import KINDS, outlines
from fastecg.formats.registry import make_writer
from fastecg.formats.rows import rereadable
from fastecg.formats.single_files import SingleFiles
from fastecg.formats.writer import PageName

pytestmark = [
    pytest.mark.pages,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # pycocotools 2.0.11, numpy 2
]
Write = Callable[..., Path]


def loaded(path: Path) -> Any:
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@pytest.mark.parametrize("dataset", ["flat", "photos"])
def test_pycocotools_reads_the_dataset(dataset: str, write: Write, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(dataset)
    root = write(SingleFiles(annotations=("coco",)), made)
    coco = loaded(root / "instances.json")
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == list(KINDS)
    assert len(coco.getImgIds()) == len(made.pages)
    assert sorted(coco.getAnnIds()) == list(range(1, len(coco.anns) + 1))
    for number, page in enumerate(made.pages):
        (image,) = coco.loadImgs([number + 1])
        with Image.open(root / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])
            assert np.array_equal(np.asarray(picture), page.image)
        found = coco.loadAnns(coco.getAnnIds(imgIds=[number + 1]))
        assert len(found) == len(list(outlines(page.truth)))
        for one in found:
            mask = coco.annToMask(one)
            assert mask.sum() == pytest.approx(one["area"], abs=sum(one["bbox"][2:]) + 4)
            x, y, width, height = cv2.boundingRect(mask)
            assert np.allclose([x, y, width, height], one["bbox"], atol=2.5)
        leads = [one for one in found if one["category_id"] == 1]
        told = [lead for lead in page.truth.to_dict()["leads"] if lead["box"]]
        assert [one["attributes"]["lead"] for one in leads] == [lead["name"] for lead in told]
        for one, lead in zip(leads, told, strict=True):
            points = np.array(one["keypoints"]).reshape(4, 3)
            assert one["num_keypoints"] == (points[:, 2] > 0).sum()
            wanted = np.array([*lead["baseline"], lead["trace"][0], lead["trace"][-1]])
            assert np.allclose(points[:, :2], wanted, atol=0.01) or (points[:, 2] == 0).any()


def test_a_coco_evaluation_finds_itself_perfect(photos: Any, write: Write) -> None:
    from pycocotools.cocoeval import COCOeval

    coco = loaded(write(SingleFiles(annotations=("coco",)), photos) / "instances.json")
    results = [{**one, "score": 1.0} for one in coco.anns.values()]
    for kind in ("bbox", "segm"):
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = COCOeval(coco, coco.loadRes(results), kind)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        assert evaluation.stats[0] == pytest.approx(1.0)


@pytest.mark.parametrize("tell", ["boxes", "polygons", "pose"])
def test_yolo_says_what_coco_says(photos: Any, write: Write, tell: str) -> None:
    root = write(SingleFiles("jpeg", ("coco", "yolo"), yolo=tell), photos)
    about = yaml.safe_load((root / "data.yaml").read_text())
    coco = loaded(root / "instances.json")
    listed = (root / "images.txt").read_text().splitlines()
    assert listed == [f"./{image['file_name']}" for image in coco.dataset["images"]]
    assert (root / about["train"]).name == "images.txt"
    kinds = KINDS if tell != "pose" else KINDS[:1]
    assert about["names"] == dict(enumerate(kinds))
    for image, line in zip(coco.dataset["images"], listed, strict=True):
        size = np.array([image["width"], image["height"]])
        text = (root / line).with_suffix(".txt").read_text()
        lines = [np.array(row.split(), float) for row in text.splitlines()]
        wanted = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        wanted = [one for one in wanted if tell != "pose" or one["category_id"] == 1]
        assert [1 + row[0] for row in lines] == [one["category_id"] for one in wanted]
        for row, one in zip(lines, wanted, strict=True):
            assert ((row[1:] >= 0) & (row[1:] <= 2)).all()
            if tell == "polygons":
                points = row[1:].reshape(-1, 2) * size
                assert np.allclose(points.ravel(), one["segmentation"][0], atol=0.02)
                continue
            low = (row[1:3] - row[3:5] / 2) * size
            assert np.allclose([*low, *(row[3:5] * size)], one["bbox"], atol=0.03)
            if tell == "pose":
                points = row[5:].reshape(about["kpt_shape"]) * (*size, 1)
                assert np.allclose(points.ravel(), one["keypoints"], atol=0.02)
                assert sorted(about["flip_idx"]) == list(range(4))


def test_label_images_and_twins(photos: Any, write: Write) -> None:
    root = write(SingleFiles(annotations=("masks", "pairs")), photos)
    for name, page in zip(photos.names, photos.pages, strict=True):
        (path,) = SingleFiles(annotations=()).names(SingleFiles().encode(page, name).files[-1].path[:-4])
        for ending, labels in ((".leads.png", lead_labels(page)), (".parts.png", part_labels(page))):
            with Image.open(root / path.replace(".png", ending)) as image:
                assert image.mode == "L"
                assert np.array_equal(np.asarray(image), labels)
        for twin, pixels in (("clean", page.clean(seen=True)), ("flat", page.clean())):
            with Image.open(root / twin / path) as image:
                assert np.array_equal(np.asarray(image), pixels)


def test_names_are_those_of_the_files(photos: Any) -> None:
    for kinds in (("json", "wfdb", "masks", "coco", "yolo", "pairs"), ("pairs",), ()):
        writer = SingleFiles(annotations=kinds)
        encoded = writer.encode(photos.pages[2], photos.names[2])
        assert {piece.path for piece in encoded.files} == set(writer.names("sub/HR 2-0"))
        assert encoded.files[-1].path == "sub/HR 2-0.png"


def test_a_record_in_the_way_of_twins(flat: Any) -> None:
    name = PageName(0, "Clean/a", 0, 0)
    SingleFiles().encode(flat.pages[0], name)
    with pytest.raises(OutputError, match="rename its folder"):
        SingleFiles(annotations=("pairs",)).encode(flat.pages[0], name)


def test_order_does_not_matter(photos: Any, write: Write) -> None:
    kinds = ("json", "wfdb", "masks", "coco", "yolo", "pairs")
    roots = [
        write(SingleFiles(annotations=kinds), photos, backwards=backwards, folder=folder)
        for backwards, folder in ((False, "a"), (True, "b"))
    ]
    contents = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in roots
    ]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 9 * len(photos.pages) + 3


def test_rows_are_read_again_and_again() -> None:
    rows = [{"a": k, "b": "é" * k} for k in range(100)]
    assert rereadable(rows) is rows
    kept = rereadable(iter(rows))
    one, other = iter(kept), iter(kept)
    assert [(next(one), next(other)) for _ in rows] == [(row, row) for row in rows]
    assert list(kept) == rows


def test_a_dataset_without_pages_is_a_dataset(write: Write, photos: Any) -> None:
    writer = SingleFiles(annotations=("coco", "yolo"))
    files = {name: b"".join(chunks) for name, chunks in writer.dataset_files([])}
    assert json.loads(files["instances.json"])["annotations"] == []
    assert files["images.txt"] == b""


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("files", {"yolo": "stars"}, "yolo is 'stars' .allowed: boxes, polygons, pose"),
        ("files", {"annotations": ("voc",)}, "json, wfdb, masks, coco, yolo, pairs"),
        ("webdataset", {"shard_size": 0}, "a shard has 0 pages"),
        ("parquet", {"annotations": ("yolo",)}, "'yolo' has no column .allowed: json, masks, pairs"),
        ("kaggle2025", {"image": "gif"}, "'gif' is not known"),
        ("physionet2024", {"quality": 0}, "JPEG quality is 0"),
        ("nnunet", {"image": "png"}, "has no option 'image'"),
    ],
)
def test_options_that_are_wrong(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        make_writer(name, **options)
