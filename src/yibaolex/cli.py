"""The command line: what is asked of a case (``assess``, ``validate``) and of the law (``ask``, ``show``, ...).

Exit status: 0 done, 1 findings (a case that could not be assessed; anything found by ``validate``), 2 wrong use. A
reader must not break: outcomes go to standard output, faults to standard error, and never a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pyoxigraph import NamedNode

from yibaolex import __version__, api
from yibaolex.catalogue import LANGUAGES, reason, say
from yibaolex.derivation import ENGINES
from yibaolex.faults import TwoValuesError
from yibaolex.jsontext import LARGEST, UnreadableError
from yibaolex.knowledge import default_knowledge, knowledge_under
from yibaolex.messages import Teller
from yibaolex.screen import one_line, shown
from yibaolex.streams import STANDARD, closed, opened
from yibaolex.terms import core

DONE, FINDINGS, WRONG_USE = 0, 1, 2
_STDIN = 0
_STOPPED = 128 + signal.SIGINT
_AKN = "akn"
_ALIKE = 0.75  # how like one another two options are that may be meant for each other
_GIVEN = ("name", "shown")  # what a problem repeats of the command line


class _Failure(Exception):
    """Ends the command with a sentence and an exit status."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


_PROBLEMS = {
    "choice": r"argument (?P<option>\S+): invalid choice: '(?P<shown>.*)' \(choose from (?P<known>.*)\)",
    "missing": r"the following arguments are required: (?P<option>.*)",
    "unknown-option": r"unrecognized arguments: (?P<option>.*)",
    "not-number": r"argument (?P<option>\S+): invalid int value: '(?P<shown>.*)'",
    "expected": r"argument (?P<option>\S+): expected one argument",
}


_HEADINGS = {"positional arguments": "arguments", "options": "options"}


class _Formatter(argparse.HelpFormatter):
    """Tells each help text, which is the key of a sentence, when it is shown: most commands never show one.

    Until then the width of the terminal is not asked for either, which would load a module.
    """

    columns: int | None = 80

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=self.columns)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        told = say(_Parser.language, "command", "usage-prefix") if prefix is None else prefix
        super().add_usage(usage, actions, groups, told)

    def start_section(self, heading: str | None) -> None:
        super().start_section(say(_Parser.language, "command", _HEADINGS[heading]) if heading else heading)

    def _get_help_string(self, action: argparse.Action) -> str:
        return say(_Parser.language, "command", action.help or "")


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks through the catalogues."""

    language = LANGUAGES[0]

    def __init__(self, **settings: Any) -> None:
        self.long_options: list[str] = []
        self.more: Callable[[str], str] | None = None  # what follows the options in the help, in a language
        super().__init__(add_help=False, formatter_class=_Formatter, **settings)
        self.add_argument("-h", "--help", action="help", help="help")

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        self.long_options += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **settings)

    def format_help(self) -> str:
        _Formatter.columns = None
        key = self.description
        self.description = key and say(self.language, "command", key)
        told = super().format_help()
        self.description = key
        return told if self.more is None else told + "\n" + self.more(self.language)

    def error(self, message: str) -> NoReturn:
        found = {key: re.fullmatch(pattern, message) for key, pattern in _PROBLEMS.items()}
        problem = next((self._problem(k, m.groupdict()) for k, m in found.items() if m), message)
        raise _Failure(say(self.language, "command", "usage", problem=problem), WRONG_USE)

    def _problem(self, key: str, named: dict[str, str]) -> str:
        """What is wrong, with the choices most like one that there is not."""
        told = say(self.language, "command", key, **named)
        near = _near(named["shown"], re.findall(r"'([^']*)'", named["known"])) if "known" in named else []
        return told + (say(self.language, "command", "near", known=", ".join(near)) if near else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _Parser.language = _language(given)
    if sys.stderr is None:  # closed by who called; what is meant for it must not go to standard output
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        parser = _parser(given)
        options, unknown = parser.parse_known_args(given)
        if unknown:
            _refuse(unknown, options, parser)
        if getattr(options, "file", "") is None:
            _take_file(options, parser)
        return options.run(options)
    except TwoValuesError as error:
        print(say(_Parser.language, "command", "two-values", detail=error), file=sys.stderr)
        return FINDINGS
    except _Failure as failure:
        print(failure.sentence, file=sys.stderr)
        return failure.status
    except MemoryError:
        print(say(_Parser.language, "command", "no-memory"), file=sys.stderr)
        return FINDINGS


def run() -> NoReturn:
    """Entry point of the installed command; quiet when it is interrupted or the reader of its output goes away."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own would wait until an engine at work has ended
    try:
        status = main()
        if sys.stdout is not None:  # closed by who called
            sys.stdout.flush()
    except OSError as error:
        quiet = isinstance(error, BrokenPipeError)
        if not quiet:
            print(_cannot("cannot-write", sys.stdout.name, error, _Parser.language), file=sys.stderr)
        status = FINDINGS if quiet else WRONG_USE
    except KeyboardInterrupt:  # raised only where something is said of it first
        status = _STOPPED
    with contextlib.suppress(OSError):  # closed
        sys.stderr.flush()
    os._exit(status)  # taking the stores apart would take a tenth of a short command


def _take_file(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Take what stands after a bare ``--why`` for the file that is missing."""
    if not getattr(options, "why", None):
        parser.error("the following arguments are required: FILE")
    options.file, options.why = options.why, ""


def _refuse(unknown: list[str], options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Say what is not known: a question before its parameters, which are only known with it."""
    if getattr(options, "question", None) is not None:
        from yibaolex import inquiry

        _answered(lambda: inquiry.question_called(options.question), options.lang)
    given, near = " ".join(unknown), _near_options(unknown[0], options.known)
    if not unknown[0].startswith("-"):
        problem = say(_Parser.language, "command", "too-many", option=one_line(given))
    elif not near:
        parser.error(f"unrecognized arguments: {given}")
    else:
        problem = say(_Parser.language, "command", "unknown-option-near", option=given, known=", ".join(near))
    raise _Failure(say(_Parser.language, "command", "usage", problem=problem), WRONG_USE)


def _near_options(unknown: str, known: list[str]) -> list[str]:
    """The options most like one that is not known."""
    names = [name.removeprefix("--") for name in known]
    given = unknown.partition("=")[0].removeprefix("--")
    return [f"--{name}" for name in _near(given, names)] if unknown.startswith("--") else []


def _near(given: str, names: list[str]) -> list[str]:
    """The ``names`` for which ``given`` may be meant."""
    from yibaolex.research import closest

    return closest(given, names, _ALIKE)


def _cannot(key: str, path: str, error: OSError, language: str) -> str:
    """The sentence that ``path`` cannot be read or written, and why."""
    return say(language, "command", key, path=one_line(path), reason=reason(error, language))


def _language(arguments: list[str]) -> str:
    """The language asked for, found before anything else is read."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in LANGUAGES:
            return value
    return LANGUAGES[0]


def _parser(given: list[str]) -> argparse.ArgumentParser:
    """The parser of the command line; the options of a command that is not among ``given`` are left out."""
    parser = _Parser(prog="yibaolex", description="description")
    parser.add_argument("--version", action="version", version=f"yibaolex {__version__}", help="version")
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="lang")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for name, (run, take) in _COMMANDS.items():
        command = commands.add_parser(name, help=name, allow_abbrev=False)
        command.set_defaults(run=run, command=name, known=command.long_options)
        if name in given:
            take(command, given)
    return parser


def _assess_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    _common(parser)
    parser.add_argument("--format", choices=list(_FORMATS), default="text", help="format")
    parser.add_argument("--presume", metavar="PROFILE", help="presume")
    _reading(parser)
    parser.add_argument("--why", metavar="RESULT", nargs="?", const="", help="why")


def _validate_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    _common(parser)


def _readings_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    _speaking(parser)


def _ask_options(parser: _Parser, given: list[str]) -> None:
    """A question brings its own options, and tells in the help what they take."""
    from yibaolex import inquiry

    parser.add_argument("question", metavar="NAME", nargs="?", help="question")
    parser.add_argument("--values", metavar="PARAMETER", help="values")
    _answering(parser)
    question = inquiry.question_asked_for(given[given.index("ask") + 1 :])
    if question is not None:
        for parameter in question.parameters:
            parser.add_argument(f"--{parameter.name}", dest=parameter.variable, metavar="VALUE", help="parameter")
        parser.more = lambda language: inquiry.introduced(question, language)
    _writing(parser)


def _show_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("path", metavar="PATH", help="path")
    _writing(parser)


def _search_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("words", metavar="WORD", nargs="+", help="word")
    parser.add_argument("--limit", metavar="N", type=int, default=20, help="limit")
    _writing(parser)


def _sparql_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("query", metavar="QUERY", help="query")
    parser.add_argument("--limit", metavar="N", type=int, help="rows")
    _answering(parser)
    _writing(parser)


def _check_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("--clauses", action="store_true", help="clauses")
    _writing(parser)


def _export_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    formats = ["turtle", "jsonld", "nquads", _AKN]
    parser.add_argument("path", metavar="PATH", nargs="?", help="instrument")
    parser.add_argument("--format", choices=formats, default=formats[0], help="dump-format")
    _writing(parser)


def _report_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="report-input")
    parser.add_argument("--format", metavar="FORMATS", help="report-format")
    _reading(parser)
    _engine(parser)
    _speaking(parser)
    parser.add_argument("-o", "--output", metavar="FOLDER", help="report-output")


def _verify_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("receipt", metavar="RECEIPT", help="receipt")
    parser.add_argument("file", metavar="INPUT", help="verify-input")
    _speaking(parser)


def _template_options(parser: argparse.ArgumentParser, _: list[str]) -> None:
    parser.add_argument("path", metavar="OUT", help="template-output")
    parser.add_argument("--for", dest="institution", metavar="TYPE", help="template-for")
    _speaking(parser)


def _answering(parser: argparse.ArgumentParser) -> None:
    """What the commands that answer with rows have in common."""
    parser.add_argument("--format", choices=["table", "csv", "json", "turtle"], help="answer-format")
    _engine(parser)


def _engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=list(ENGINES), default=next(iter(ENGINES)), help="engine")


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reading", metavar="NAME=ALT", action="append", default=[], help="reading")


def _speaking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help="lang")


def _writing(parser: argparse.ArgumentParser) -> None:
    """What the commands that write a text have in common."""
    _speaking(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="output")


def _common(parser: argparse.ArgumentParser) -> None:
    """What the commands that read a file have in common."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="file")
    _engine(parser)
    _writing(parser)


def _assess(options: argparse.Namespace) -> int:
    if options.why is not None and options.format != next(iter(_FORMATS)):
        raise _Failure(say(options.lang, "command", "why-only-text"), WRONG_USE)
    found, content = _FORMATS[options.format](options, _chosen(options))
    teller = Teller(default_knowledge(), options.lang)
    for fault in (fault for assessment in found for fault in assessment.faults):
        print(teller.tell(fault), file=sys.stderr)
    _write(content, options)
    return FINDINGS if any(assessment.outcome is None for assessment in found) else DONE


def _as_json(options: argparse.Namespace, readings: dict[str, str]) -> tuple[list[api.Assessment], str]:
    report = _read(options, api.assess, presume=_profile(options), readings=readings)
    teller = Teller(default_knowledge(), options.lang)
    items = [_json(assessment, teller) for assessment in report.assessments]
    content = json.dumps(items[0] if report.single else items, ensure_ascii=False, indent=1) + "\n"
    return list(report.assessments), content


def _as_text(options: argparse.Namespace, readings: dict[str, str]) -> tuple[list[api.Assessment], str]:
    from yibaolex.render import text
    from yibaolex.screen import fitted
    from yibaolex.view import Wanted

    wanted = Wanted(options.why == "", _about(options), options.presume is not None)
    told = {"presume": _profile(options), "readings": readings, "effects": options.why is not None}
    explanations = _read(options, api.explain, **told)
    content = text(explanations, knowledge_under(*sorted(readings.items())), options.lang, wanted)
    columns = _columns(options)
    content = content if columns is None else fitted(content, columns)
    return [explanation.result.settled for explanation in explanations], content


def _columns(options: argparse.Namespace) -> int | None:
    """The columns to write for: those of the environment or of the terminal that is written to, if there are any."""
    if options.output is not None or sys.stdout is None:
        return None
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _as_rdf(options: argparse.Namespace, readings: dict[str, str]) -> tuple[list[api.Assessment], str]:
    told = {"presume": _profile(options), "readings": readings, "syntax": options.format}
    found = _read(options, api.findings, **told)
    return list(found.report.assessments), found.content


_FORMATS = {"text": _as_text, "json": _as_json, "turtle": _as_rdf, "jsonld": _as_rdf}


def _about(options: argparse.Namespace) -> frozenset[NamedNode]:
    """The terms whose reasons are asked for; a name that means nothing is wrong use."""
    if not options.why:
        return frozenset()
    about = default_knowledge().called(options.why)
    if not about:
        import difflib

        names = default_knowledge().names_in(options.lang)
        known = [names[name] for name in difflib.get_close_matches(options.why.lower(), names, 3, 0.3)]
        told = {"name": shown(options.why), "known": ", ".join(known)}
        sentence = say(options.lang, "command", "unknown-reason" if known else "unknown-reason-far", **told)
        raise _Failure(sentence, WRONG_USE)
    return about


def _validate(options: argparse.Namespace) -> int:
    report = _read(options, api.assess)
    faults = report.faults
    teller = Teller(default_knowledge(), options.lang)
    lines = [teller.tell(fault) for fault in faults]
    refused = sum(fault.severity is api.Severity.REFUSED for fault in faults)
    count = len(report.assessments)
    summary = say(options.lang, "report", "found" if faults else "sound", count=len(faults) or count, refused=refused)
    _write("\n".join([*lines, summary]) + "\n", options)
    return FINDINGS if faults else DONE


def _inquire(options: argparse.Namespace) -> int:
    from yibaolex import inquiry

    answer = getattr(inquiry, options.command)
    content = _answered(lambda: answer(options, _columns(options)), options.lang)
    _write(content, options)
    return DONE


def _answered(verb: Callable[[], Any], language: str) -> Any:
    """What ``verb`` finds for a researcher; what it cannot find is wrong use."""
    from yibaolex.research import Problem

    try:
        return verb()
    except Problem as problem:
        values = {key: shown(value) if key in _GIVEN else value for key, value in problem.values.items()}
        raise _Failure(say(language, "research", problem.key, **values), WRONG_USE) from problem
    except OSError as error:
        raise _Failure(_cannot("cannot-open", str(error.filename), error, language), WRONG_USE) from error


def _check(options: argparse.Namespace) -> int:
    from yibaolex.checking import check, check_clauses

    content, sound = (check_clauses if options.clauses else check)(options.lang, _columns(options))
    _write(content, options)
    return DONE if sound else FINDINGS


def _export(options: argparse.Namespace) -> int:
    """The whole knowledge base, its glossary, or one instrument of it as a legal document."""
    from yibaolex import glossary

    if options.path == glossary.NAME and options.format != _AKN:
        _write(glossary.dump(options.format), options)
        return DONE
    if (options.format == _AKN) != (options.path is not None):
        raise _Failure(say(options.lang, "command", "akn-and-path", format=_AKN), WRONG_USE)
    if options.path is None:
        from yibaolex.export import dump

        _write(dump(options.format), options)
        return DONE
    from yibaolex.akoma import akoma_ntoso
    from yibaolex.research import research

    known = research()
    _write(_answered(lambda: akoma_ntoso(known, known.provision(options.path, options.lang)), options.lang), options)
    return DONE


def _report(options: argparse.Namespace) -> int:
    from yibaolex.selfreport import commands

    return DONE if _done(lambda: commands.report(options, _chosen(options)), options.output, options.lang) else FINDINGS


def _verify(options: argparse.Namespace) -> int:
    from yibaolex.selfreport import commands

    def check(readings: Mapping[str, str]) -> None:
        options.reading = [f"{name}={alternative}" for name, alternative in readings.items()]
        _chosen(options)

    return DONE if _done(lambda: commands.verify(options, check), options.file, options.lang) else FINDINGS


def _template(options: argparse.Namespace) -> int:
    from yibaolex.selfreport import commands

    _done(lambda: commands.template(options), options.path, options.lang)
    return DONE


def _done(verb: Callable[[], Any], path: str, language: str) -> Any:
    """What a command on self-reports returns; what it refuses, or cannot open or write, ends in a sentence.

    That names ``path`` where the system does not say which file it is about, as of a full disk.
    """
    from yibaolex.selfreport.commands import Refusal

    try:
        return verb()
    except Refusal as refusal:
        values = {name: one_line(str(value)) for name, value in refusal.values.items()}
        raise _Failure(say(language, "selfreport", refusal.key, **values), WRONG_USE) from refusal
    except UnreadableError as error:
        raise _Failure(Teller(default_knowledge(), language).tell(error.fault), FINDINGS) from error
    except OSError as error:
        raise _Failure(_cannot("cannot-use", str(error.filename or path), error, language), WRONG_USE) from error


def _readings(options: argparse.Namespace) -> int:
    from yibaolex.render import readings

    _write(readings(default_knowledge(), options.lang), options)
    return DONE


def _chosen(options: argparse.Namespace) -> dict[str, str]:
    """The readings asked for; a name or alternative that does not exist is wrong use."""
    known = api.readings(default_knowledge())
    chosen = {}
    for text in options.reading:
        name, _, alternative = text.partition("=")
        if alternative not in known.get(name, ()):
            offered = "; ".join(f"{reading}={'|'.join(names)}" for reading, names in known.items())
            raise _Failure(say(options.lang, "command", "unknown-reading", name=text, known=offered), WRONG_USE)
        if name in chosen:
            raise _Failure(say(options.lang, "command", "reading-twice", name=name), WRONG_USE)
        chosen[name] = alternative
    return chosen


def _profile(options: argparse.Namespace) -> str | None:
    """The profile asked for; one that does not exist is wrong use."""
    known = api.profiles(default_knowledge())
    if options.presume is not None and options.presume not in known:
        names = ", ".join(known)
        raise _Failure(say(options.lang, "command", "unknown-profile", name=options.presume, known=names), WRONG_USE)
    return options.presume


def _read(options: argparse.Namespace, verb: Callable[..., Any], **settings: Any) -> Any:
    """What ``verb`` makes of the file; what cannot be read as a whole ends the command."""
    try:
        with opened(options.file) as file:
            data = file.read(LARGEST + 1)  # the reader refuses more; a device would never end
        return verb(data, engine=options.engine, **settings)
    except OSError as error:
        raise _Failure(_cannot("cannot-open", options.file, error, options.lang), WRONG_USE) from error
    except UnreadableError as error:
        raise _Failure(Teller(default_knowledge(), options.lang).tell(error.fault), FINDINGS) from error


def _json(assessment: api.Assessment, teller: Teller) -> dict:
    """The outcome of a case; for a refused one its number and what is wrong, so that nothing is lost."""
    if assessment.outcome is not None:
        return assessment.outcome
    key = default_knowledge().notation(core("caseNumber"))
    errors = [{"place": fault.place, "message": teller.tell(fault)} for fault in assessment.faults]
    return {key: assessment.number, "errors": errors}


def _write(content: str, options: argparse.Namespace) -> None:
    if getattr(options, "output", None) is None:
        if sys.stdout is None:
            raise _Failure(_cannot("cannot-write", STANDARD, closed(), options.lang), WRONG_USE)
        sys.stdout.write(content)
        return
    try:
        if _is_read(Path(options.output), options):
            path = one_line(options.output)
            raise _Failure(say(options.lang, "command", "would-overwrite", path=path), WRONG_USE)
        Path(options.output).write_text(content, encoding="utf-8")
    except OSError as error:
        raise _Failure(_cannot("cannot-write", options.output, error, options.lang), WRONG_USE) from error


def _is_read(target: Path, options: argparse.Namespace) -> bool:
    """Whether ``target`` is a file from which the command reads, by name or as standard input."""
    if not target.exists():
        return False
    given = [vars(options).get(name) for name in ("file", "query")]
    if STANDARD in given and sys.stdin is not None and os.path.samestat(os.fstat(_STDIN), target.stat()):
        return True
    return any(path.is_file() and path.samefile(target) for path in map(Path, filter(None, given)))


_COMMANDS = {
    "assess": (_assess, _assess_options),
    "validate": (_validate, _validate_options),
    "readings": (_readings, _readings_options),
    "ask": (_inquire, _ask_options),
    "show": (_inquire, _show_options),
    "search": (_inquire, _search_options),
    "sparql": (_inquire, _sparql_options),
    "check": (_check, _check_options),
    "export": (_export, _export_options),
    "report": (_report, _report_options),
    "verify": (_verify, _verify_options),
    "template": (_template, _template_options),
}
