"""``dostastyq draft check|clauses|patterns|example``: what a delegation needs to write a draft."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.council_options import Who, check_asker, print_facts, write_file
from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, make_table, print_json, say_truth, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Composition
    from dostastyq.council.composer import Pattern
    from dostastyq.i18n import Translator

CHECKS = {
    "reasons": message("it says why states should agree to it"),
    "languages": message("the text is whole in its languages"),
    "final_clauses": message("its final clauses can be computed"),
    "depositary": message("a depositary is named"),
}


def complete_agreement(incomplete: str) -> list[str]:
    """Kinds of agreement that begin with what was typed."""
    from dostastyq.council.composer import library  # noqa: PLC0415 -- only when the shell asks

    return [code for code in library("cis").agreements if code.startswith(incomplete)]


def complete_pattern(incomplete: str) -> list[str]:
    """List final clauses that begin with what was typed."""
    from dostastyq.council.composer import library  # noqa: PLC0415 -- only when the shell asks

    return [code for code in library("cis").patterns if code.startswith(incomplete)]


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The draft, YAML.")],
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say what FILE lacks before it can be circulated and signed; the exit code is 1 where it lacks anything."""
    from dostastyq.council import compose  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    made = compose(file)
    lacks = lacking(made)
    if json:
        print_json({"slug": made.slug, "ready": not any(lacks.values()), "lacks": lacks})
    else:
        _show_check(made, lacks, translator(lang.value))
    if any(lacks.values()):
        raise typer.Exit(1)


def lacking(made: "Composition") -> dict[str, list[str]]:
    """Name what a composition lacks, by what asks for it; empty lists where it lacks nothing."""
    gaps = [f"{language}: {number}" for language, numbers in made.missing().items() for number in numbers]
    return {
        "reasons": [] if made.reasons else ["reasons"],
        "languages": gaps,
        "final_clauses": list(made.unreadable()),
        "depositary": [] if made.depositary else ["depositary"],
    }


def clauses(
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Kind of agreement, e.g. customs_union.", autocompletion=complete_agreement),
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the subject clauses of the library."""
    from dostastyq.council.composer import library  # noqa: PLC0415
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    known = library("cis")
    if kind is not None and kind not in known.agreements:
        raise DostastyqError("CL004", f"there is no kind of agreement {kind!r}", nearest(kind, known.agreements))
    found = known.clauses.values() if kind is None else known.clauses_for(kind)
    if json:
        print_json(
            [_plain(item) | {"kinds": list(item.kinds), "presupposes": list(item.presupposes)} for item in found]
        )
        return
    tr = translator(lang.value)
    headers = [tr.gettext(name) for name in (message("clause"), message("title"), message("presupposes"))]
    rows = [[item.code, item.title[lang.value], ", ".join(item.presupposes)] for item in found]
    terminal().print(make_table(headers, rows))


def patterns(
    code: Annotated[
        str | None,
        typer.Argument(metavar="PATTERN", help="Code (default: all of them).", autocompletion=complete_pattern),
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the forms of final clauses, or show one: its blanks, its text, and what it says to the register."""
    from dostastyq.council.composer import library  # noqa: PLC0415
    from dostastyq.errors import DostastyqError, nearest  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    check_asker(who)
    known, tr = library("cis").patterns, translator(lang.value)
    if code is None:
        if json:
            print_json([_plain_pattern(item) for item in known.values()])
            return
        headers = [tr.gettext(name) for name in (message("no."), message("form"), message("title"), message("drafted"))]
        rows = [
            [str(item.number or ""), item.code, item.title[lang.value], say_truth(tr, item.drafting)]
            for item in known.values()
        ]
        terminal().print(make_table(headers, rows, keep=2))
        return
    if code not in known:
        raise DostastyqError("CL004", f"there is no form {code!r}", nearest(code, known))
    if json:
        print_json(_plain_pattern(known[code]))
    else:
        _show_pattern(known[code], tr)


def example(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write.")] = None,
    who: Who = None,
    json: Json = False,
) -> None:
    """Print a worked draft to begin with: a customs union of four states in three languages."""
    from dostastyq.council.composer import EXAMPLE, compose  # noqa: PLC0415

    check_asker(who)
    written = EXAMPLE.read_text("utf-8")
    if json:
        print_json(compose(EXAMPLE).to_dict())
    elif out is not None:
        write_file(out, written.encode())
    else:
        typer.echo(written, nl=False)


def _show_check(made: "Composition", lacks: dict[str, list[str]], tr: "Translator") -> None:
    console = terminal()
    console.print(f"{tr.fill('{title}', {'title': made.title})} ({made.slug})", style="bold")
    for name, found in lacks.items():
        told = f": {', '.join(found)}" if found else ""
        console.print(f"{'✗' if found else '✓'} {tr.gettext(CHECKS[name])}{told}")


def _plain(item: Any) -> dict[str, Any]:  # noqa: ANN401 -- a clause or a form
    from dostastyq.council.plain import plain  # noqa: PLC0415

    blanks = {name: {"kind": blank.kind, "default": blank.default} for name, blank in item.parameters.items()}
    return {"code": item.code, "title": plain(item.title), "text": plain(item.text), "parameters": plain(blanks)}


def _plain_pattern(item: "Pattern") -> dict[str, Any]:
    from dostastyq.council.plain import plain  # noqa: PLC0415

    more = {"number": item.number, "form": plain(item.form), "drafting": item.drafting, "reason": item.reason or None}
    return _plain(item) | more


class Blank:
    """A blank of a form, in whatever case it stands."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, _: str) -> "Blank":
        return self

    def __str__(self) -> str:
        return f"‹{self.name}›"

    def __format__(self, _: str) -> str:
        return str(self)


def _show_pattern(item: "Pattern", tr: "Translator") -> None:
    from json import dumps  # noqa: PLC0415

    from dostastyq.council.composer.wording import this  # noqa: PLC0415
    from dostastyq.council.plain import plain  # noqa: PLC0415

    console = terminal()
    console.print(f"{item.title[tr.language]} ({item.code})", style="bold")
    blanks = {name: Blank(name) for name in item.parameters}
    for text in item.text:
        console.print(text[tr.language].format(this=this("agreement", tr.language), **blanks))
    print_facts({name: blank.label[tr.language] for name, blank in item.parameters.items()})
    console.print(dumps(plain(item.form), ensure_ascii=False))
    if item.reason:
        console.print(item.reason, style="dim")
