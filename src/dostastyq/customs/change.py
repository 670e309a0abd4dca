"""What would change a ruling: the nearest facts that alter its outcome."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from dostastyq.customs.lawbook import Lawbook
from dostastyq.customs.model import Change, Consignment, Document, Ruling
from dostastyq.customs.regime import breaks
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text

Again = Callable[[Consignment, date], Ruling]


def changes(book: Lawbook, ruling: Ruling, again: Again) -> Iterator[Change]:
    """Look for facts near the declared ones that lead to another regime or another total.

    Parameters
    ----------
    book
        The law.
    ruling
        The ruling as it stands.
    again
        Decides other goods on another day under the same law.

    Yields
    ------
    Change
        A paper more or fewer, another route, then the nearest earlier and later day with another regime.
    """
    goods = ruling.consignment
    for says, other in _other_facts(goods):
        yield from _if_different(ruling, says, again(other, ruling.on))
    for days in breaks(book, goods.importer, goods.origin, goods.hs, ruling.on):
        for day in days:
            try:
                then = again(goods, day)
            except DostastyqError:
                continue
            if then.regime != ruling.regime or then.duty != ruling.duty:
                says = (
                    Text("a declaration on {day:date}, after the law changed", day=day.isoformat())
                    if day > ruling.on
                    else Text("a declaration on {day:date}, before the law changed", day=day.isoformat())
                )
                yield Change(says, then.regime, then.total)
                break


def _other_facts(goods: Consignment) -> Iterator[tuple[Text, Consignment]]:
    papers = goods.documents or ()
    certificate = [paper for paper in papers if paper.kind == "st-1"]
    if certificate:
        rest = tuple(paper for paper in papers if paper.kind != "st-1")
        yield Text("no certificate ST-1"), replace(goods, documents=rest)
        whole = (Document("st-1"), *rest)
        yield Text("a certificate ST-1 in order"), replace(goods, documents=whole)
    else:
        yield Text("a certificate ST-1 in order"), replace(goods, documents=(*papers, Document("st-1")))
        if goods.documents is None:
            yield Text("the word that there is no proof of origin"), replace(goods, documents=())
    if goods.route or goods.dispatched_from not in {"", goods.origin}:
        straight = replace(goods, route=(), dispatched_from=goods.origin)
        yield Text("goods sent directly from {state:territory}", state=goods.origin), straight


def _if_different(ruling: Ruling, says: Text, other: Ruling) -> Iterator[Change]:
    if (other.regime, other.duty, other.outcome) != (ruling.regime, ruling.duty, ruling.outcome):
        yield Change(says, other.regime, other.total)
