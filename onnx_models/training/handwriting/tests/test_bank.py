"""The reader as a judge of what goes into a bank."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fastecg_models.strokes import Strokes
from training.handwriting.alphabet import SIZE, encode
from training.handwriting.bank import Legibility
from training.handwriting.reader import Reader

pytestmark = pytest.mark.train


def strokes(points: int) -> Strokes:
    xy = np.linspace(0, 1, 2 * points, dtype=np.float32).reshape(points, 2)
    return Strokes(xy, np.arange(points) == points - 1, True)


def test_what_the_reader_reads_gets_better_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    path = torch.tensor([*encode("AF")[:-1], 0, 0, 0, 0])
    likely = torch.log_softmax(8 * torch.nn.functional.one_hot(path, SIZE).float(), 1)[:, None]
    reader = Reader(4)
    monkeypatch.setattr(reader, "forward", lambda steps: likely[: len(steps)].expand(-1, steps.shape[1], -1))
    right, half, wrong, short = Legibility(reader)(
        ["AF", "AV", "VT", "AFAFAF"], [strokes(6), strokes(5), strokes(6), strokes(3)]
    )
    assert 0 >= right > half > wrong > short
    assert right > -0.5


def test_marks_do_not_depend_on_the_other_words() -> None:
    torch.manual_seed(2)
    judge = Legibility(Reader(8))
    texts, written = ["AF", "sinus", "a"], [strokes(9), strokes(30), strokes(4)]
    together = judge(texts, written)
    alone = [judge([text], [each])[0] for text, each in zip(texts, written, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=0.2)  # padding reaches the words from their ends
