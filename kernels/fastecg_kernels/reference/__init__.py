"""NumPy implementations, written to be obviously right: what the fast kernels are tested against."""
