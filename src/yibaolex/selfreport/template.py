"""Empty forms to be filled in: a workbook, a CSV file or a JSON file.

What this module is for: ``yibaolex template``. What a reader must not break: the sample row is marked as one,
and no cell holds a formula.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from yibaolex.selfreport.draft import Draft
from yibaolex.selfreport.forms import Sheet, forms

SUFFIXES = (".xlsx", ".csv", ".json")


def write_template(path: Path, institution_type: str | None, language: str) -> None:
    """Write an empty form to ``path``: a workbook, or by its suffix CSV or JSON.

    Raises:
        KeyError: there is no such type of institution.
        OSError: the file cannot be written.
    """
    known = forms()
    if institution_type is not None and institution_type not in known.types:
        raise KeyError(institution_type)
    draft = Draft(known, language, institution_type)
    if path.suffix.lower() == ".csv":
        _write_csv(draft, path)
    elif path.suffix.lower() == ".json":
        _write_json(draft, path)
    else:
        from yibaolex.selfreport.workbook_template import write_workbook

        write_workbook(draft, path)


def _sheet(draft: Draft, vertical: bool) -> Sheet:
    """The first sheet of the form that is laid out so."""
    return next(sheet for sheet in draft.form.sheets if sheet.columns and sheet.vertical is vertical)


def _write_csv(draft: Draft, path: Path) -> None:
    """The institution and a problem side by side in each row, with a sample row."""
    columns = (*_sheet(draft, True).columns, *_sheet(draft, False).columns)
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark makes Excel read it as UTF-8
        csv.writer(file).writerows([map(draft.header, columns), map(draft.example, columns)])


def _write_json(draft: Draft, path: Path) -> None:
    """The institution, a sample problem marked as one, an empty problem, and the duties, under their notations."""
    institution, problems = _sheet(draft, True), _sheet(draft, False)
    duties = next(sheet for sheet in draft.form.sheets if sheet.printed)
    content = {
        institution.notation: {column.notation: draft.given(column) for column in institution.columns},
        problems.notation: [
            {column.notation: draft.example(column) for column in problems.columns},
            {column.notation: "" for column in problems.columns},
        ],
        duties.notation: {duty.notation: "" for duty in draft.duties},
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
