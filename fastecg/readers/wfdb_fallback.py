"""The doorway to wfdb, which decodes every signal format but 16."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from fastecg.errors import RecordError


def read_with_wfdb(header_path: Path, channels: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return the digital samples of some signals of a single-segment record.

    Only the samples are taken from wfdb. Units, gains and names come from our own header: wfdb
    drops every non-ASCII character, which makes V of µV.

    Parameters
    ----------
    header_path
        The ``.hea`` file.
    channels
        Positions of the signals in the header.

    Returns
    -------
    list of ndarray
        One array per channel, int64, all samples of each frame in time order.

    Raises
    ------
    RecordError
        If wfdb cannot read the record.
    """
    wfdb = _wfdb()
    try:
        record = wfdb.rdrecord(
            str(header_path.with_suffix("")), channels=list(channels), physical=False, smooth_frames=False
        )
    except Exception as error:  # wfdb raises whatever its parsers and numpy raise
        raise RecordError(
            f"the signals of {header_path} cannot be decoded ({type(error).__name__}: {error})",
            "what wfdb.rdrecord reads",
            "check the header against the signal files",
        ) from error
    return [np.asarray(samples) for samples in record.e_d_signal]


def _wfdb() -> ModuleType:
    if "wfdb" in sys.modules:  # catch_warnings is not thread-safe: enter it once only
        return sys.modules["wfdb"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # wfdb 4.3 uses what pandas 3 calls deprecated
        return importlib.import_module("wfdb")  # here: 0.4 s, and most records do not need it
