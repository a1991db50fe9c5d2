"""Numba implementations, one thread each; the same names and results as in ``reference``."""
