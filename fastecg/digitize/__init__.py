"""Digitizer: from the picture of a page back to the record."""
