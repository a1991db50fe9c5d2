"""fastecg: paper-ECG pages with exact ground truth, from 12-lead time series."""

from fastecg.packed.pack import pack_records
from fastecg.packed.store import RecordStore
from fastecg.page import Page
from fastecg.pipeline import Generator, render
from fastecg.readers import RecordSource, read_record, walk_records
from fastecg.record import Record
from fastecg.spec import PageSpec
from fastecg.streaming import pages
from fastecg.synthesis import builtin_record, builtin_records, simulate

__version__ = "0.1.0"

__all__ = [
    "Generator",
    "Page",
    "PageSpec",
    "Record",
    "RecordSource",
    "RecordStore",
    "__version__",
    "builtin_record",
    "builtin_records",
    "pack_records",
    "pages",
    "read_record",
    "render",
    "simulate",
    "walk_records",
]
