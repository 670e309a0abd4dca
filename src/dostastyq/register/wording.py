"""Sentences of proofs and forecasts, each a `Text` that can be said in Kazakh, Russian and English."""

import re
from collections.abc import Iterable

from dostastyq.dates import Day
from dostastyq.i18n import Text, message
from dostastyq.register.acts import Act
from dostastyq.register.clauses import Clause

ACT_NAMES = {
    "definitive_signature": message("definitive signature"),
    "ratification": message("ratification"),
    "acceptance": message("acceptance"),
    "approval": message("approval"),
    "notification": message("notification"),
    "accession": message("accession"),
    "succession": message("succession"),
    "domestic_ratification": message("ratification by domestic law"),
    "domestic_withdrawal": message("withdrawal by domestic law"),
    "withdrawal_decision": message("decision at home to withdraw"),
    "signature_statement": message("statement at signature"),
    "reservation": message("reservation"),
    "reservation_confirmation": message("reservation confirmed"),
    "reservation_acceptance": message("reservation accepted"),
    "reservation_withdrawal": message("reservation withdrawn"),
    "declaration": message("declaration"),
    "objection": message("objection"),
    "association": message("association"),
    "withdrawal_announcement": message("withdrawal announced"),
    "note": message("note"),
    "organ_decision": message("decision of the organ"),
    "entry_into_force": message("entry into force"),
    "provisional_application": message("provisional application"),
    "provisional_start": message("start of provisional application"),
    "provisional_end": message("end of provisional application"),
    "suspension": message("suspension"),
    "suspension_end": message("end of suspension"),
    "consent_withdrawal": message("consent taken back"),
    "refusal": message("declared that it will not become a party"),
    "withdrawal_notice": message("notice of withdrawal"),
    "withdrawal_revoked": message("notice of withdrawal taken back"),
    "withdrawal_effective": message("withdrawal takes effect"),
}
"""What each kind of act is called in a sentence."""

GROUPS = {"all_founding_states": message("all founding states")}
"""What each group of states that a clause names is called in a sentence."""

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


def say_day(day: Day | None) -> Text:
    """Say a day as far as it is known.

    Examples
    --------
    >>> print(say_day(Day.parse("2012-12-08")), "|", say_day(Day.parse("..2012-08-21")), "|", say_day(None))
    8 December 2012 | 21 August 2012 or earlier | a day not known
    """
    if day is None or (day.earliest is None and day.latest is None):
        return Text("a day not known")
    first, last = (str(bound) for bound in (day.earliest, day.latest))
    if day.exact:
        return Text("{day:date}, in doubt", day=first) if day.uncertain else Text("{day:date}", day=first)
    if day.earliest is None:
        return Text("{day:date} or earlier", day=last)
    if day.latest is None:
        return Text("{day:date} or later", day=first)
    if day.text.startswith("["):
        return Text("{first:date} or {last:date}, sources disagree", first=first, last=last)
    return Text("some day from {first:date} to {last:date}", first=first, last=last)


def say_duration(duration: str) -> Text:
    """Say an ISO 8601 duration of one unit; any other stands as it is written.

    Examples
    --------
    >>> print(say_duration("P30D"), "|", say_duration("P12M"), "|", say_duration("P1Y6M"))
    30 days | 12 months | P1Y6M
    """
    match = _DURATION.fullmatch(duration)
    years, months, weeks, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    if days and not (years or months or weeks):
        return Text.counted("{n} day", "{n} days", days)
    if months and not (years or weeks or days):
        return Text.counted("{n} month", "{n} months", months)
    if years and not (months or weeks or days):
        return Text.counted("{n} year", "{n} years", years)
    return Text("{duration}", duration=duration)


def listed(texts: Iterable[str]) -> Text:
    """Join names as one text.

    Examples
    --------
    >>> print(listed([Text("ratification"), Text("approval")]))
    ratification or approval
    """
    found = list(texts)
    whole = found[0] if isinstance(found[0], Text) else Text("{name}", name=found[0])
    for text in found[1:]:
        whole = Text("{one} or {other}", one=whole, other=text)
    return whole


def say_acts(kinds: Iterable[str]) -> Text:
    """Name kinds of acts that count for the same.

    Examples
    --------
    >>> print(say_acts(["ratification", "accession"]))
    ratification or accession
    """
    names = [Text(ACT_NAMES[kind]) for kind in kinds]
    return listed(names) if names else Text("consent to be bound")


def say_act(act: Act) -> Text:
    """Say what a state did, when, and with effect from when.

    Examples
    --------
    >>> print(say_act(Act("KAZ", "accession", "eaeu-2014", date="2012-11-08", effective="2012-12-08")))
    Kazakhstan: accession, 8 November 2012, with effect from 8 December 2012
    """
    what = Text(ACT_NAMES[act.kind])
    if act.towards:
        what = Text("{act} towards {states:territories}", act=what, states=act.towards)
    if act.provisions:
        what = Text("{act} ({provisions})", act=what, provisions="; ".join(act.provisions))
    when = say_day(act.date)
    if act.derived:
        when = Text("{when} (computed)", when=when)
    if act.date is None and act.effective is None:
        return Text("{state:territory}: {act}", state=act.state, act=what)
    if act.date is None:
        effect = say_day(act.effective)
        return Text("{state:territory}: {act}, with effect from {effect}", state=act.state, act=what, effect=effect)
    if act.effective is None or act.effective == act.date:
        return Text("{state:territory}: {act}, {when}", state=act.state, act=what, when=when)
    return Text(
        "{state:territory}: {act}, {when}, with effect from {effect}",
        state=act.state,
        act=what,
        when=when,
        effect=say_day(act.effective),
    )


def say_clause(clause: Clause) -> Text:
    """Say a clause on entry into force.

    Examples
    --------
    >>> print(say_clause(Clause("count", 3, ("ratification",), "P30D")))
    30 days after consent no. 3 (ratification)
    """
    said = _say_node(clause)
    if clause.delay == "P0D":
        return said
    return Text("{delay} after {event}", delay=say_duration(clause.delay), event=said)


def _say_node(clause: Clause) -> Text:  # noqa: PLR0911 -- one a kind of node
    match clause.rule:
        case "signature":
            return Text("signature")
        case "per_state":
            return Text("each state's own act ({acts})", acts=say_acts(clause.acts))
        case "date":
            return Text("{when}", when=say_day(Day.parse(clause.text)))
        case "organ":
            return Text("the decision of the organ")
        case "requires":
            return Text("the entry into force of {slugs}", slugs=", ".join(clause.instruments))
        case "accession_completed":
            return Text("the state's accession to {slugs}", slugs=", ".join(clause.instruments))
        case "any":
            return listed(say_clause(part) for part in clause.parts)
        case "all":
            whole = say_clause(clause.parts[0])
            for part in clause.parts[1:]:
                whole = Text("{one} and {other}", one=whole, other=say_clause(part))
            return whole
        case "count" if isinstance(clause.count, int):
            return Text("consent no. {number} ({acts})", number=clause.count, acts=say_acts(clause.acts))
        case "count" if clause.count == "all":
            return Text("the last consent of all who signed ({acts})", acts=say_acts(clause.acts))
        case "count":
            group = Text(GROUPS.get(str(clause.count), str(clause.count).replace("_", " ")))
            return Text("the last consent of {group} ({acts})", group=group, acts=say_acts(clause.acts))
    return Text("a rule that is not known")
