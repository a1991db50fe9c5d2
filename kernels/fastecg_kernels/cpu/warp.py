"""The camera's pass over an image's pixels (Numba); see ``reference.warp``.

A row is made in four sweeps over buffers that stay in the first cache: places on the page, cell by
cell of the mesh; two loads of eight bytes for each pixel; the weighted sum, red and blue together in one
number; three bytes out. Only the loads are not vectorised. Cells that see the page's edge, a hole or the
surface are painted over pixel by pixel.

Tried and rejected: all sweeps in one loop (twice as long: the loads keep it from being vectorised);
byte by byte (three times); packing the page into words of four bytes first (a pass of its own, no gain).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastecg_kernels.cpu._numba import kernel, load_eight
from fastecg_kernels.nodes import NODE_STEP as STEP
from fastecg_kernels.reference.warp import FRACTION

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Words = NDArray[np.uint32]
Float = np.float32
Floats = NDArray[np.float32]

ONE, HALF, ZERO = np.float32(1.0), np.float32(0.5), np.float32(0.0)
UNIT = np.float32(1 << FRACTION)
STEPS = np.uintp(STEP)
TILE = 16
"""Page pixels a side that are marked as a whole as having a hole or not."""

PAPER, EDGE, GROUND = 0, 1, 2
"""What a cell of the mesh sees."""

EIGHT = np.uint32(8)
LOW = np.uint32(255)
RED_BLUE, GREEN = np.uint32(0x00FF00FF), np.uint32(0xFF00)
ROUND_TWO, ROUND = np.uint32(0x00800080), np.uint32(128)
WORD = np.uint64(0xFFFFFFFF)


@kernel
def _place_cells(mesh: Floats, y: int, cells: Ints) -> None:
    """Write x, step of x, y, step of y of each cell's first pixel in image row y: shape (4, cells)."""
    down = np.float32((y % STEP + 0.5) / STEP)
    upper, lower = mesh[y // STEP], mesh[y // STEP + 1]
    for j in range(np.uintp(cells.shape[1])):
        for axis in range(np.uintp(2)):
            here = upper[j, axis] + (lower[j, axis] - upper[j, axis]) * down
            there = (
                upper[j + np.uintp(1), axis]
                + (lower[j + np.uintp(1), axis] - upper[j + np.uintp(1), axis]) * down
            )
            step = there - here
            cells[np.uintp(2) * axis, j] = np.int32((here + step * np.float32(0.5 / STEP) - HALF) * UNIT)
            cells[np.uintp(2) * axis + np.uintp(1), j] = np.int32(step * (UNIT / np.float32(STEP)))


@kernel
def _place_pixels(
    cells: Ints, flags: Bytes, stride: int, pixel: int, offsets: Ints, across: Words, down: Words
) -> None:
    """Write the byte offset and the weights of every pixel; cells that are flagged stay at the first byte."""
    digits = FRACTION - 8
    for j in range(np.uintp(cells.shape[1])):
        base = j * STEPS
        if flags[j] != PAPER:
            for k in range(STEPS):
                offsets[base + k] = 0
            continue
        x, dx, y, dy = (
            cells[np.uintp(0), j],
            cells[np.uintp(1), j],
            cells[np.uintp(2), j],
            cells[np.uintp(3), j],
        )
        for k in range(STEPS):
            at_x = np.int32(x + np.int32(k) * dx)
            at_y = np.int32(y + np.int32(k) * dy)
            offsets[base + k] = np.int32(
                np.int32(at_y >> FRACTION) * np.int32(stride) + np.int32(at_x >> FRACTION) * np.int32(pixel)
            )
            across[base + k] = np.uint32((at_x >> digits) & 255)
            down[base + k] = np.uint32((at_y >> digits) & 255)


@kernel
def _fetch(
    page: Bytes, stride: int, offsets: Ints, upper: NDArray[np.uint64], lower: NDArray[np.uint64]
) -> None:
    for x in range(np.uintp(offsets.shape[0])):
        offset = np.int64(offsets[x])
        upper[x] = load_eight(page, offset)
        lower[x] = load_eight(page, offset + stride)


@kernel
def _mix(
    upper: NDArray[np.uint64], lower: NDArray[np.uint64], across: Words, down: Words, out: Words
) -> None:
    """Weigh the four pixels around each place; ``out`` holds red, green, blue, 0 from the lowest byte on."""
    for x in range(np.uintp(out.shape[0])):
        a = np.uint32(upper[x] & WORD)
        b = np.uint32((upper[x] >> np.uint64(24)) & WORD)
        c = np.uint32(lower[x] & WORD)
        d = np.uint32((lower[x] >> np.uint64(24)) & WORD)
        w11 = np.uint32(np.uint32(across[x] * down[x] + ROUND) >> EIGHT)
        w01 = np.uint32(across[x] - w11)
        w10 = np.uint32(down[x] - w11)
        w00 = np.uint32(np.uint32(np.uint32(256) + w11) - across[x] - down[x])
        two = np.uint32(
            np.uint32((a & RED_BLUE) * w00)
            + np.uint32((b & RED_BLUE) * w01)
            + np.uint32((c & RED_BLUE) * w10)
            + np.uint32((d & RED_BLUE) * w11)
            + ROUND_TWO
        )
        one = np.uint32(
            np.uint32(((a >> EIGHT) & LOW) * w00)
            + np.uint32(((b >> EIGHT) & LOW) * w01)
            + np.uint32(((c >> EIGHT) & LOW) * w10)
            + np.uint32(((d >> EIGHT) & LOW) * w11)
            + ROUND
        )
        out[x] = np.uint32(((two >> EIGHT) & RED_BLUE) | (one & GREEN))


@kernel
def _unpack(words: Words, row: Bytes) -> None:
    for x in range(np.uintp(row.shape[0] // 3)):
        word = words[x]
        at = np.uintp(3) * x
        row[at] = np.uint8(word & LOW)
        row[at + np.uintp(1)] = np.uint8((word >> EIGHT) & LOW)
        row[at + np.uintp(2)] = np.uint8((word >> np.uint32(16)) & LOW)


@kernel
def _mark_tiles(alpha: Bytes, open_tiles: Bytes) -> None:
    for i in range(alpha.shape[0]):
        for j in range(alpha.shape[1]):
            if alpha[i, j] != 255:
                open_tiles[i // TILE, j // TILE] = 1


@kernel
def _flag_cells(
    mesh: Floats, nth: int, height: int, width: int, spare: int, open_tiles: Bytes, flags: Bytes
) -> bool:
    """Write what the cells of one row of the mesh see; return whether any sees more than whole paper.

    ``spare`` columns at the right edge do not count as whole: eight bytes are loaded for each pixel.
    """
    some = False
    for j in range(flags.shape[0]):
        x0 = min(mesh[nth, j, 0], mesh[nth, j + 1, 0], mesh[nth + 1, j, 0], mesh[nth + 1, j + 1, 0])
        x1 = max(mesh[nth, j, 0], mesh[nth, j + 1, 0], mesh[nth + 1, j, 0], mesh[nth + 1, j + 1, 0])
        y0 = min(mesh[nth, j, 1], mesh[nth, j + 1, 1], mesh[nth + 1, j, 1], mesh[nth + 1, j + 1, 1])
        y1 = max(mesh[nth, j, 1], mesh[nth, j + 1, 1], mesh[nth + 1, j, 1], mesh[nth + 1, j + 1, 1])
        inside = x0 >= 1.0 and x1 <= width - spare and y0 >= 1.0 and y1 <= height - 2.0
        if inside and open_tiles.shape[0] > 0:
            for i in range(int(y0 - 1.0) // TILE, int(y1 + 1.0) // TILE + 1):
                for k in range(int(x0 - 1.0) // TILE, int(x1 + 1.0) // TILE + 1):
                    inside = inside and open_tiles[i, k] == 0
        outside = x1 <= -1.0 or x0 >= width + 1.0 or y1 <= -1.0 or y0 >= height + 1.0
        flags[j] = PAPER if inside else GROUND if outside else EDGE
        some = some or not inside
    return some


@kernel
def _weighted(
    image: Bytes, i: int, j: int, below: int, right: int, channel: int, across: int, down: int
) -> int:
    w11 = (across * down + 128) >> 8
    total = 128 + int(image[i, j, channel]) * (256 - across - down + w11)
    total += int(image[i, right, channel]) * (across - w11)
    total += int(image[below, j, channel]) * (down - w11) + int(image[below, right, channel]) * w11
    return total >> 8


@kernel
def _inside(at: Float, length: int) -> Float:
    return min(max(min(at, np.float32(length) - at) + HALF, ZERO), ONE)


@kernel
def _light_nodes(mesh: Floats, nth: int, light: Floats, frame: Floats, nodes: Floats) -> None:
    """Write the share of the light that the page's shadow leaves to one row of the mesh's nodes."""
    last_x, last_y = light.shape[1] - 1, light.shape[0] - 1
    for k in range(mesh.shape[1]):
        x = min(max((mesh[nth, k, 0] - frame[0]) / frame[2], ZERO), np.float32(last_x))
        y = min(max((mesh[nth, k, 1] - frame[1]) / frame[2], ZERO), np.float32(last_y))
        j, i = int(x), int(y)
        along, down = x - np.float32(j), y - np.float32(i)
        right, below = min(j + 1, last_x), min(i + 1, last_y)
        upper = light[i, j] + (light[i, right] - light[i, j]) * along
        lower = light[below, j] + (light[below, right] - light[below, j]) * along
        nodes[k] = upper + (lower - upper) * down


@kernel
def _light_pixels(upper: Floats, lower: Floats, j: int, down: Float, light: Floats) -> None:
    """Write the light of one cell's pixels in an image row."""
    here = upper[j] + (lower[j] - upper[j]) * down
    there = upper[j + 1] + (lower[j + 1] - upper[j + 1]) * down
    for k in range(STEPS):
        light[k] = here + (there - here) * np.float32((k + 0.5) / STEP)


@kernel
def _paint_ground(pixels: Bytes, ground: Bytes, light: Floats) -> None:
    """Paint pixels, shape (n, 3), that see nothing of the page."""
    for x in range(np.uintp(pixels.shape[0])):
        for channel in range(np.uintp(3)):
            pixels[x, channel] = np.uint8(np.int32(np.float32(ground[x, channel]) * light[x] + HALF))


@kernel
def _paint_carefully(
    pixel: Bytes, x: int, y: int, page: Bytes, alpha: Bytes, ground: Bytes, light: Float
) -> None:
    """Paint a pixel that may see the page's edge or a hole."""
    height, width = page.shape[0], page.shape[1]
    digits = FRACTION - 8
    px = np.float32(x) / UNIT + HALF
    py = np.float32(y) / UNIT + HALF
    cover = _inside(px, width) * _inside(py, height)
    flat_x = min(max(x, 0), (width - 1) << FRACTION)
    flat_y = min(max(y, 0), (height - 1) << FRACTION)
    i, j = flat_y >> FRACTION, flat_x >> FRACTION
    below, right = min(i + 1, height - 1), min(j + 1, width - 1)
    across, down = (flat_x >> digits) & 255, (flat_y >> digits) & 255
    if alpha.shape[0] > 0:
        there = _weighted(alpha, i, j, below, right, 0, across, down)
        cover = cover * (np.float32(there) / np.float32(255))
    for channel in range(3):
        under = np.float32(ground[channel]) * light
        paper = np.float32(_weighted(page, i, j, below, right, channel, across, down))
        pixel[channel] = np.uint8(np.int32(under + (paper - under) * cover + HALF))


@kernel
def _warp_page(
    image: Bytes,
    flat: Bytes,
    page: Bytes,
    flat_page: Bytes,
    alpha: Bytes,
    mesh: Floats,
    surface: Bytes,
    light: Floats,
    frame: Floats,
) -> None:
    height, width = image.shape[0], image.shape[1]
    stride, count = 3 * page.shape[1], mesh.shape[1] - 1
    open_tiles = np.zeros((0, 0), np.uint8)
    if alpha.shape[0] > 0:
        open_tiles = np.zeros((alpha.shape[0] // TILE + 1, alpha.shape[1] // TILE + 1), np.uint8)
        _mark_tiles(alpha[:, :, 0], open_tiles)
    cells, flags = np.empty((4, count), np.int32), np.empty(count, np.uint8)
    offsets = np.empty(count * STEP, np.int32)
    across, down = np.zeros(count * STEP, np.uint32), np.zeros(count * STEP, np.uint32)
    upper, lower = np.empty(count * STEP, np.uint64), np.empty(count * STEP, np.uint64)
    words, left = np.empty(count * STEP, np.uint32), np.empty(STEP, np.float32)
    nodes = np.empty((2, mesh.shape[1]), np.float32)
    some = False
    for y in range(height):
        if y % STEP == 0:
            some = _flag_cells(mesh, y // STEP, page.shape[0], page.shape[1], 3, open_tiles, flags)
            if some:
                for k in range(2):
                    _light_nodes(mesh, y // STEP + k, light, frame, nodes[k])
        _place_cells(mesh, y, cells)
        _place_pixels(cells, flags, stride, 3, offsets, across, down)
        _fetch(flat_page, stride, offsets, upper, lower)
        _mix(upper, lower, across, down, words)
        _unpack(words, flat[y])
        if some:
            share = np.float32((y % STEP + 0.5) / STEP)
            ground = surface[y % surface.shape[0]]
            for j in range(count):
                if flags[j] == PAPER:
                    continue
                start, end = j * STEP, min(j * STEP + STEP, width)
                _light_pixels(nodes[0], nodes[1], j, share, left)
                if flags[j] == EDGE:
                    for x in range(start, end):
                        at_x = int(cells[0, j]) + (x - start) * int(cells[1, j])
                        at_y = int(cells[2, j]) + (x - start) * int(cells[3, j])
                        shaded = left[x - start]
                        _paint_carefully(image[y, x], at_x, at_y, page, alpha, ground[x], shaded)
                else:
                    _paint_ground(image[y, start:end], ground[start:end], left)


def warp_page(
    image: NDArray[np.uint8],
    page: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    mesh: NDArray[np.float32],
    surface: NDArray[np.uint8],
    light: NDArray[np.float32],
    frame: NDArray[np.float32],
) -> None:
    """Paint an image of a page that lies on a surface; see the reference of this name."""
    layers = alpha.reshape(*alpha.shape, 1)
    _warp_page(
        image, image.reshape(len(image), -1), page, page.reshape(-1), layers, mesh, surface, light, frame
    )


@kernel
def _mask_at(mask: Bytes, i: int, j: int) -> int:
    inside = 0 <= i < mask.shape[0] and 0 <= j < mask.shape[1]
    return int(mask[i, j]) if inside else 0


@kernel
def _mix_one(
    upper: NDArray[np.uint64], lower: NDArray[np.uint64], across: Words, down: Words, row: Bytes
) -> None:
    """Weigh the four values around each place of a mask."""
    byte = np.uint64(255)
    for x in range(np.uintp(row.shape[0])):
        a, b = np.uint32(upper[x] & byte), np.uint32((upper[x] >> np.uint64(8)) & byte)
        c, d = np.uint32(lower[x] & byte), np.uint32((lower[x] >> np.uint64(8)) & byte)
        w11 = np.uint32(np.uint32(across[x] * down[x] + ROUND) >> EIGHT)
        w01 = np.uint32(across[x] - w11)
        w10 = np.uint32(down[x] - w11)
        w00 = np.uint32(np.uint32(np.uint32(256) + w11) - across[x] - down[x])
        total = np.uint32(np.uint32(a * w00) + np.uint32(b * w01) + np.uint32(c * w10) + np.uint32(d * w11))
        row[x] = np.uint8(np.uint32(total + ROUND) >> EIGHT)


@kernel
def _mask_carefully(mask: Bytes, x: int, y: int) -> int:
    """Return a sample of a mask beyond which there is nothing."""
    digits = FRACTION - 8
    i, j = y >> FRACTION, x >> FRACTION
    if i < -1 or j < -1 or i >= mask.shape[0] or j >= mask.shape[1]:
        return 0
    across, down = (x >> digits) & 255, (y >> digits) & 255
    w11 = (across * down + 128) >> 8
    total = 128 + _mask_at(mask, i, j) * (256 - across - down + w11)
    total += _mask_at(mask, i, j + 1) * (across - w11) + _mask_at(mask, i + 1, j) * (down - w11)
    return (total + _mask_at(mask, i + 1, j + 1) * w11) >> 8


@kernel
def _warp_mask(image: Bytes, mask: Bytes, flat: Bytes, mesh: Floats) -> None:
    (height, width), count = mask.shape, mesh.shape[1] - 1
    whole = np.zeros((0, 0), np.uint8)
    cells, flags = np.empty((4, count), np.int32), np.empty(count, np.uint8)
    offsets = np.empty(count * STEP, np.int32)
    across, down = np.zeros(count * STEP, np.uint32), np.zeros(count * STEP, np.uint32)
    upper, lower = np.zeros(count * STEP, np.uint64), np.zeros(count * STEP, np.uint64)
    large = height > 1 and width > 8  # else there is no cell whose eight bytes lie within the mask
    some = True
    for y in range(image.shape[0]):
        if y % STEP == 0:
            some = _flag_cells(mesh, y // STEP, height, width, 9, whole, flags)
        _place_cells(mesh, y, cells)
        _place_pixels(cells, flags, width, 1, offsets, across, down)
        if large:
            _fetch(flat, width, offsets, upper, lower)
        _mix_one(upper, lower, across, down, image[y])
        if some:
            for j in range(count):
                for x in range(j * STEP, min(j * STEP + STEP, image.shape[1])):
                    if flags[j] == GROUND:
                        image[y, x] = 0
                    elif flags[j] == EDGE:
                        at_x = int(cells[0, j]) + (x - j * STEP) * int(cells[1, j])
                        at_y = int(cells[2, j]) + (x - j * STEP) * int(cells[3, j])
                        image[y, x] = np.uint8(_mask_carefully(mask, at_x, at_y))


def warp_mask(image: NDArray[np.uint8], mask: NDArray[np.uint8], mesh: NDArray[np.float32]) -> None:
    """Paint what an image shows of a page's mask; see the reference of this name."""
    _warp_mask(image, mask, mask.reshape(-1), mesh)
