"""Reading checkpoints of TensorFlow that these tests write themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fastecg_models.errors import ModelError
from fastecg_models.tf_bundle import Bundle
from tests.models import tf_writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model-29"


def tensors() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    rng = np.random.default_rng(2)
    shapes = {
        f"model/layer_{i}/{part}": (i % 4 + 1, 5)[: i % 3] for i in range(30) for part in ("bias", "kernel")
    }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def test_all_tensors_are_read(path: Path) -> None:
    given = tensors()
    tf_writer.write(path, given)
    bundle = Bundle(path)
    assert bundle.names == tuple(sorted(given))
    for name, array in given.items():
        assert bundle.shape(name) == array.shape
        np.testing.assert_array_equal(bundle.tensor(name), array)


def test_a_checkpoint_is_found_by_prefix_index_or_folder(path: Path) -> None:
    tf_writer.write(path, tensors())
    names = Bundle(path).names
    assert Bundle(path.parent).names == Bundle(path.parent / "model-29.index").names == names
    tf_writer.write(path.with_name("model-30"), tensors())
    with pytest.raises(ModelError, match=r"2 checkpoints \(model-29.index, model-30.index\); name one"):
        Bundle(path.parent)
    with pytest.raises(ModelError, match=r"there is no checkpoint .*model-31.index cannot be read"):
        Bundle(path.with_name("model-31"))


def test_any_changed_byte_of_the_index_is_noticed(path: Path) -> None:
    tf_writer.write(path, tensors())
    index = path.with_name("model-29.index")
    content = index.read_bytes()
    names = Bundle(path).names
    unused = range(len(content) - 48, len(content) - 8)  # the handles of the footer have no checksum
    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 0x15
        index.write_bytes(changed)
        if at in unused:
            continue
        with pytest.raises(ModelError, match="no index of a TensorFlow checkpoint, or it is damaged"):
            assert Bundle(path).names == names


@pytest.mark.parametrize("kept", [0, 1, 7, 47, 48, 200, -1, -9, -60])
def test_an_index_cut_short_is_refused(path: Path, kept: int) -> None:
    tf_writer.write(path, tensors())
    index = path.with_name("model-29.index")
    index.write_bytes(index.read_bytes()[:kept])
    with pytest.raises(ModelError, match="no index of a TensorFlow checkpoint, or it is damaged"):
        Bundle(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (tf_writer.header(endian=1), "is big-endian"),
        (tf_writer.header(shards=2), "has 2 data files"),
        (b"\x0b", "unknown kind 3"),
        (b"\x0a\x05ab", "longer than its message"),
        (b"\x0a\x01a", "field 1 is no number"),
        (b"\x08\xff", "a number does not end"),
    ],
)
def test_other_headers_are_refused(path: Path, header: bytes, message: str) -> None:
    tf_writer.write(path, tensors(), other={"": header})
    with pytest.raises(ModelError, match=message):
        Bundle(path)


def test_compressed_blocks_and_tables_without_header_are_refused(path: Path) -> None:
    index = path.with_name("model-29.index")
    index.write_bytes(tf_writer.table({b"": tf_writer.header()}, compressed=1))
    with pytest.raises(ModelError, match="is compressed, which is not read here"):
        Bundle(path)
    index.write_bytes(tf_writer.table({b"a": b""}))
    with pytest.raises(ModelError, match="it has no header"):
        Bundle(path)


def test_damaged_missing_and_short_data_are_refused(path: Path) -> None:
    given = {"a": np.arange(6, dtype=np.float32), "b": np.arange(9, dtype=np.float32).reshape(3, 3)}
    tf_writer.write(path, given)
    bundle = Bundle(path)
    data = path.with_name("model-29.data-00000-of-00001")
    content = bytearray(data.read_bytes())
    content[30] ^= 1
    data.write_bytes(content)
    np.testing.assert_array_equal(bundle.tensor("a"), given["a"])
    with pytest.raises(ModelError, match="is damaged: the checksum of b is wrong"):
        bundle.tensor("b")
    data.write_bytes(content[:-1])
    with pytest.raises(ModelError, match="is cut short: it ends before b does"):
        bundle.tensor("b")
    data.unlink()
    with pytest.raises(
        ModelError, match="cannot be read: No such file or directory; put it beside the index"
    ):
        bundle.tensor("a")


def test_only_float32_in_one_piece_is_read(path: Path) -> None:
    array = np.arange(4, dtype=np.float32)
    plain = tf_writer.entry(array, 0, tf_writer.slow_crc)
    other = {
        "whole_numbers": tf_writer.entry(array, 0, tf_writer.slow_crc, kind=3),
        "slices": plain + tf_writer.field(7, b""),
        "elsewhere": plain + tf_writer.field(3, 1),
        "large": plain + tf_writer.field(5, 20),
    }
    tf_writer.write(path, {"plain": array}, other=other)
    bundle = Bundle(path)
    np.testing.assert_array_equal(bundle.tensor("plain"), array)
    for name in ("whole_numbers", "slices", "elsewhere"):
        with pytest.raises(ModelError, match=f"{name} is no float32 tensor in one piece"):
            bundle.tensor(name)
    with pytest.raises(ModelError, match=r"large has 20 bytes, which does not fit its shape \(4,\)"):
        bundle.tensor("large")
