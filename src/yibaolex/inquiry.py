"""The commands of researchers: ``ask``, ``show``, ``search`` and ``sparql``, each from its options to a text.

A reader must not break: these commands only read, and whatever cannot be answered is a Problem, never a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import Any

from pyoxigraph import NamedNode

from yibaolex.answers import FORMATS, Answer, plain_answer
from yibaolex.catalogue import LANGUAGES, catalogue, say
from yibaolex.derivation import ENGINES
from yibaolex.questions import FIRST, PROVISION, Column, Parameter, Question, question_called, questions
from yibaolex.research import FEW, Found, Problem, Table, research, short
from yibaolex.streams import STANDARD, opened

TABLE, *_, TURTLE = FORMATS
_WITHOUT_VALUE = ("-h", "--help")
_TABLE_ROWS = 1000  # more than there are norms; without a limit a table is not longer


def ask(options: argparse.Namespace, columns: int | None) -> str:
    """The answer to a question, or the list of questions."""
    if options.question is None:
        return _fitted(_listing(options.lang), columns)
    question = question_called(options.question)
    if options.values is not None:
        return _fitted(_values(_parameter_called(options.values, question), options.lang), columns)
    typed = {parameter.name: getattr(options, parameter.variable) for parameter in question.parameters}
    given = {name: _clean(value) for name, value in typed.items() if value is not None}
    terms = question.terms(given, research(), options.lang)
    found = research().run(question.filled(terms), on_reference=_is_reference(options))
    answer = Answer(_only(found, question.columns), _headings(question, options.lang), research(), options.lang, False)
    content = FORMATS[options.format or TABLE](answer, columns)
    if options.format not in (None, TABLE):
        return content
    return _fitted(_asked(question, given, terms, options.lang), columns) + content


def sparql(options: argparse.Namespace, columns: int | None) -> str:
    """The answer to any query; triples are told in Turtle unless another form is asked for.

    A limit, and without one the length of a table, cuts what is told, which is said on standard error.
    """
    if options.limit is not None and options.limit < 1:
        raise Problem("limit")
    most = min(options.limit, sys.maxsize - 1) if options.limit else None
    most = _TABLE_ROWS if most is None and options.format in (None, TABLE) else most
    one_more = None if most is None else most + 1
    found = research().run(_query(options.query), on_reference=_is_reference(options), most=one_more)
    form = options.format or (TURTLE if isinstance(found, tuple) else TABLE)
    if most is not None and (options.limit is not None or form == TABLE):
        found = _cut(found, most, options.lang)
    return FORMATS[form](plain_answer(found, research(), options.lang), columns)


def show(options: argparse.Namespace, columns: int | None) -> str:
    """A provision, norm or contact with all that belongs to it."""
    from yibaolex.provision import ProvisionView
    from yibaolex.render import shown

    node = research().provision(_clean(options.path), options.lang)
    view = ProvisionView(research(), options.lang)
    return _fitted(shown(list(view.of(node)), view.whole_of(node), options.lang), columns)


def search(options: argparse.Namespace, columns: int | None) -> str:
    """What holds all the words, the best first, and how much more there is."""
    from yibaolex import searching

    words = [word for word in map(_clean, options.words) if word.strip()]
    if not words:
        raise Problem("no-words")
    if options.limit < 1:
        raise Problem("limit")
    hits = searching.search(research(), words, options.lang)
    if not hits:
        return say(options.lang, "research", "nothing") + "\n"
    told = [_hit(hit, options.lang) for hit in hits[: options.limit]]
    if len(hits) > options.limit:
        told.append(say(options.lang, "research", "more", number=len(hits) - options.limit))
    return _fitted("\n".join(told) + "\n", columns)


def question_asked_for(arguments: list[str]) -> Question | None:
    """The question that is named first in ``arguments``, after options with their values."""
    coming = iter(arguments)
    for argument in coming:
        if not argument.startswith("-"):
            return questions().get(argument)
        if "=" not in argument and argument not in _WITHOUT_VALUE:
            next(coming, None)
    return None


def introduced(question: Question, language: str) -> str:
    """What a question asks, and for each parameter what may be written: few values all, of many the first."""
    lines = [say(language, "research", "asked", summary=question.summaries[language]), *_note(question, language)]
    for parameter in question.parameters:
        lines += [_parameter(parameter, language), _kind(parameter, language)]
    return "\n".join(lines) + "\n"


# --- values -----------------------------------------------------------------------------------------------------------


def _kind(parameter: Parameter, language: str) -> str:
    """What may be written for a parameter."""
    allowed = parameter.allowed(research())
    if not allowed:
        return say(language, "research", "kind-" + parameter.kind)
    kind = parameter.kind_class or parameter.relations[0]
    key = "kind-many" if len(allowed) > FEW else "kind-few"
    known = research().listed(allowed[:FIRST] if len(allowed) > FEW else allowed, language)
    told = {"kind": research().title(kind, language), "number": len(allowed), "parameter": parameter.name}
    return say(language, "research", key, known=known, **told)


def _parameter_called(name: str, question: Question) -> Parameter:
    """The parameter ``name`` of a question.

    Raises:
        Problem: it has none such.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    if name.removeprefix("--") not in known:
        raise Problem("no-parameter" if known else "no-parameters", name=name, known=", ".join(known))
    return known[name.removeprefix("--")]


def _values(parameter: Parameter, language: str) -> str:
    """All that may be written for a parameter, one in a line."""
    allowed = parameter.allowed(research())
    lines = [research().listed([node], language) for node in allowed]
    return "\n".join(lines or [say(language, "research", "kind-" + parameter.kind).strip()]) + "\n"


# --- parts ------------------------------------------------------------------------------------------------------------


def _is_reference(options: argparse.Namespace) -> bool:
    return options.engine != next(iter(ENGINES))


def _clean(text: str) -> str:
    """What the command line gave, without the halves of characters that a terminal may have left."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _fitted(text: str, columns: int | None) -> str:
    from yibaolex.screen import fitted

    return text if columns is None else fitted(text, columns)


def _cut(found: Found, most: int, language: str) -> Found:
    """The first ``most`` rows or triples; on standard error it is said that there are more."""
    if isinstance(found, bool) or len(found.rows if isinstance(found, Table) else found) <= most:
        return found
    print(say(language, "research", "rows-cut", number=most), file=sys.stderr)
    return Table(found.variables, found.rows[:most]) if isinstance(found, Table) else found[:most]


def _only(found: Any, columns: tuple[Column, ...]) -> Table:
    """The columns to be shown of a table."""
    places = [found.variables.index(column.variable) for column in columns]
    names = tuple(column.variable for column in columns)
    return Table(names, tuple(tuple(row[place] for place in places) for row in found.rows))


def _asked(question: Question, given: dict[str, str], terms: dict[str, Any], language: str) -> str:
    """What was asked, with what: it stands over the table."""
    lines = [say(language, "research", "asked", summary=question.summaries[language])]
    for parameter in question.parameters:
        value = given.get(parameter.name, parameter.default)
        term = terms.get(parameter.variable)
        told = research().title(term, language) if isinstance(term, NamedNode) else parameter.told(value, language)
        key = "with" if parameter.name in given else "with-default" if value else "with-any"
        lines.append(say(language, "research", key, label=parameter.labels[language], value=told))
    clauses = (research().title(clause, language) for clause in _clauses(question, given, terms))
    basis = say(language, "research", "basis-" + question.basis)
    together = say(language, "show", "between").join(clauses)
    lines.append(say(language, "research", "rests-on", clauses=together, basis=basis))
    lines += _note(question, language)
    return "\n".join(lines) + "\n\n"


def _clauses(question: Question, given: dict[str, str], terms: dict[str, Any]) -> list[NamedNode]:
    """The provisions on which an answer rests.

    Where those of the header lie in the default of a parameter, or it in them, they are those of that example: a
    provision given in its place stands for them.
    """
    found = [research().provision(clause, LANGUAGES[0]) for clause in question.clauses]
    for parameter in question.parameters:
        if parameter.kind == PROVISION and parameter.name in given:
            example = research().provision(parameter.default, LANGUAGES[0])
            if any(research().holds(example, clause) or research().holds(clause, example) for clause in found):
                return [terms[parameter.variable]]
    return found


def _note(question: Question, language: str, key: str = "note") -> list[str]:
    """What a reader may take wrongly, if the question says so."""
    return [say(language, "research", key, note=question.notes[language])] if question.notes else []


def _headings(question: Question, language: str) -> tuple[str, ...]:
    return tuple(column.headings[language] for column in question.columns)


def _query(given: str) -> str:
    """A query as it is given, or from standard input, or from a file."""
    if given != STANDARD and not given.endswith(".rq"):
        return _clean(given)
    try:
        with opened(given) as file:
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("not-utf8", name=given, offset=error.start) from error


def _listing(language: str) -> str:
    """The questions, grouped by their first tag."""
    groups: dict[str, list[Question]] = {}
    for question in questions().values():
        groups.setdefault(question.tags[0], []).append(question)
    parts = [_group(tag, groups[tag], language) for tag in sorted(groups)]
    return "\n".join(parts) or say(language, "research", "nothing") + "\n"


def _group(tag: str, members: Iterable[Question], language: str) -> str:
    name = catalogue(language)["tags"].get(tag, tag)
    lines = [say(language, "research", "group", name=name)]
    for question in members:
        lines.append(say(language, "research", "question", name=question.name, summary=question.summaries[language]))
        lines += [_parameter(parameter, language) for parameter in question.parameters]
        lines += _note(question, language, "note-listed")
    return "\n".join(lines) + "\n"


def _parameter(parameter: Parameter, language: str) -> str:
    value = parameter.told(parameter.default, language)
    default = say(language, "research", "default" if parameter.default else "any", value=value)
    label = parameter.labels[language]
    return say(language, "research", "parameter", name=parameter.name, label=label, default=default)


def _hit(hit: Any, language: str) -> str:
    start, end = ("" if not cut else say(language, "research", "cut") for cut in hit.cut)
    title = research().title(hit.node, language)
    return say(language, "research", "hit", label=title, path=short(hit.node), line=f"{start}{hit.line}{end}")
