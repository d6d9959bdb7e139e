"""Sphinx: the Markdown of this folder and the docstrings, as one site. ``make docs`` runs it.

Warnings are errors there: a link that leads nowhere, or a page that nothing leads to, fails.
"""

from auth0_widget import __version__

project = "auth0-widget"
project_copyright = "the auth0-widget authors"
author = project_copyright
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"auth0-widget {version}"
# Single backquotes in docstrings are code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"
