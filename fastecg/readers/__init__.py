"""Reading WFDB records (``.hea`` with ``.dat`` or ``.mat``), one at a time or a whole folder."""

from fastecg.readers.read import read_record
from fastecg.readers.walk import RecordSource, walk_records

__all__ = ["RecordSource", "read_record", "walk_records"]
