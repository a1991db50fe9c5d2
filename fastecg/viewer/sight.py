"""Sight: a page's truth as the browser draws it, with the time and mV of every sample."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from fastecg.camera import Camera
from fastecg.errors import FastECGError, OutputError

if TYPE_CHECKING:
    from fastecg.pipeline import Generator

_STEP_MM: Final = 6.0
"""Distance of the points of a grid line on a bent page."""
_DECIMALS_MV: Final = 5
"""A hundredth of a µV, which is less than a truth's rounding leaves."""
_NEAR_PX: Final = 40.0
"""How far outside an image a grid line is followed."""

Points = NDArray[np.float64]


class Cameras:
    """Makes the cameras of pages from their truths, and keeps what pages share, as sheets of wrinkles."""

    def of(self, truth: dict[str, Any]) -> Camera | None:
        """Return the exact camera of a page; None where the spec is one of another version."""
        if "mesh" not in truth["camera"]:
            shape = (truth["image"]["height"], truth["image"]["width"])
            return Camera(shape, np.array(truth["camera"]["homography"], np.float64))
        from fastecg.spec import make_spec  # noqa: PLC0415 - only bent pages need it

        try:
            return self._generator.camera(make_spec(truth["spec"]))
        except FastECGError:
            return None

    @cached_property
    def _generator(self) -> Generator:
        from fastecg.pipeline import Generator  # noqa: PLC0415 - only bent pages need it

        return Generator()


def sight(text: bytes, name: str, cameras: Cameras | None = None) -> dict[str, Any]:
    """Return what a viewer shows of a page's truth.

    Parameters
    ----------
    text
        The truth as JSON.
    name
        The page, for messages.
    cameras
        What makes cameras, for one page after another; for a wrinkled one it may take seconds once.

    Returns
    -------
    dict
        ``width`` and ``height`` in px; ``facts``: pairs of words; ``leads``: name, kind, ``trace`` (the x
        and the y of the samples in image px) and ``mv`` (None where the camera is not known), ``first``
        (number of the first sample in the record), ``rate_hz``, quads and baseline; ``grid``: major and
        minor lines in image px; and pulses, separators, texts and handwriting as they are in the truth.

    Raises
    ------
    OutputError
        If it is no truth of a page.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record)
    >>> seen = sight(page.truth.to_json(), "page")
    >>> lead, record = seen["leads"][0], page.truth.record
    >>> float(abs(lead["mv"][7] - record.lead("I")[lead["first"] + 7])) < 0.0001
    True
    """
    import orjson  # noqa: PLC0415 - only the viewer needs it

    try:
        truth = orjson.loads(text)
    except ValueError as error:
        raise OutputError(
            f"the truth of {name} is no JSON ({error})", "", "check the dataset with fastecg verify"
        ) from None
    if not isinstance(truth, dict) or "fastecg" not in truth:
        raise OutputError(
            f"the JSON beside {name} is no truth of fastecg", "files that fastecg generate wrote"
        )
    try:
        return _sight(truth, (cameras or Cameras()).of(truth))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, np.linalg.LinAlgError) as error:
        raise OutputError(
            f"the truth of {name} is damaged ({type(error).__name__}: {error})",
            "",
            "check the dataset with fastecg verify",
        ) from None


def _sight(truth: dict[str, Any], camera: Camera | None) -> dict[str, Any]:
    image = truth["image"]
    return {
        "width": int(image["width"]),
        "height": int(image["height"]),
        "facts": _facts(truth),
        "exact": camera is not None,
        "leads": [_lead(lead, truth, camera) for lead in truth["leads"]],
        "grid": _grid(truth["grid"], camera) if camera is not None else {"major": [], "minor": []},
        "pulses": [
            {"points": one["points"], "quad": one["quad"], "mv": one["mv"]}
            for one in truth["calibration_pulses"]
        ],
        "separators": truth["separators"],
        "texts": [{key: one[key] for key in ("kind", "text", "quad")} for one in truth["texts"]],
        "handwriting": [
            {key: one[key] for key in ("kind", "text", "quad", "strokes")} for one in truth["handwriting"]
        ],
    }


def _facts(truth: dict[str, Any]) -> list[tuple[str, str]]:
    record, page, spec = truth["record"], truth["page"], truth["spec"]
    gain, chest = page["gain_mm_mv"], page["chest_gain_mm_mv"]
    size = f"{page['width_mm']:g} × {page['height_mm']:g} mm, {page['dpi']} dpi"
    return [
        ("record", str(record["name"])),
        ("window, copy", f"{record['window']}, {truth['copy']}"),
        ("sampling", f"{record['sampling_rate_hz']:g} Hz, {record['samples']:,} samples"),
        ("recipe", str(spec["recipe"])),
        ("layout", str(spec["layout"]["name"])),
        ("paper", f"{spec['paper']['name']}, {size}"),
        (
            "speed, gain",
            f"{page['speed_mm_s']:g} mm/s, {gain:g}{'' if gain == chest else f'/{chest:g}'} mm/mV",
        ),
        ("image", f"{truth['image']['width']} × {truth['image']['height']} px"),
        ("seed", str(truth["seed"])),
        ("fastecg", str(truth["fastecg"])),
    ]


def _lead(lead: dict[str, Any], truth: dict[str, Any], camera: Camera | None) -> dict[str, Any]:
    trace = np.array(lead["trace"], dtype=np.float64).reshape(-1, 2)
    record = truth["record"]
    seen: dict[str, Any] = {
        "name": lead["name"],
        "kind": lead["kind"],
        "first": int(record["start_sample"]) + int(lead["start_sample"]),
        "rate_hz": float(record["sampling_rate_hz"]),
        "trace": [np.ascontiguousarray(trace[:, 0]), np.ascontiguousarray(trace[:, 1])],
        "mv": None,
        **{key: lead[key] for key in ("baseline", "quad", "name_quad")},
    }
    if camera is not None:
        zero = camera.to_page(np.array(lead["baseline"], np.float64))[0, 1]
        scale = float(lead["gain_mm_mv"]) * float(truth["grid"]["px_per_mm"])
        seen["mv"] = np.round((zero - camera.to_page(trace)[:, 1]) / scale, _DECIMALS_MV)
    return seen


def _grid(grid: dict[str, Any], camera: Camera) -> dict[str, list[Any]]:
    """Return the grid's lines in the image, each as pieces of points."""
    corners = camera.to_page(np.array(grid["quad"], np.float64))
    low, high = corners.min(axis=0), corners.max(axis=0)
    step = _STEP_MM * float(grid["px_per_mm"]) if camera.bent else float("inf")
    lines: dict[str, list[Any]] = {}
    for kind in ("major", "minor"):
        lines[kind] = []
        if grid[kind] == "none":
            continue
        period = float(grid[f"{kind}_px"])
        for axis in (0, 1):
            first = float(grid["origin"][axis])
            numbers = np.arange(
                np.ceil((low[axis] - first) / period - 0.01), (high[axis] - first) / period + 0.01
            )
            lines[kind] += _lines(first + numbers * period, axis, (low, high), step, camera)
    return lines


def _lines(
    places: Points, axis: int, corners: tuple[Points, Points], step: float, camera: Camera
) -> list[Points]:
    """Return lines at places on one axis from corner to corner, cut where they leave the image."""
    (low, high), along = corners, 1 - axis
    count = max(2, int(np.ceil((high[along] - low[along]) / step)) + 1)
    points = np.empty((len(places), count, 2))
    points[:, :, axis] = places[:, None]
    points[:, :, along] = np.linspace(low[along], high[along], count)
    seen = camera.to_image(points.reshape(-1, 2)).reshape(points.shape)
    if not camera.bent:
        return list(np.round(seen, 2))
    size = np.array([camera.shape[1], camera.shape[0]], np.float64)
    inside = np.all((seen > -_NEAR_PX) & (seen < size + _NEAR_PX), axis=2)
    pieces = []
    for line, shown in zip(np.round(seen, 2), inside, strict=True):
        breaks = np.flatnonzero(np.diff(shown)) + 1
        pieces += [
            piece
            for piece, kept in zip(np.split(line, breaks), np.split(shown, breaks), strict=True)
            if kept[0] and len(piece) > 1
        ]
    return pieces
