"""``dostastyq origin``: whether goods originate, from a bill of materials and papers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dostastyq.cli.duty import MARKS, branch, plain_step
from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, Lang, On, day_of, print_json, terminal

app = typer.Typer(help="Rules of origin.", no_args_is_help=True)


@app.command("check")
def check(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Goods, materials and papers, JSON; see docs/how-to/rule-on-goods.md."),
    ],
    on: On = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Check the origin of the goods in FILE under the rules of both states."""
    from dostastyq.customs import lawbook  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.customs.origin.check import both_sides  # noqa: PLC0415
    from dostastyq.customs.origin.entry import read_goods  # noqa: PLC0415
    from dostastyq.customs.regime import check_parties  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    tr = translator(lang.value)
    book = lawbook("cis", register=open_register())
    goods, day = read_goods(file), day_of(on)
    check_parties(book.register, goods.importer, goods.origin, day)
    steps, holds = both_sides(book.rulebooks, book.register, goods, day, book.register.states)
    if json:
        answer: dict[str, Any] = {"originates": holds, "proof": [plain_step(step, tr) for step in steps]}
        print_json(answer)
        return
    console = terminal()
    console.print(f"{MARKS[holds if isinstance(holds, bool) else None]} {goods.hs} {goods.origin} → {goods.importer}")
    for step in steps:
        console.print(branch(step, tr))
