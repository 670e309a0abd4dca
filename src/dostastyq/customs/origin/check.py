"""Whether goods originate where they are said to: the rules of an edition over a bill of materials and papers."""

from collections.abc import Iterable
from datetime import date

from dostastyq.customs.model import Consignment, Document, Production, Step
from dostastyq.customs.origin.criteria import apply, conclude
from dostastyq.customs.origin.rulebook import Rulebook
from dostastyq.dates import Truth, add_duration, all_of, any_of
from dostastyq.i18n import Text
from dostastyq.money import shown
from dostastyq.register import Register


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
    says: dict[Truth, Text] = {
        True: Text("the goods originate in {state:territory} under {rules}", state=goods.origin, rules=book.id),
        False: Text("the goods do not originate in {state:territory} under {rules}", state=goods.origin, rules=book.id),
        None: Text("whether the goods originate in {state:territory} is not known", state=goods.origin),
    }
    return Step(says[holds], holds, because=parts)


def both_sides(
    books: Iterable[Rulebook], register: Register, goods: Consignment, on: date, parties: Iterable[str]
) -> tuple[tuple[Step, ...], Truth | str]:
    """Check origin under the edition of either state.

    Parameters
    ----------
    books
        Every edition known.
    register
        Which edition holds for which state.
    goods, on, parties
        As in `verify`.

    Returns
    -------
    tuple of Step
        One a state; an edition that two states share is checked once.
    bool or None or str
        Whether the goods originate; ``"conflict"`` where the editions of the two states say yes and no. Where it is not
        known which edition a state applies, all that may hold are tried and have to agree.
    """
    editions = tuple(books)
    checks: dict[str, Step] = {}
    sides: list[tuple[Truth, Step]] = []
    for state in (goods.importer, goods.origin):
        held = _held(editions, register, state, on)
        for book in held:
            if book.id not in checks:
                checks[book.id] = verify(book, goods, on, parties)
        because = tuple(checks[book.id] for book in held)
        answers = {check.holds for check in because}
        holds = answers.pop() if len(answers) == 1 else None
        names = ", ".join(book.id for book in held) or "–"
        says = (
            Text("{state:territory} applies {rules}", state=state, rules=names)
            if len(held) == 1
            else Text("which rules of origin {state:territory} applies is not known: {rules}", state=state, rules=names)
        )
        sides.append((holds, Step(says, holds, because=because)))
    steps = tuple(step for _, step in sides)
    truths = [holds for holds, _ in sides]
    return steps, "conflict" if set(truths) == {True, False} else all_of(truths)


def _held(books: tuple[Rulebook, ...], register: Register, state: str, on: date) -> list[Rulebook]:
    answers = [(book, book.holds_for(register, state, on)) for book in books]
    return [book for book, holds in answers if holds] or [book for book, holds in answers if holds is None]


def _criterion(book: Rulebook, goods: Consignment, parties: frozenset[str]) -> Step:
    made = goods.production
    if made is None or (made.materials is None and made.wholly_obtained is None):
        return _by_certificate(book, goods)
    ways = book.rules_for(goods.hs, goods.importer)
    rules = [apply(book, rule, goods, made, parties) for rule in ways]
    met = any_of(rule.holds for rule in rules)
    if _only_insufficient(book, made):
        done = ", ".join(made.operations)
        says = Text("no operation was carried out that could confer origin: {list}", list=done)
        met = any_of(step.holds for way, step in zip(ways, rules, strict=True) if way.kind == "wholly_obtained")
        rules.append(conclude(book.insufficient_clause, says, holds=False))
    says_of: dict[Truth, Text] = {
        True: Text("a criterion of origin is met"),
        False: Text("no criterion of origin is met"),
        None: Text("whether a criterion of origin is met is not known"),
    }
    return Step(says_of[met], met, because=tuple(rules))


def _by_certificate(book: Rulebook, goods: Consignment) -> Step:
    papers = [paper for paper in goods.documents or () if paper.kind in book.proof.kinds]
    if not papers:
        return conclude(book.clause, Text("nothing is said of how the goods were made"), holds=None)
    mark = next((box for paper in papers if (box := paper.box("9"))), "")
    if mark and not any(mark.startswith(rule.mark) for rule in book.criteria if rule.mark):
        return conclude(
            book.clause, Text("box 9 of the certificate says “{mark}”, which is no criterion", mark=mark), holds=False
        )
    heading = mark.removeprefix("Д").strip() if mark.startswith("Д") else ""
    if not goods.hs.startswith(heading):
        says = Text("box 9 speaks of heading {heading}, the goods are {code}", heading=heading, code=goods.hs)
        return conclude(book.clause, says, holds=False)
    return conclude(book.clause, Text("the proof of origin says that a criterion is met"), holds=True)


def _only_insufficient(book: Rulebook, made: Production) -> bool:
    return bool(made.operations) and all(operation in book.insufficient for operation in made.operations)


def _direct(book: Rulebook, goods: Consignment) -> Step:
    through = ", ".join(state for state in goods.route if state not in {goods.origin, goods.importer})
    if goods.dispatched_from and goods.dispatched_from != goods.origin:
        says = Text(
            "the goods were sent from {place:territory}, not from {state:territory}",
            place=goods.dispatched_from,
            state=goods.origin,
        )
        return conclude(book.direct, says, holds=False)
    if through and any(paper.kind == "transport" for paper in goods.documents or ()):
        says = Text("the goods came through {list}, with a transport document", list=through)
        return conclude(book.direct, says, holds=True)
    if through:
        says = Text("the goods came through {list}, without a transport document", list=through)
        return conclude(book.direct, says, holds=None)
    if not goods.dispatched_from:
        says = Text("no other route was declared: held to be sent directly")
        return conclude(book.direct, says, holds=True)
    return conclude(book.direct, Text("the goods were sent from {state:territory}", state=goods.origin), holds=True)


def _proof(book: Rulebook, goods: Consignment, on: date) -> Step:
    if goods.documents is None:
        return conclude(book.proof.clause, Text("nothing is said of a proof of origin"), holds=None)
    papers = [paper for paper in goods.documents if paper.kind in book.proof.kinds]
    if not papers:
        return conclude(book.proof.clause, Text("there is no proof of origin"), holds=False)
    steps = tuple(_paper(book, paper, goods, on) for paper in papers)
    holds = any_of(step.holds for step in steps)
    return Step(Text("the origin is proved") if holds else Text("the origin is not proved"), holds, because=steps)


def _paper(book: Rulebook, paper: Document, goods: Consignment, on: date) -> Step:
    clause = book.proof.clause
    named = paper.box("origin")
    if named is not None and named != goods.origin:
        says = Text("the proof names {other:territory}, the goods {state:territory}", other=named, state=goods.origin)
        return conclude(clause, says, holds=False)
    if paper.box("original") == "no":
        return conclude(clause, Text("the proof is not an original"), holds=False)
    if paper.issued is not None:
        last = add_duration(paper.issued, f"P{book.proof.months}M")
        if not paper.issued <= on <= last:
            days = {"first": paper.issued.isoformat(), "last": last.isoformat(), "day": on.isoformat()}
            says = Text("the proof is good from {first:date} to {last:date}, not on {day:date}", **days)
            return conclude(clause, says, holds=False)
    if paper.kind == "declaration":
        return _declaration(book, goods)
    says = Text("there is a proof ({kind}) for goods of {state:territory}", kind=paper.kind, state=goods.origin)
    return conclude(clause, says, holds=True)


def _declaration(book: Rulebook, goods: Consignment) -> Step:
    limit, currency = book.proof.declaration_up_to, book.proof.declaration_currency
    if limit is None:
        return conclude(book.proof.clause, Text("a declaration of origin proves nothing here"), holds=False)
    if goods.currency != currency:
        says = Text("the limit of a declaration is in {currency}", currency=currency)
        return conclude(book.proof.clause, says, holds=None)
    says = Text(
        "a declaration proves origin up to {limit}; the goods are worth {value}",
        limit=shown(limit, currency),
        value=shown(goods.value, currency),
    )
    return conclude(book.proof.clause, says, goods.value <= limit)
