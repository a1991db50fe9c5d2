"""Packed records: many records in one memory-mapped file, read many times faster than their own files."""
