"""Sphinx configuration; nothing is fetched from the network."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from pydantic import BaseModel
from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

project = "fastecg"
author = "The fastecg developers"
project_copyright = f"2026, {author}"
release = version = installed_version("fastecg")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "_generated"]

html_theme = "furo"
html_title = f"fastecg {release}"
html_static_path = ["_static"]
html_css_files = ["fastecg.css"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_mock_imports = ["torch"]  # an extra, and large
autodoc_typehints = "description"  # signatures stay short
autodoc_type_aliases = {"ArrayLike": "ArrayLike", "RecipeLike": "RecipeLike", "RecordsLike": "RecordsLike"}
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False


def _plain_signature(*event: object) -> tuple[str, None] | None:
    """Leave the signatures of models out: their keys, ranges and defaults have tables of their own."""
    documented = event[3]
    is_model = isinstance(documented, type) and issubclass(documented, BaseModel)
    return ("", None) if is_model else None


def setup(app: Sphinx) -> None:
    """Write the tables of keys, options and presets before each build."""
    from make_reference import write_all

    app.connect("autodoc-process-signature", _plain_signature)
    app.connect("builder-inited", lambda _: write_all(DOCS / "_generated"))
