"""The lattice of a grid: what no spectrum can show is not trusted."""

import numpy as np

from fastecg.digitize.lattice import _agreed, cut_tiles, spectra


def test_lines_closer_than_two_pixels_are_not_trusted() -> None:
    tiles = cut_tiles(np.random.default_rng(0).normal(size=(700, 900)).astype(np.float32))
    count = len(tiles.centres)
    frequency = np.column_stack([np.full(count, 0.62), np.zeros(count)])
    frequency[0] = 0.3, 0.0
    trust = np.ones(count)
    trust[0] = 0.01
    found, sure = _agreed(tiles, spectra(tiles), frequency, trust)
    assert np.isfinite(found).all()
    assert sure[0] == 0
