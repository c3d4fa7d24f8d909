"""The report as one HTML file.

What this module is for: a page that opens from a mail attachment, without a script or anything fetched, and prints on
A4. What a reader must not break: everything that comes from the view is escaped; each figure leads to its rows, each
row to its clauses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yibaolex.selfreport.page import FEW, LISTED, Page, View, money

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def render_html(view: View) -> str:
    """The report of ``view`` (see docs) as one HTML file."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters["money"] = money
    environment.filters["list_id"] = lambda number: "rows" if number is None else f"rows-{number}"
    page = Page(view)
    named: dict[str, Any] = {"page": page, "view": page.view, "words": page.words, "listed": LISTED, "few": FEW}
    return environment.get_template("report.html").render(named)
