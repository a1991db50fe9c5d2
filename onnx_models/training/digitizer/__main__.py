"""Make crops, train, export and measure: ``python -m training.digitizer --records FOLDER --out work``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Read the command line and run the steps one after the other; each goes on where it was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="folder of real records; without it all are simulated")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=550)
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--device", default="cpu", help="or cuda")
    wanted = parser.parse_args()
    records = ["--records", str(wanted.records)] if wanted.records else []
    crops, run, model = (str(wanted.out / name) for name in ("crops", "run", "model"))
    make = ["crops", *records, "--out", crops]
    train = ["train", "--crops", crops, "--out", run, "--updates", str(wanted.updates)]
    steps = (
        [*make, "--part", "validation", "--pages", "24"],
        [*make, "--pages", str(wanted.pages)],
        [*train, "--device", wanted.device],
        ["export", "--crops", crops, "--run", run, "--out", model],
        ["measure", *records, "--model", model],
    )
    for name, *given in steps:
        subprocess.run([sys.executable, "-m", f"training.digitizer.{name}", *given], check=True)


if __name__ == "__main__":
    main()
