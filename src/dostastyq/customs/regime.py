"""Under which regime goods enter: directed, from the register, with its proof.

A deeper treaty is the operative one between its parties: an economic union before a customs union before free trade.
Within free trade an act of the importing state can bring single goods back to most-favoured-nation rates, or a line of
an annex can keep a duty; both are directed and both name the goods.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from dostastyq.customs.lawbook import Lawbook, partner
from dostastyq.customs.measures import Measure, prevailing
from dostastyq.customs.model import Missing, Step
from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text, message
from dostastyq.register import Register
from dostastyq.register.pairwise import kind_line, of_kind, preference_line
from dostastyq.register.status import CODES
from dostastyq.register.timeline import at
from dostastyq.trade.codes import economies

KINDS: Final = {"economic_union": "customs_union", "customs_union": "customs_union", "free_trade_area": "free_trade"}
"""Kinds of preference of the register, deepest first, and the regime that each of them makes."""

UNKNOWN: Final = {
    "economic_union": message(
        "whether an economic union held between {one:territory} and {other:territory} on {day:date} is not known"
    ),
    "customs_union": message(
        "whether a customs union held between {one:territory} and {other:territory} on {day:date} is not known"
    ),
    "free_trade_area": message(
        "whether free trade held between {one:territory} and {other:territory} on {day:date} is not known"
    ),
}


@dataclass(frozen=True, slots=True)
class Regime:
    """Regime of goods on their way into a state.

    Parameters
    ----------
    kind
        ``"customs_union"``, ``"free_trade"``, ``"third_country_agreement"``, ``"mfn"``; None where it is not known.
    step
        Why.
    instrument
        Slug of the treaty; empty for most-favoured-nation treatment.
    kept
        Duty that an annex keeps within free trade; None for none.
    missing
        What has to be known before there is a regime.
    returned
        Whether goods were brought back to most-favoured-nation rates within a treaty in force; None where the list of
        the goods was not read.
    conflict
        Whether two equally narrow lines of an annex keep different duties.
    """

    kind: str | None
    step: Step
    instrument: str = ""
    kept: Measure | None = None
    missing: tuple[Missing, ...] = ()
    returned: Truth = False
    conflict: bool = False


def check_country(law: Register, code: str) -> None:
    """Check that there is a country of a code.

    Raises
    ------
    DostastyqError
        ``CU050`` when there is none.
    """
    if code not in law.states and (code not in economies() or code == "ROW"):
        raise DostastyqError(
            "CU050", f"there is no country {code!r}", nearest(code, economies()) or "use ISO 3166 alpha-3 codes"
        )


def check_parties(law: Register, importer: str, origin: str, on: date) -> None:
    """Check that there was such a state of importation, and such a country of origin.

    Raises
    ------
    DostastyqError
        ``CU050`` no such country, ``CU051`` the same twice; ``RG002``, ``RG004`` from the register.
    """
    law.independent_on(importer, on)
    check_country(law, origin)
    if origin in law.states:
        law.independent_on(origin, on)
    if importer == origin:
        raise DostastyqError(
            "CU051", f"goods of {origin} are not imported into {importer}", "name the state of importation with --to"
        )


def regime(book: Lawbook, importer: str, origin: str, hs: str, on: date) -> Regime:
    """Find the regime of goods.

    Parameters
    ----------
    book
        The law.
    importer, origin
        State of importation and country of origin.
    hs
        Commodity code.
    on
        Day of the law.

    Returns
    -------
    Regime

    Examples
    --------
    >>> from dostastyq.customs.lawbook import lawbook
    >>> book = lawbook("cis")
    >>> [regime(book, "RUS", "UKR", "1701991001", date(year, 6, 1)).kind for year in (2015, 2016)]
    ['free_trade', 'mfn']
    """
    key = (importer, origin, on)
    found = book.memory.get(key)
    if found is None:
        check_parties(book.register, importer, origin, on)
        law = book.register
        inside = origin in law.states
        found = _between(book, law, importer, origin, on) if inside else _beyond(book, law, importer, origin, on)
        book.memory[key] = found
    return _directed(book, found, importer, origin, hs, on) if found.kind == "free_trade" else found


def _between(book: Lawbook, law: Register, importer: str, origin: str, on: date) -> Regime:
    denied: list[Step] = []
    for kind, name in KINDS.items():
        answers = {slug: _gives(law, slug, importer, origin, on) for slug in of_kind(law, kind)}
        for slug, holds in reversed(answers.items()):
            if holds:
                return Regime(name, _granted(book, law, slug, importer, origin, on, denied), slug)
        if kind in book.hidden or at(_kind(law, kind, importer, origin), on) is None:
            says = Text(UNKNOWN[kind], one=importer, other=origin, day=on.isoformat())
            open_ones = [slug for slug, holds in answers.items() if holds is None]
            steps = (*denied, *(_status(law, slug, state, on) for slug in open_ones for state in (importer, origin)))
            return Regime(None, Step(says, holds=None, because=steps), missing=(Missing("law", says),))
        denied += [
            Step(_applies(slug, importer, origin, on, holds=False), False, because=(
                _status(law, slug, importer, on), _status(law, slug, origin, on)))
            for slug in answers if _touches(law, slug, importer, origin)
        ]  # fmt: skip
    says = Text(
        "between {one:territory} and {other:territory} no preference holds on {day:date}: most-favoured-nation rates",
        one=importer,
        other=origin,
        day=on.isoformat(),
    )
    return Regime("mfn", Step(says, because=tuple(denied)))


def _applies(slug: str, importer: str, origin: str, on: date, *, holds: Truth) -> Text:
    words = {"instrument": slug, "one": importer, "other": origin, "day": on.isoformat()}
    if holds:
        return Text("{instrument} applies between {one:territory} and {other:territory} on {day:date}", **words)
    if holds is False:
        return Text("{instrument} does not apply between {one:territory} and {other:territory} on {day:date}", **words)
    return Text(
        "whether {instrument} applies between {one:territory} and {other:territory} on {day:date} is not known", **words
    )


def _gives(law: Register, slug: str, importer: str, origin: str, on: date) -> Truth:
    one, other = min(importer, origin), max(importer, origin)
    line = law.once(("customs", slug, one, other), lambda: preference_line(law, slug, one, other))
    return at(line, on)


def _kind(law: Register, kind: str, importer: str, origin: str) -> tuple[tuple[int, Truth], ...]:
    one, other = min(importer, origin), max(importer, origin)
    return law.once(("customs kind", kind, one, other), lambda: kind_line(law, kind, one, other))


def _touches(law: Register, slug: str, importer: str, origin: str) -> bool:
    """Whether an instrument that does not apply deserves a word: both have once had to do with it."""
    signatories = law.instruments[slug].signed.by
    return importer in signatories and origin in signatories


def _granted(  # noqa: PLR0917 -- the regime's question, and the answer
    book: Lawbook, law: Register, slug: str, importer: str, origin: str, on: date, denied: list[Step]
) -> Step:
    article = book.article(slug)
    clause = Step(
        Text("{title}", title=law.instruments[slug].title), True, article.citation, article.sources, article.confidence
    )
    facts = tuple(_status(law, slug, state, on) for state in (importer, origin))
    return Step(_applies(slug, importer, origin, on, holds=True), because=(clause, *facts, *denied))


def _status(law: Register, slug: str, state: str, on: date) -> Step:
    status = law.status(slug, state, on)
    sources = tuple(dict.fromkeys(key for step in status.proof.steps for key in step.sources))
    grade = "medium" if status.confidence == "assumed" else status.confidence
    says = Text("{state:territory}: {meaning}", state=state, meaning=Text(CODES[status.code]))
    return Step(says, status.applied, f"register, {slug}, {state}, {on}", sources, grade)


def _beyond(book: Lawbook, law: Register, importer: str, origin: str, on: date) -> Regime:
    """Regime of goods of a country outside the commonwealth."""
    if origin in book.hidden:
        says = Text(
            "whether an agreement joined {one:territory} and {other:territory} on {day:date} is not known",
            one=importer,
            other=origin,
            day=on.isoformat(),
        )
        return Regime(None, Step(says, None, "register: agreements with third states"), missing=(Missing("law", says),))
    for slug, item in law.instruments.items():
        if partner(item) != origin:
            continue
        holds = at(law.standing(slug, importer).applied, on)
        step = Step(_applies(slug, importer, origin, on, holds=holds), holds, because=(
            _status(law, slug, importer, on),))  # fmt: skip
        if holds is None:
            return Regime(None, step, slug, missing=(Missing("law", _applies(slug, importer, origin, on, holds=None)),))
        if holds:
            says = Text("the schedule of rates of {instrument}, which is not at hand", instrument=slug)
            return Regime("third_country_agreement", step, slug, missing=(Missing("tariff edition", says),))
    says = Text(
        "no agreement of the register joins {one:territory} and {other:territory}: most-favoured-nation treatment",
        one=importer,
        other=origin,
    )
    return Regime("mfn", Step(says, citation="register: agreements with third states", confidence="medium"))


def _directed(book: Lawbook, found: Regime, importer: str, origin: str, hs: str, on: date) -> Regime:  # noqa: PLR0917
    back, kept = (
        prevailing(one for one in book.levied(kind, importer, origin, hs, on) if one.under == found.instrument)
        for kind in ("return_to_mfn", "exemption")
    )
    if any(one.certain for one in back):
        one = next(one for one in back if one.certain)
        says = Text(
            "{one:territory} levies most-favoured-nation rates on these goods of {other:territory} under {instrument}",
            one=importer,
            other=origin,
            instrument=found.instrument,
        )
        step = Step(says, because=(measure_step(one), found.step))
        return Regime("mfn", step, found.instrument, returned=True)
    if back:
        says = Text("whether the list of {act} has goods of {code} is not known", act=back[0].act, code=hs[:4])
        step = Step(says, holds=None, because=(measure_step(back[0]), found.step))
        return Regime(None, step, found.instrument, missing=(Missing("law", says),), returned=None)
    if not kept:
        return found
    says = Text(
        "{instrument} keeps a duty on these goods of {other:territory} in {one:territory}",
        instrument=found.instrument,
        other=origin,
        one=importer,
    )
    step = Step(says, because=(*map(measure_step, kept), found.step))
    return replace(found, kept=kept[0], step=step, conflict=len({one.rate for one in kept}) > 1)


def measure_step(one: Measure) -> Step:
    """Make a step that rests on a measure; its footnote stands below the act."""
    footnote = f": “{one.footnote}”" if one.footnote else ""
    says = Text("{act}", act=one.act + footnote)
    return Step(says, True, f"{one.act}: {one.citation}", one.sources, one.confidence)


def union_of(book: Lawbook, importer: str, state: str, on: date) -> Regime:
    """Find the union with a common tariff in which goods released in one state move freely to another.

    Parameters
    ----------
    book
        The law.
    importer
        State of importation.
    state
        State in which the goods were released for free circulation.
    on
        Day of the law.

    Returns
    -------
    Regime
        ``"customs_union"`` where there is one; ``"mfn"`` where there is none; None where it is not known, e.g. because
        a union had no common tariff yet.

    Raises
    ------
    DostastyqError
        ``CU053`` released in the state of importation itself; the codes of `check_parties`.
    """
    if state == importer:
        raise DostastyqError(
            "CU053", f"goods released in {state} owe nothing more in {importer}", "leave out --released-in"
        )
    found = regime(book, importer, state, "", on)
    if found.kind is None and found.returned is not None:
        return found
    if found.kind != "customs_union":
        says = Text(
            "release in {other:territory} counts for nothing in {one:territory}: no customs union joins them",
            one=importer,
            other=state,
        )
        return Regime("mfn", Step(says, True, "field: free_circulation", because=(found.step,)))
    tariffs = {book.common_tariff(one, on) for one in (importer, state)}
    if len(tariffs) == 1 and all(tariffs):
        return found
    says = Text("whether goods released in {state:territory} moved freely in {instrument}, without a common tariff",
                state=state, instrument=found.instrument)  # fmt: skip
    return Regime(None, Step(says, None, because=(found.step,)), found.instrument, missing=(Missing("law", says),))


def breaks(book: Lawbook, importer: str, origin: str, hs: str, on: date) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Days around `on` on which the law between two states changes for some goods: earlier ones, then later ones.

    Returns
    -------
    tuple of date
        The last days before each earlier change, nearest first.
    tuple of date
        The days of each later change, nearest first.
    """
    days: set[int] = set()
    if origin in book.register.states:
        for kind in KINDS:
            days.update(first for first, _ in _kind(book.register, kind, importer, origin))
    for one in book.measures:
        if one.concerns(importer, origin, hs):
            days.update(day.toordinal() for day in one.days(on))
    now, begin = on.toordinal(), date(1991, 12, 27).toordinal()
    earlier = sorted((day - 1 for day in days if begin < day <= now), reverse=True)
    later = sorted(day for day in days if day > now)
    return tuple(map(date.fromordinal, earlier)), tuple(map(date.fromordinal, later))
