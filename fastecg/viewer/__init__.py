"""The viewer: a dataset's pages with their truth drawn over them, in a browser on the same machine.

A page's image and truth are megabytes, so a dataset does not fit one HTML file, and a browser does not let
a file read its neighbours: a small server on the loopback hands out one page at a time. ``shelf`` knows what
lies where in a dataset, ``sight`` turns a truth into what is drawn, ``server`` answers the browser.
"""

from __future__ import annotations

from fastecg.viewer.server import Viewer
from fastecg.viewer.shelves import open_shelf

__all__ = ["Viewer", "open_shelf"]
