"""fastecg: paper-ECG pages with exact ground truth, from 12-lead time series."""

from fastecg.record import Record

__version__ = "0.1.0"

__all__ = ["Record", "__version__"]
