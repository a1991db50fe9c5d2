"""view: a dataset's pages with their truth, in the browser."""

from __future__ import annotations

import signal
import webbrowser
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from fastecg.viewer import Viewer, open_shelf


def view_until_interrupted(path: Path, port: int, *, browser: bool) -> None:
    """Serve the pages of a dataset until Ctrl-C, and open the browser unless that is not wanted.

    Raises
    ------
    OutputError
        If there are no pages with truth, or the port is taken.
    MissingExtraError
        If the dataset needs a package that is not installed.
    """
    shelf, first = open_shelf(path)
    viewer = Viewer(shelf, first, port)
    console = Console(soft_wrap=True)
    count = len(shelf.names)
    console.print(f"{count:,} page{'s' * (count != 1)} of {escape(shelf.title)}", highlight=False)
    console.print(f"{viewer.address}  (Ctrl-C ends)", highlight=False)
    if browser:
        webbrowser.open(viewer.address)
    # a shell that starts it in the background has it ignore Ctrl-C's signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        viewer.serve()
    except KeyboardInterrupt:  # the way to end it
        pass
    finally:
        signal.signal(signal.SIGINT, before)
        viewer.close()
