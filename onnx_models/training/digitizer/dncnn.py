"""DnCNN as published, for clean ink alone: ``python -m training.digitizer.dncnn --crops crops --out dncnn``.

The network of the paper that fastecg sets out to overtake: 17 layers of 64 channels (``--layers 17 --channels
64``) that learn what is to be taken away from a grey strip so that only ink is left. It tells neither leads
nor heights: the read-out for it is ``fastecg.digitize.plain``. It is not shipped, as the reader's own clean
ink is a head of the same network that finds the traces.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.digitizer.crops_data import Batch, Crops

CHECKPOINT = "dncnn.pt"


class DnCNN(nn.Module):
    """Takes away from a picture what is not ink.

    Parameters
    ----------
    layers : int
        Convolutions of 3 x 3, at least 3.
    channels : int
        Channels between them.

    Notes
    -----
    Zhang, Zuo, Chen, Meng, Zhang, "Beyond a Gaussian denoiser", IEEE Trans. Image Processing 26 (2017),
    arXiv 1608.03981: the network learns the residual.
    """

    def __init__(self, layers: int = 17, channels: int = 64) -> None:
        super().__init__()
        parts: list[nn.Module] = [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU()]
        for _ in range(layers - 2):
            parts += [
                nn.Conv2d(channels, channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            ]
        parts.append(nn.Conv2d(channels, 1, 3, padding=1))
        self.residual = nn.Sequential(*parts)

    def forward(self, grey: Tensor) -> Tensor:
        """Return clean darkness, shape (N, 1, H, W), from darkness of the same shape."""
        return grey - self.residual(grey)


def one_update(network: DnCNN, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    """Learn from one batch, and return the mean squared error."""
    device = next(network.parameters()).device
    dark, _, ink = (part.to(device) for part in batch)
    network.train()
    loss = functional.mse_loss(network(dark.mean(1, keepdim=True))[:, 0], ink)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return float(loss.detach())


def export(network: DnCNN, path: Path) -> None:
    """Write a network as ONNX, for pictures of any size."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of itself
        torch.onnx.export(
            network.eval().cpu(),
            (torch.zeros(1, 1, 64, 64),),
            path,
            input_names=["dark"],
            output_names=["clean"],
            dynamic_axes={"dark": {0: "n", 2: "h", 3: "w"}, "clean": {0: "n", 2: "h", 3: "w"}},
            opset_version=17,
            dynamo=False,
        )


def main() -> None:
    """Read the command line, train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True, help="the folder that crops has filled")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=17)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--updates", type=int, default=20_000)
    parser.add_argument("--lanes", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="or cuda")
    parser.add_argument("--report", type=int, default=100)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    network = DnCNN(wanted.layers, wanted.channels).to(wanted.device)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    start, path = 0, wanted.out / CHECKPOINT
    if path.exists():
        content = torch.load(path, weights_only=True, map_location=wanted.device)
        network.load_state_dict(content["network"])
        optimiser.load_state_dict(content["optimiser"])
        start = content["update"]
    crops = Crops(wanted.crops / "train", 64, wanted.lanes, start + 1)
    for update in range(start + 1, wanted.updates + 1):
        loss = one_update(network, optimiser, crops.batch())
        if update % wanted.report and update < wanted.updates:
            continue
        state = {
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
            "update": update,
        }
        torch.save(state, path)
        with (wanted.out / "log.jsonl").open("a") as log:
            log.write(json.dumps({"update": update, "mse": loss, "time": time.strftime("%H:%M:%S")}) + "\n")
    export(network, wanted.out / "dncnn-fp32.onnx")


if __name__ == "__main__":
    main()
