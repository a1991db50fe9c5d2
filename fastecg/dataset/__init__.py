"""Datasets: records in, files of pages and truth out."""
