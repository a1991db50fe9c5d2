"""fastecg: paper-ECG pages with exact ground truth, from 12-lead time series."""

from fastecg.readers import RecordSource, read_record, walk_records
from fastecg.record import Record

__version__ = "0.1.0"

__all__ = ["Record", "RecordSource", "__version__", "read_record", "walk_records"]
