"""Sphinx configuration; nothing is fetched from the network."""

from __future__ import annotations

from importlib.metadata import version as installed_version

project = "fastecg"
author = "The fastecg developers"
project_copyright = f"2026, {author}"
release = version = installed_version("fastecg")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"fastecg {release}"

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
