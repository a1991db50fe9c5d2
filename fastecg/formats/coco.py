"""COCO: boxes, polygons and keypoints of what is on the pages, in one file for the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import orjson

from fastecg.formats.outlines import KEYPOINTS, KINDS, Outline

COCO_FILE: Final = "instances.json"
CATEGORIES: Final = tuple(
    {
        "id": number,
        "name": kind,
        "supercategory": "page",
        **({"keypoints": list(KEYPOINTS), "skeleton": [[1, 2], [3, 4]]} if kind == "lead" else {}),
    }
    for number, kind in enumerate(KINDS, start=1)
)
"""The categories of every dataset; their numbers stay."""

_DECIMALS: Final = 2
_SEEN: Final = 2
"""COCO's word for a keypoint that is there and to be seen."""


def coco_annotations(found: Iterable[Outline]) -> list[dict[str, Any]]:
    """Return a page's annotations without their ids.

    Examples
    --------
    >>> square = np.array([[1.0, 2.0], [4.0, 2.0], [4.0, 6.0], [1.0, 6.0]])
    >>> coco_annotations([Outline("text", square, 12.0, {"text": "V1"}, np.empty((0, 2)))])[0]["bbox"]
    [1.0, 2.0, 3.0, 4.0]
    """
    return [_annotation(one) for one in found]


def coco_file(pages: Iterable[dict[str, Any]], again: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the JSON of a dataset in chunks, one page after another.

    Parameters
    ----------
    pages, again
        The pages in order, twice: ``file_name``, ``width``, ``height`` and ``annotations``. Ids count
        what comes, from 1: a dataset that grew is the same as one made at once.

    Examples
    --------
    >>> page = {"file_name": "a.png", "width": 2, "height": 3, "annotations": []}
    >>> orjson.loads(b"".join(coco_file([page], [page])))["images"]
    [{'id': 1, 'file_name': 'a.png', 'width': 2, 'height': 3}]

    References
    ----------
    T.-Y. Lin et al., Microsoft COCO: common objects in context, ECCV 2014; cocodataset.org, data format.
    """
    head = {"info": {"description": "Made by fastecg"}, "licenses": [], "categories": list(CATEGORIES)}
    yield orjson.dumps(head)[:-1] + b',\n"images": ['
    between = b"\n"
    for image, page in enumerate(pages, start=1):
        told = {key: page[key] for key in ("file_name", "width", "height")}
        yield between + orjson.dumps({"id": image, **told})
        between = b",\n"
    yield b'\n],\n"annotations": ['
    number, between = 0, b"\n"
    for image, page in enumerate(again, start=1):
        for one in page["annotations"]:
            number += 1
            yield between + orjson.dumps({"id": number, "image_id": image, **one})
            between = b",\n"
    yield b"\n]}\n"


def _annotation(one: Outline) -> dict[str, Any]:
    x0, y0, x1, y1 = (round(edge, _DECIMALS) for edge in one.box)
    told = {
        "category_id": 1 + KINDS.index(one.kind),
        "bbox": [x0, y0, round(x1 - x0, _DECIMALS), round(y1 - y0, _DECIMALS)],
        "segmentation": [np.round(one.polygon, _DECIMALS).ravel().tolist()],
        "area": round(one.area, _DECIMALS),
        "iscrowd": 0,
        "attributes": one.attributes,
    }
    if len(one.keypoints):
        shown = ~np.isnan(one.keypoints[:, 0])
        where = np.round(np.where(shown[:, None], one.keypoints, 0.0), _DECIMALS)
        told["keypoints"] = np.column_stack([where, np.where(shown, _SEEN, 0)]).ravel().tolist()
        told["num_keypoints"] = int(shown.sum())
    return told
