"""Ways to originate, each evaluated over a bill of materials to yes, no or not known, with its place in the rules."""

from dostastyq.customs.model import Consignment, Material, Production, Step
from dostastyq.customs.origin.rulebook import Clause, OriginRule, Rulebook
from dostastyq.dates import Truth
from dostastyq.i18n import Text


def conclude(clause: Clause, says: Text, holds: Truth) -> Step:
    """Make a step that rests on a clause."""
    return Step(says, holds, clause.citation, clause.sources, clause.confidence)


def apply(book: Rulebook, rule: OriginRule, goods: Consignment, made: Production, parties: frozenset[str]) -> Step:
    """Evaluate one rule.

    Parameters
    ----------
    book
        Edition it belongs to, for its tolerance.
    rule
        The rule.
    goods, made
        What is declared, and how it came to be.
    parties
        States whose materials may be cumulated.

    Returns
    -------
    Step
        Holds when the rule is met; None where a fact is wanting. A material of unknown origin counts as foreign.
    """
    match rule.kind:
        case "wholly_obtained":
            return _wholly_obtained(rule, goods.origin, made)
        case "named_process":
            says = Text("process attested: {process}", process=rule.process)
            return conclude(rule.clause, says, True if rule.process in made.attested else None)
    if made.materials is None:
        return conclude(rule.clause, Text("the materials are not known"), holds=None)
    foreign = tuple(material for material in made.materials if material.origin != goods.origin)
    match rule.kind:
        case "change_of_heading":
            return _change_of_heading(book, rule, goods.hs[: rule.digits], foreign, made.ex_works_price)
        case "foreign_share":
            return _foreign_share(rule, foreign, made.ex_works_price)
    return _cumulation(rule, foreign, parties)


def _wholly_obtained(rule: OriginRule, origin: str, made: Production) -> Step:
    if made.wholly_obtained is None and made.materials == ():
        return conclude(rule.clause, Text("made of no materials at all: wholly obtained"), holds=True)
    if any(material.origin != origin for material in made.materials or ()):
        return conclude(rule.clause, Text("made of foreign materials: not wholly obtained"), holds=False)
    says: dict[Truth, Text] = {
        True: Text("the goods are wholly obtained"),
        False: Text("the goods are not wholly obtained"),
        None: Text("whether the goods are wholly obtained is not said"),
    }
    return conclude(rule.clause, says[made.wholly_obtained], made.wholly_obtained)


def _change_of_heading(
    book: Rulebook, rule: OriginRule, heading: str, foreign: tuple[Material, ...], price: int | None
) -> Step:
    same = [material for material in foreign if material.hs[: rule.digits] == heading]
    if not same:
        return conclude(rule.clause, Text("no foreign material is of heading {heading}", heading=heading), holds=True)
    names = ", ".join(f"{material.hs} {material.origin or '?'}" for material in same)
    says = Text("foreign materials are of heading {heading} too: {list}", heading=heading, list=names)
    strict = conclude(rule.clause, says, holds=False)
    if book.tolerance_clause is None or price is None:
        return strict
    within = sum(material.value for material in same) <= book.tolerance * price
    percent = f"{float(100 * book.tolerance):g}"
    if within:
        spared = Text("they are at most {percent} % of the price ex works", percent=percent)
        told = Text("change of heading within the tolerance")
    else:
        spared = Text("they are more than {percent} % of the price ex works", percent=percent)
        told = Text("change of heading beyond the tolerance")
    return Step(told, within, because=(strict, conclude(book.tolerance_clause, spared, within)))


def _foreign_share(rule: OriginRule, foreign: tuple[Material, ...], price: int | None) -> Step:
    if not price:
        return conclude(rule.clause, Text("the price ex works is not known"), holds=None)
    within = 100 * sum(material.value for material in foreign) <= rule.percent * price
    percent = f"{float(rule.percent):g}"
    if within:
        says = Text("foreign materials are at most {percent} % of the price ex works", percent=percent)
    else:
        says = Text("foreign materials are more than {percent} % of the price ex works", percent=percent)
    return conclude(rule.clause, says, within)


def _cumulation(rule: OriginRule, foreign: tuple[Material, ...], parties: frozenset[str]) -> Step:
    if not foreign or any(material.origin not in parties for material in foreign):
        return conclude(rule.clause, Text("there is nothing to cumulate, or not only from parties"), holds=False)
    unproved = sum(not material.proof for material in foreign)
    if unproved:
        return conclude(rule.clause, Text("materials without a proof of their own: {n}", n=unproved), holds=None)
    return conclude(rule.clause, Text("all foreign materials originate in parties, each with its proof"), holds=True)
