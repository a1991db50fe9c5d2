"""A pen that writes: Graves (2013), section 5, from stroke data to weights."""
