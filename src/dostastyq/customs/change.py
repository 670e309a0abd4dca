"""What would change a ruling: the nearest facts that alter its outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Protocol

from dostastyq.customs.lawbook import Lawbook
from dostastyq.customs.model import Change, Consignment, Document, Ruling
from dostastyq.customs.regime import breaks
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text


class Again(Protocol):
    """Decides other goods, on another day or with other balances of quotas, under the same law."""

    def __call__(self, other: Consignment, then: date, left: Mapping[str, Fraction] = ...) -> Ruling:
        """Decide."""


def changes(book: Lawbook, ruling: Ruling, again: Again) -> Iterator[Change]:
    """Look for facts near the declared ones that lead to another regime or another total.

    Parameters
    ----------
    book
        The law.
    ruling
        The ruling as it stands.
    again
        Decides under the same law.

    Yields
    ------
    Change
        A paper more or fewer, another route, a quota open or closed, then the nearest earlier and later day with
        another regime or another duty.
    """
    goods = ruling.consignment
    for says, other in _other_facts(goods):
        yield from _if_different(ruling, says, again(other, ruling.on))
    quotas = book.levied("quota", goods.importer, goods.origin, goods.hs, ruling.on)
    for quota in dict.fromkeys(one.quota for one in quotas if one.quota is not None):
        closed = Text("no balance left in the quota {name}", name=quota.name)
        whole = Text("the whole balance of the quota {name}", name=quota.name)
        yield from _if_different(ruling, closed, again(goods, ruling.on, {quota.name: Fraction(0)}))
        yield from _if_different(ruling, whole, again(goods, ruling.on, {quota.name: quota.amount}))
    for days in breaks(book, goods.importer, goods.origin, goods.hs, ruling.on):
        for day in days:
            try:
                then = again(goods, day)
            except DostastyqError:
                continue
            if then.regime is None:
                continue
            if then.regime != ruling.regime or then.duty not in {None, ruling.duty}:
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
    if goods.free_circulation:
        yield Text("goods not released in a member before"), replace(goods, free_circulation="")
    if goods.route or goods.dispatched_from not in {"", goods.origin}:
        straight = replace(goods, route=(), dispatched_from=goods.origin)
        yield Text("goods sent directly from {state:territory}", state=goods.origin), straight


def _if_different(ruling: Ruling, says: Text, other: Ruling) -> Iterator[Change]:
    if (other.regime, other.duty, other.outcome) != (ruling.regime, ruling.duty, ruling.outcome):
        yield Change(says, other.regime, other.total)
