"""Whether goods originate where they are said to: the rules of an edition over a bill of materials and papers."""

from collections.abc import Iterable
from datetime import date

from dostastyq.customs.model import Consignment, Document, Material, Production, Step
from dostastyq.customs.origin.rulebook import Clause, OriginRule, Rulebook
from dostastyq.dates import Truth, add_duration, all_of, any_of


def verify(book: Rulebook, goods: Consignment, on: date, parties: Iterable[str]) -> Step:
    """Say whether goods may be treated as originating, and why.

    Parameters
    ----------
    book
        Edition of the rules.
    goods
        What is declared.
    on
        Day of the declaration.
    parties
        States whose materials may be cumulated.

    Returns
    -------
    Step
        Holds when the goods meet a criterion, come directly and carry a proof; None where one of these is not known.

    Notes
    -----
    A proof in order speaks for the criterion that it names. A bill of materials that is given speaks for itself, and
    against a proof that says otherwise.
    """
    parts = (_criterion(book, goods, frozenset(parties)), _direct(book, goods), _proof(book, goods, on))
    holds = all_of(part.holds for part in parts)
    verdict = {True: "originate", False: "do not originate", None: "are not known to originate"}[holds]
    return Step(f"the goods {verdict} in {goods.origin} under {book.id}", holds, because=parts)


def conclude(clause: Clause, says: str, holds: Truth, because: tuple[Step, ...] = ()) -> Step:
    """Make a step that rests on a clause."""
    return Step(says, holds, clause.citation, clause.sources, clause.confidence, because)


def _criterion(book: Rulebook, goods: Consignment, parties: frozenset[str]) -> Step:
    made = goods.production
    if made is None or (made.materials is None and made.wholly_obtained is None):
        return _by_certificate(book, goods)
    rules = [_apply(book, rule, goods, made, parties) for rule in book.rules_for(goods.hs, goods.importer)]
    met = any_of(rule.holds for rule in rules)
    idle = _only_insufficient(book, made)
    if idle:
        rules.append(
            conclude(
                book.insufficient_clause,
                "no operation was carried out that could confer origin: " + ", ".join(made.operations),
                holds=False,
            )
        )
        met = made.wholly_obtained
    says: dict[Truth, str] = {
        True: "a criterion of origin is met",
        False: "no criterion of origin is met",
        None: "whether a criterion of origin is met is not known",
    }
    return Step(says[met], met, because=tuple(rules))


def _by_certificate(book: Rulebook, goods: Consignment) -> Step:
    mark = next((paper.box("9") for paper in goods.documents or () if paper.kind in book.proof.kinds), None)
    if goods.documents and any(paper.kind in book.proof.kinds for paper in goods.documents):
        known = {rule.mark for rule in book.criteria}
        named = mark is None or any(letter and mark.startswith(letter) for letter in known)
        if not named:
            return conclude(book.clause, f"box 9 of the certificate says {mark!r}, which is no criterion", holds=False)
        digits = (mark or "").removeprefix("Д").strip()
        if mark and mark.startswith("Д") and digits and not goods.hs.startswith(digits):
            return conclude(book.clause, f"box 9 speaks of heading {digits}, the goods are {goods.hs}", holds=False)
        return conclude(book.clause, "the certificate says that a criterion is met", holds=True)
    return conclude(book.clause, "nothing is said of how the goods were made", holds=None)


def _only_insufficient(book: Rulebook, made: Production) -> bool:
    return bool(made.operations) and all(operation in book.insufficient for operation in made.operations)


def _apply(book: Rulebook, rule: OriginRule, goods: Consignment, made: Production, parties: frozenset[str]) -> Step:
    match rule.kind:
        case "wholly_obtained":
            return _wholly_obtained(rule, made)
        case "change_of_heading":
            return _change_of_heading(book, rule, goods, made)
        case "foreign_share":
            return _foreign_share(rule, goods, made)
        case "cumulation":
            return _cumulation(rule, goods, made, parties)
    done = rule.process in made.attested
    return conclude(rule.clause, f"process attested: {rule.process}", True if done else None)


def _wholly_obtained(rule: OriginRule, made: Production) -> Step:
    if made.wholly_obtained is None and made.materials == ():
        return conclude(rule.clause, "made of no materials at all: wholly obtained", holds=True)
    says: dict[Truth, str] = {True: "wholly obtained", False: "not wholly obtained", None: "not said to be that"}
    return conclude(rule.clause, f"the goods are {says[made.wholly_obtained]}", made.wholly_obtained)


def _foreign(goods: Consignment, made: Production) -> tuple[Material, ...] | None:
    """Materials that do not come from the country of origin; unknown origin counts as foreign."""
    if made.materials is None:
        return None
    return tuple(material for material in made.materials if material.origin != goods.origin)


def _change_of_heading(book: Rulebook, rule: OriginRule, goods: Consignment, made: Production) -> Step:
    foreign = _foreign(goods, made)
    if foreign is None:
        return conclude(rule.clause, "the materials are not known", holds=None)
    same = [material for material in foreign if material.hs[: rule.digits] == goods.hs[: rule.digits]]
    heading = goods.hs[: rule.digits]
    if not same:
        return conclude(rule.clause, f"no foreign material is of heading {heading}", holds=True)
    names = ", ".join(f"{material.hs} from {material.origin or 'nobody knows where'}" for material in same)
    strict = conclude(rule.clause, f"foreign materials are of heading {heading} too: {names}", holds=False)
    if book.tolerance_clause is None or made.ex_works_price is None:
        return strict
    value = sum(material.value for material in same)
    within = value <= book.tolerance * made.ex_works_price
    limit = f"{float(100 * book.tolerance):g} % of the price ex works"
    spared = conclude(book.tolerance_clause, f"they are {'at most' if within else 'more than'} {limit}", within, ())
    return Step(f"change of heading {'within' if within else 'beyond'} the tolerance", within, because=(strict, spared))


def _foreign_share(rule: OriginRule, goods: Consignment, made: Production) -> Step:
    foreign = _foreign(goods, made)
    if foreign is None or not made.ex_works_price:
        return conclude(rule.clause, "materials or the price ex works are not known", holds=None)
    value = sum(material.value for material in foreign)
    within = 100 * value <= rule.percent * made.ex_works_price
    word = "at most" if within else "more than"
    says = f"foreign materials of {value} are {word} {float(rule.percent):g} % of the price ex works"
    return conclude(rule.clause, f"{says}, {made.ex_works_price} (minor units)", within)


def _cumulation(rule: OriginRule, goods: Consignment, made: Production, parties: frozenset[str]) -> Step:
    foreign = _foreign(goods, made)
    if foreign is None:
        return conclude(rule.clause, "the materials are not known", holds=None)
    outside = [material for material in foreign if material.origin not in parties]
    unproved = [material for material in foreign if material.origin in parties and not material.proof]
    if outside or not foreign:
        return conclude(rule.clause, "there is nothing to cumulate, or not only from parties", holds=False)
    if unproved:
        return conclude(rule.clause, f"materials without a proof of their own: {len(unproved)}", holds=None)
    return conclude(rule.clause, "all foreign materials originate in parties, each with its proof", holds=True)


def _direct(book: Rulebook, goods: Consignment) -> Step:
    through = tuple(state for state in goods.route if state not in {goods.origin, goods.importer})
    if goods.dispatched_from and goods.dispatched_from != goods.origin:
        says = f"the goods were sent from {goods.dispatched_from}, not from {goods.origin}"
        return conclude(book.direct, says, holds=False)
    if through:
        shown = any(paper.kind == "transport" for paper in goods.documents or ())
        says = f"the goods came through {', '.join(through)}"
        return conclude(book.direct, says + ("" if shown else ", without a transport document"), shown or None)
    if not goods.dispatched_from:
        return conclude(book.direct, "no other route was declared: held to be sent directly", holds=True)
    return conclude(book.direct, f"the goods were sent from {goods.origin}", holds=True)


def _proof(book: Rulebook, goods: Consignment, on: date) -> Step:
    if goods.documents is None:
        return conclude(book.proof.clause, "nothing is said of a proof of origin", holds=None)
    papers = [paper for paper in goods.documents if paper.kind in book.proof.kinds]
    if not papers:
        return conclude(book.proof.clause, "there is no proof of origin", holds=False)
    steps = tuple(_paper(book, paper, goods, on) for paper in papers)
    holds = any_of(step.holds for step in steps)
    return Step("the origin is proved" if holds else "the origin is not proved", holds, because=steps)


def _paper(book: Rulebook, paper: Document, goods: Consignment, on: date) -> Step:
    clause = book.proof.clause
    origin = paper.box("origin")
    if origin is not None and origin != goods.origin:
        return conclude(clause, f"the {paper.kind} names {origin}, the declaration {goods.origin}", holds=False)
    if paper.box("original") == "no":
        return conclude(clause, f"the {paper.kind} is not an original", holds=False)
    if paper.issued is not None:
        last = add_duration(paper.issued, f"P{book.proof.months}M")
        if not paper.issued <= on <= last:
            return conclude(
                clause, f"the {paper.kind} of {paper.issued} is good until {last}, not on {on}", holds=False
            )
    if paper.kind == "declaration":
        return _declaration(book, goods)
    return conclude(clause, f"there is a {paper.kind} for goods of {goods.origin}", holds=True)


def _declaration(book: Rulebook, goods: Consignment) -> Step:
    limit, currency = book.proof.declaration_up_to, book.proof.declaration_currency
    if limit is None:
        return conclude(book.proof.clause, "a declaration of origin proves nothing here", holds=False)
    if goods.currency != currency:
        return conclude(book.proof.clause, f"the limit of a declaration is in {currency}", holds=None)
    within = goods.value <= limit
    says = f"a declaration proves origin up to {limit} {currency} (minor units); the goods are worth {goods.value}"
    return conclude(book.proof.clause, says, within)
