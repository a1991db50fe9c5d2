"""Perspective: how the page is seen, from a camera's pose or given matrices, with curl and lens.

Source: ECG-Image-Kit (arXiv 2307.01946), section 3.6, "perspective artifacts"; equations (3) and (4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from fastecg.camera import FARTHEST_PX, Camera, mesh_axes
from fastecg.homography import project
from fastecg.parts import Part, Share
from fastecg_kernels import Kernels

if TYPE_CHECKING:
    from fastecg.spec import PageSpec

Floats = NDArray[np.float64]
Degrees = Annotated[float, Field(ge=-60, le=60)]
SurfaceName = Literal["white", "scanner", "gray", "black", "desk", "wood", "cloth", "steel", "void"]

MAX_SIDE_PX: Final = 20_000

FLATTER: Final = 0.8
"""What is left of a curl's height that would hide a part of the page."""

LEAST_AREA: Final = 0.15
"""Sine of the smallest angle between a mesh's lines on the page."""

OVERHANG: Final = 0.05
"""How far off the page a mesh must not fold, in shares of its longer side."""


class Curl(Part):
    """A sheet that does not lie flat: bent along one direction like a page that was rolled up.

    Parameters
    ----------
    height_mm
        How far the sheet's far edge is above its lowest line, mm; negative bends it downwards. A
        sheet is bent less where it would hide a part of itself from the camera.
    direction_deg
        Direction across which it is bent: 0 lifts the left and right edges, 90 top and bottom.
    center
        Where the lowest line lies: -1 and 1 are the two edges, 0 is the middle.
    """

    height_mm: float = Field(default=0.0, ge=-60, le=60)
    direction_deg: float = Field(default=0.0, ge=0, le=180)
    center: float = Field(default=0.0, ge=-1, le=1)


class Lens(Part):
    """Radial distortion of the lens; radii count in half diagonals of the image.

    Parameters
    ----------
    k1, k2
        Growth with the second and fourth power of the radius: positive k1 is a barrel's.
    """

    k1: float = Field(default=0.0, ge=-0.2, le=0.2)
    k2: float = Field(default=0.0, ge=-0.1, le=0.1)


class Below(Part):
    """What the page lies on, and its shadow there.

    Parameters
    ----------
    surface
        What shows where the page ends.
    shadow_mm
        Softness of the page's shadow on it, mm.
    shadow_x_mm, shadow_y_mm
        How far the shadow is off the page, mm.
    shadow_depth
        Share of the light that the shadow takes beside the page.
    """

    surface: SurfaceName = "desk"
    shadow_mm: float = Field(default=3.0, gt=0, le=100)
    shadow_x_mm: float = Field(default=1.0, ge=-30, le=30)
    shadow_y_mm: float = Field(default=1.5, ge=-30, le=30)
    shadow_depth: Share = 0.6


class Perspective(Part):
    """Perspective: where the camera or scanner sees the page.

    Parameters
    ----------
    enabled
        Look at the page from somewhere; else the image is the page itself.
    tilt_x_deg, tilt_y_deg
        The page's turn about its horizontal axis (positive: the bottom comes nearer) and about its
        vertical one (positive: the left edge comes nearer).
    roll_deg
        Turn in the image plane, clockwise as seen.
    distance
        Of the camera from the page, in diagonals of the page: near ones give strong perspective.
    fit
        What ``fill`` counts in: the page's ``outline`` as it is seen, or the ``page`` lying straight, so that
        turning it does not make it smaller.
    fill
        Share of the image that the outline spans in the tighter direction; above 1 its edges
        are cut off.
    shift_x, shift_y
        How far the outline's middle is off the image's, in shares of the image.
    matrix
        Nine numbers, row by row, of a homography to use instead of tilt, roll, distance, fill and
        shift: from shares of the page (0 to 1 both ways) to shares of the image; empty for none.
    width_px, height_px
        Size of the image; 0 for the page's own.
    """

    enabled: bool = False
    tilt_x_deg: Degrees = 0.0
    tilt_y_deg: Degrees = 0.0
    roll_deg: float = Field(default=0.0, ge=-180, le=180)
    distance: float = Field(default=2.0, ge=0.7, le=100)
    fit: Literal["outline", "page"] = "outline"
    fill: float = Field(default=1.0, ge=0.1, le=5)
    shift_x: float = Field(default=0.0, ge=-1, le=1)
    shift_y: float = Field(default=0.0, ge=-1, le=1)
    matrix: tuple[float, ...] = ()
    width_px: int = Field(default=0, ge=0, le=MAX_SIDE_PX)
    height_px: int = Field(default=0, ge=0, le=MAX_SIDE_PX)
    curl: Curl = Curl()
    lens: Lens = Lens()
    below: Below = Below()

    @field_validator("matrix")
    @classmethod
    def _check_matrix(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        """Accept a matrix that sees the whole page from its front, or none."""
        if not value:
            return value
        if len(value) != 9:
            raise ValueError("nine numbers, or none")
        matrix = np.array(value, np.float64).reshape(3, 3)
        depth = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]) @ matrix[2]
        if not np.isfinite(matrix).all() or (depth <= 0).any() or np.linalg.det(matrix) <= 0:
            raise ValueError("a homography that sees the whole page, not mirrored")
        return value


def image_shape(spec: PageSpec) -> tuple[int, int]:
    """Return height and width of a page's image in pixels."""
    height, width = spec.page.shape_px
    seen = spec.perspective
    if not seen.enabled:
        return height, width
    return seen.height_px or height, seen.width_px or width


def homography(spec: PageSpec) -> Floats:
    """Return the map of the flat page's pixels to image pixels, shape (3, 3); eq. (4) of the paper.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> matrix = homography(make_spec({"perspective": {"enabled": True, "roll_deg": 180}}))
    >>> project(matrix, np.array([[0.0, 0.0], [2200.0, 850.0]])).round(3).tolist()
    [[2200.0, 1700.0], [0.0, 850.0]]
    """
    height, width = spec.page.shape_px
    rows, columns = image_shape(spec)
    seen = spec.perspective
    if seen.matrix:
        given = np.array(seen.matrix).reshape(3, 3)
        whole = np.diag([columns, rows, 1.0]) @ given @ np.diag([1 / width, 1 / height, 1.0])
        return np.asarray(whole / whole[2, 2], np.float64)
    turn, away = _pose(spec)
    scale = 1 / spec.page.px_per_mm
    centred = np.array([[scale, 0, -width * scale / 2], [0, scale, -height * scale / 2], [0, 0, 1]])
    through = np.column_stack([turn[:, 0], turn[:, 1], [0.0, 0.0, away]]) @ centred
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    outline = project(through, corners)
    low, high = outline.min(axis=0), outline.max(axis=0)
    across, down = high - low
    if seen.fit == "page":  # as far away, but neither tilted nor turned
        across, down = spec.page.width_mm / away, spec.page.height_mm / away
    zoom = seen.fill * min(columns / across, rows / down)
    middle = (low + high) / 2
    fitted = np.array(
        [
            [zoom, 0, columns * (0.5 + seen.shift_x) - zoom * middle[0]],
            [0, zoom, rows * (0.5 + seen.shift_y) - zoom * middle[1]],
            [0, 0, 1],
        ]
    )
    whole = fitted @ through
    return np.asarray(whole / whole[2, 2], np.float64)


def make_camera(spec: PageSpec, shift: NDArray[np.float32] | None, kernels: Kernels) -> Camera:
    """Return the camera that a spec asks for.

    Parameters
    ----------
    spec
        The page's values.
    shift
        What wrinkles and creases move, as in ``fastecg.layers.Relief``; None if nothing.
    kernels
        The backend that maps points.

    Examples
    --------
    >>> from fastecg.spec import make_spec
    >>> from fastecg_kernels import load_backend
    >>> make_camera(make_spec({}), None, load_backend("cpu")).is_identity
    True
    """
    seen, shape = spec.perspective, image_shape(spec)
    if not seen.enabled and shift is None:
        return Camera(shape, kernels=kernels)
    matrix = homography(spec) if seen.enabled else np.eye(3)
    bent = shift is not None
    x, y = mesh_axes(shape)
    if seen.enabled and seen.lens != Lens():
        (x, y), bent = _through_lens(x, y, shape, seen.lens), True
    x, y = _onto_plane(x, y, matrix)
    if seen.enabled and seen.curl.height_mm:
        (x, y), bent = _bend(x, y, spec), True
    page = np.stack(np.broadcast_arrays(x, y), axis=-1)
    if shift is not None:
        page += _moved(page, shift, spec.page.shape_px, kernels)
    mesh = np.clip(page, -FARTHEST_PX, FARTHEST_PX).astype(np.float32)
    return Camera(shape, matrix, mesh, bent, kernels)


def _pose(spec: PageSpec) -> tuple[Floats, float]:
    """Return the page's rotation before the camera, and their distance in mm."""
    seen = spec.perspective
    x, y, z = np.deg2rad([seen.tilt_x_deg, seen.tilt_y_deg, seen.roll_deg])
    about_x = np.array([[1, 0, 0], [0, np.cos(x), np.sin(x)], [0, -np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    diagonal = float(np.hypot(spec.page.width_mm, spec.page.height_mm))
    return about_z @ about_x @ about_y, seen.distance * diagonal


def _through_lens(x: Floats, y: Floats, shape: tuple[int, int], lens: Lens) -> tuple[Floats, Floats]:
    """Return where the image's points would be without the lens's distortion."""
    down, right = shape[0] / 2, shape[1] / 2
    off_x, off_y = x - right, y - down
    square = (off_x**2 + off_y**2) / (right**2 + down**2)
    zoom = 1 + square * (lens.k1 + square * lens.k2)
    return right + off_x * zoom, down + off_y * zoom


def _onto_plane(x: Floats, y: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    """Return the page points of image points; those beyond the horizon come out far away."""
    back = np.linalg.inv(matrix)
    right, down, depth = (row[0] * x + row[1] * y + row[2] for row in back)
    nearness = 1 / np.maximum(depth, 1e-9)
    return right * nearness, down * nearness


def _bend(x: Floats, y: Floats, spec: PageSpec) -> tuple[Floats, Floats]:
    """Bend the plane as far as the spec asks for, or until the sheet would hide a part of itself."""
    height_mm = spec.perspective.curl.height_mm
    while True:
        bent = _along_curl(x, y, spec, height_mm)
        if abs(height_mm) < 0.1 or _is_one_to_one(*bent, spec.page.shape_px):
            return bent
        height_mm *= FLATTER


def _is_one_to_one(x: Floats, y: Floats, shape: tuple[int, int]) -> bool:
    """Whether a mesh has no fold on the page: the area of no cell is turned over, nor close to it."""
    across_x, across_y = np.diff(x, axis=1)[:-1], np.diff(y, axis=1)[:-1]
    down_x, down_y = np.diff(x, axis=0)[:, :-1], np.diff(y, axis=0)[:, :-1]
    area = across_x * down_y - across_y * down_x
    least = LEAST_AREA * np.hypot(across_x, across_y) * np.hypot(down_x, down_y)
    left, top = x[:-1, :-1], y[:-1, :-1]
    margin = OVERHANG * max(shape)
    on_page = (left > -margin) & (left < shape[1] + margin) & (top > -margin) & (top < shape[0] + margin)
    return bool((area > least)[on_page].all())


def _along_curl(x: Floats, y: Floats, spec: PageSpec, height_mm: float) -> tuple[Floats, Floats]:
    """Return the points of the bent sheet that are seen where points of the plane would be.

    The sheet's height above the plane is a parabola of the way across. A point is seen through the
    plane where the ray to it passes, so it lies off that point by height over the camera's own
    height; and the way along the sheet is longer than along the plane, by half the square of the slope.
    """
    curl, scale = spec.perspective.curl, spec.page.px_per_mm
    right, down = spec.page.width_mm / 2, spec.page.height_mm / 2
    angle = np.deg2rad(curl.direction_deg)
    across_x, across_y = float(np.cos(angle)), float(np.sin(angle))
    reach = abs(across_x) * right + abs(across_y) * down
    flat_x, flat_y = x / scale - right, y / scale - down
    way = across_x * flat_x + across_y * flat_y - curl.center * reach
    steepness = height_mm / (reach * (1 + abs(curl.center))) ** 2
    near = np.clip(way, -3 * reach, 3 * reach)  # the surface around it need not bend on without end
    square = near * near
    camera = _camera_over_page(spec)
    lift = square * (steepness / camera[2])
    longer = square * near * ((2 / 3) * steepness**2)
    bent_x = flat_x - (flat_x - camera[0]) * lift + across_x * longer
    bent_y = flat_y - (flat_y - camera[1]) * lift + across_y * longer
    return (bent_x + right) * scale, (bent_y + down) * scale


def _camera_over_page(spec: PageSpec) -> Floats:
    """Return the camera's place in mm from the page's middle: right, down, and above it."""
    if spec.perspective.matrix:
        diagonal = float(np.hypot(spec.page.width_mm, spec.page.height_mm))
        return np.array([0.0, 0.0, spec.perspective.distance * diagonal])
    turn, away = _pose(spec)
    place = -turn.T @ np.array([0.0, 0.0, away])
    return np.array([place[0], place[1], abs(place[2])])


def _moved(page: Floats, shift: NDArray[np.float32], shape: tuple[int, int], kernels: Kernels) -> Floats:
    """Return the relief's shift at page points, shape (..., 2); beyond the page it is that of the edge."""
    inside = np.clip(page, 0.0, np.array([shape[1], shape[0]], np.float64))
    return kernels.mesh_to_page(shift, inside.reshape(-1, 2)).reshape(page.shape)
