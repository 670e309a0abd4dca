"""``dostastyq shares``: an amount of import duty among the members of the union."""

from typing import Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, On, day_of, make_table, print_json, terminal
from dostastyq.i18n import message


def shares(
    amount: Annotated[int, typer.Argument(metavar="AMOUNT", help="Minor units; negative for a refund.")],
    on: On = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Split AMOUNT among the members by the shares of a day; the parts sum to it to the minor unit."""
    from dostastyq.customs.sharing import share_on, split  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    day = day_of(on)
    share, found = share_on(day), split(amount, day)
    if json:
        print_json(dict(found.parts))
        return
    tr = translator(lang.value)
    rows = [
        (tr.territory(state), f"{float(100 * share.parts[state]):g} %", str(part))
        for state, part in found.parts.items()
    ]
    console = terminal()
    console.print(make_table([tr.gettext(message("State")), tr.gettext(message("share")), ""], rows, keep=3))
    console.print(f"{share.act} [{', '.join(share.article.sources)}; {tr.gettext(share.article.confidence)}]")
