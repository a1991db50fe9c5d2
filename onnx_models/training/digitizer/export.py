"""Turn the newest checkpoint into the shipped model: ``python -m training.digitizer.export --help``."""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from fastecg.digitize.strips import HEIGHT
from fastecg_models.cards import Card, checksum, read_card, write_card
from fastecg_models.traces import OUTPUTS
from training.digitizer.crops_data import Crops
from training.digitizer.model import Reader, Shape
from training.digitizer.train import CHECKPOINT

CALIBRATION: Final = 24
"""Batches of one window that fix the scales of int8."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A network from a checkpoint."""

    reader: Reader
    update: int
    cpu_s: float


def newest(folder: Path) -> Trained:
    """Load the running mean of the weights from the newest checkpoint of a run."""
    content: dict[str, Any] = torch.load(folder / CHECKPOINT, weights_only=True, map_location="cpu")
    reader = Reader(Shape(**content["shape"]))
    reader.load_state_dict(content["average"])
    return Trained(reader.eval(), content["update"], content["seconds"])


def to_onnx(reader: Reader) -> bytes:
    """Return a network as an ONNX file of floats, for strips of any size."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of itself
        path = Path(name) / "traces.onnx"
        torch.onnx.export(
            reader.eval().to(memory_format=torch.contiguous_format),
            (torch.zeros(1, 3, HEIGHT, 64),),
            path,
            input_names=["dark"],
            output_names=list(OUTPUTS),
            dynamic_axes={
                "dark": {0: "strips", 2: "height", 3: "width"},
                "place": {0: "strips", 1: "bins", 2: "columns"},
                "there": {0: "strips", 1: "columns"},
                "clean": {0: "strips", 1: "height", 2: "width"},
            },
            opset_version=17,
            dynamo=False,
        )
        return _described(onnx.load(path))


def to_half(content: bytes) -> bytes:
    """Return a model with its weights and its work in half precision; it takes and gives floats."""
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415, TID251 - a converter

    return _described(convert_float_to_float16(onnx.load_from_string(content), keep_io_types=True))


def to_int8(content: bytes, calibration: list[NDArray[np.float32]], kept: tuple[str, ...] = ()) -> bytes:
    """Return a model whose convolutions work on whole numbers, with scales fixed beforehand.

    Parameters
    ----------
    content : bytes
        A model of floats.
    calibration : list
        Inputs that fix the scales, each (1, 3, H, W).
    kept : tuple
        Names of nodes that go on with floats.
    """
    from onnxruntime.quantization import (  # noqa: PLC0415, TID251 - a converter
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: PLC0415, TID251

    class Feed(CalibrationDataReader):
        def __init__(self) -> None:
            self._left = iter(calibration)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            found = next(self._left, None)
            return None if found is None else {"dark": found}

    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = [str(Path(name) / f"{k}.onnx") for k in range(3)]
        Path(paths[0]).write_bytes(content)
        quant_pre_process(paths[0], paths[1], skip_symbolic_shape=True)
        quantize_static(
            paths[1],
            paths[2],
            Feed(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            nodes_to_exclude=list(kept),
            extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
        )
        return _described(onnx.load(paths[2]))


def heads(content: bytes) -> tuple[str, ...]:
    """Return the names of the convolutions whose answers are read as they are: they keep floats."""
    names = [node.name for node in onnx.load_from_string(content).graph.node if node.op_type == "Conv"]
    return tuple(name for name in names if name.split("/")[1] in ("place", "there", "rest"))


def _described(model: Any) -> bytes:  # noqa: ANN401 - onnx has no types
    del model.metadata_props[:]
    for key, value in {"height": str(HEIGHT)}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    model.doc_string = ""
    found: bytes = model.SerializeToString()
    return found


def export(trained: Trained, crops: Path, folder: Path, figures: dict[str, float]) -> None:
    """Write all precisions and the card.

    Parameters
    ----------
    trained : Trained
        The network.
    crops : Path
        The folder that ``crops`` has filled: its pages to learn from fix the scales of int8.
    folder : Path
        Where to; made if missing.
    figures : dict[str, float]
        Losses and measured figures for the card.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = Crops(crops / "train", 256, 1, 5)
    calibration = [source.batch(plain=True)[0].numpy() for _ in range(CALIBRATION)]
    floats = to_onnx(trained.reader)
    files = {
        "traces-fp32.onnx": floats,
        "traces-fp16.onnx": to_half(floats),
        "traces-int8.onnx": to_int8(floats, calibration, heads(floats)),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    checksums = {name: checksum(content) for name, content in files.items()}
    write_card(card(trained, figures, checksums), folder)


def card(trained: Trained, figures: dict[str, float], checksums: dict[str, str]) -> Card:
    """Return the card of an exported reader."""
    about = {"updates": float(trained.update), "cpu_hours": round(trained.cpu_s / 3600, 2)}
    weights = sum(weight.numel() for weight in trained.reader.parameters())
    return Card(
        name=f"trace reader, {weights / 1e6:.2f} million weights",
        purpose="Finds the trace of a row in a strip of ECG paper: height per column, and clean ink.",
        data=(
            "Pages made by fastecg itself: simulated records, and the 132 records of PTB-XL, LUDB, CPSC, "
            "G12EC, PTB, Chapman-Shaoxing and Ningbo that training/digitizer/split.txt names train. "
            "It never saw the records named validation and test, nor the built-in ones."
        ),
        licence="BSD-3-Clause, as the library; the weights hold none of the records.",
        attribution=(
            "PTB-XL, CPSC, G12EC, Chapman-Shaoxing and Ningbo: PhysioNet/CinC Challenges 2020 and 2021, "
            "CC BY 4.0. PTB and LUDB: PhysioNet, ODC-By 1.0."
        ),
        command=(
            "python -m training.digitizer.crops --records records --out crops; "
            "python -m training.digitizer.train --crops crops --out run"
        ),
        figures=about | figures,
        checksums=checksums,
    )


def losses_of(folder: Path, update: int) -> dict[str, float]:
    """Return the line of the log for an update, as far as it tells losses."""
    for line in reversed((folder / "log.jsonl").read_text().splitlines()):
        found = json.loads(line)
        if found["update"] <= update:
            return {name: float(found[name]) for name in found if name.startswith("held_out")}
    return {}


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="the folder that crops has filled")
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    trained = newest(wanted.run)
    export(trained, wanted.crops, wanted.out, losses_of(wanted.run, trained.update))
    print(f"{wanted.out}: {len(read_card(wanted.out).checksums)} files of update {trained.update}")  # noqa: T201


if __name__ == "__main__":
    main()
