"""A writer of small format-16 records, line by line, so that any header can be tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

WriteRecord = Callable[..., Path]


@pytest.fixture
def write_record(tmp_path: Path) -> WriteRecord:
    """Return a function that writes ``name.hea`` and ``name.dat`` into the test's folder.

    By default there is one signal per row of ``digital``, at 1000 per mV.
    """

    def write(
        digital: ArrayLike = ((0, 1000, -500, 250),),
        signals: Sequence[str] | None = None,
        *,
        name: str = "r",
        line: str | None = None,
        comments: Sequence[str] = (),
    ) -> Path:
        values = np.atleast_2d(np.asarray(digital, dtype="<i2"))
        if signals is None:
            signals = [f"{name}.dat 16 1000/mV 16 0 0 0 0 V{i}" for i in range(1, len(values) + 1)]
        if line is None:
            line = f"{name} {len(signals)} 500 {values.shape[1]}"
        text = "\n".join([line, *signals, *comments, ""])
        (tmp_path / f"{name}.hea").write_text(text, encoding="utf-8")
        values.T.tofile(tmp_path / f"{name}.dat")
        return tmp_path / name

    return write
