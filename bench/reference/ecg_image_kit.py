"""Runs ECG-Image-Kit itself, a page at a time, for bench_kit.py; started by that kit's own Python.

    python ecg_image_kit.py KIT INPUT OUTPUT

KIT is the folder of its scripts. For each line of flags on its standard input it makes a page of the next
record and answers with a line of JSON: ``{"seconds": CPU seconds, "error": ""}``. Its own text goes to
stderr. What it imports for handwriting alone (TensorFlow, spaCy) may be missing: all else works without.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
import time
import types
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer until there are no more lines."""
    kit, source, output = (Path(path).resolve() for path in sys.argv[1:4])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.chdir(kit)
    sys.path.insert(0, str(kit))
    for name in ("tensorflow", "spacy"):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - missing, or not whole
            sys.modules[name] = types.ModuleType(name)
    batch: Any = importlib.import_module("gen_ecg_images_from_data_batch")
    importlib.import_module("cv2").setNumThreads(1)
    output.mkdir(parents=True, exist_ok=True)
    headers, recordings = batch.find_records(str(source), str(output))
    for page, line in enumerate(sys.stdin):
        header, recording = headers[page % len(headers)], recordings[page % len(headers)]
        args = batch.get_parser().parse_args(["-i", str(source), "-o", str(output), *line.split()])
        args.input_file, args.header_file = str(source / recording), str(source / header)
        args.start_index, args.encoding, args.output_directory = -1, Path(header).stem, str(output)
        random.seed(page)
        error = ""
        start = time.process_time()
        try:
            batch.run_single_file(args)
        except Exception as caught:  # noqa: BLE001 - bench_kit.py says what cannot be compared
            error = f"{type(caught).__name__}: {caught}"
        answer = {"seconds": time.process_time() - start, "error": error}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
