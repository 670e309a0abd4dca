"""What the council has on record, gathered for a question and laid out on a terminal."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dostastyq.cli.council_options import NOTHING, item_how, print_facts, stage_name
from dostastyq.cli.organ import place_name
from dostastyq.cli.questions import make_table, say_truth, terminal
from dostastyq.council.model import STANCES
from dostastyq.council.plain import plain
from dostastyq.council.session_model import SESSION_STATES
from dostastyq.dates import calendar_day
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Decision, Draft, Session, Vote
    from dostastyq.council.papers import AgendaLine, AgendaPaper, AmendmentLine, Answer, DifferencesPaper
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

AMENDMENTS = {
    "replace": message("new wording"),
    "insert": message("insertion"),
    "delete": message("deletion"),
    "form": message("other values"),
}
RULED = {True: message("accepted"), False: message("not accepted"), None: message("open")}
OUTCOMES = {
    "": "",
    "adopted": message("adopted"),
    "rejected": message("rejected"),
    "postponed": message("postponed"),
    "referred": message("referred down"),
}


def show_opinions(paper: "DifferencesPaper", tr: "Translator") -> None:
    """Print what states say of a draft, as far as the reader may see it."""
    console = terminal()
    said = message("{slug}, version {version}: opinions until {day:date}")
    until = paper.deadline or paper.day
    console.print(tr.gettext(said, slug=paper.draft, version=paper.version, day=until), style="bold")
    headers = [tr.gettext(name) for name in (message("State"), message("opinion"), message("remarks"))]
    remarks = {answer.state: [answer.remark] if answer.remark else [] for answer in paper.answers}
    for row in paper.rows:
        for state, text in row.remarks:
            remarks.setdefault(state, []).append(f"{row.paragraph}: {text}")
    rows = [
        [tr.territory(answer.state), _stance(answer, tr), "\n".join(remarks[answer.state])] for answer in paper.answers
    ]
    console.print(make_table(headers, rows, keep=2))
    for row in paper.rows:
        for item in row.amendments:
            _amendment(row.paragraph, item, tr)


def _stance(answer: "Answer", tr: "Translator") -> str:
    if answer.stance:
        return tr.gettext(STANCES[answer.stance])
    return tr.gettext(message("no reply") if answer.shown else message("not shown"))


def _amendment(paragraph: str, item: "AmendmentLine", tr: "Translator") -> None:
    said = message("Amendment {number} of {paragraph}, by {who}: {kind}, {accepted}")
    text = tr.gettext(
        said,
        number=item.number,
        paragraph=paragraph,
        who=place_name(item.proposer, tr),
        kind=tr.gettext(AMENDMENTS[item.kind]),
        accepted=tr.gettext(RULED[item.accepted]),
    )
    terminal().print(text)
    words = item.text.get(tr.language) or next(iter(item.text.values()), "")
    values = ", ".join(f"{name} = {value}" for name, value in item.values.items())
    for line in filter(None, (words, values)):
        terminal().print(f"  {line}")


def show_session(session: "Session", law: "Register", tr: "Translator") -> None:
    """Print a session and its items."""
    console = terminal()
    console.print(_heading(session, law, tr), style="bold")
    present = "" if session.present is None else tr.territories(session.present) or tr.gettext(message("nobody"))
    print_facts(
        {
            tr.gettext(message("state")): tr.gettext(SESSION_STATES[session.state]),
            tr.gettext(message("place")): session.place,
            tr.gettext(message("edition of the Rules")): session.edition,
            tr.gettext(message("in the chair")): tr.territory(session.chair) if session.chair else "",
            tr.gettext(message("present")): present,
        }
    )
    headers = [tr.gettext(name) for name in (message("no."), message("draft"), message("item"), message("outcome"))]
    rows = [
        [
            str(item.number),
            item.draft,
            item_how(tr, discussion=item.discussion, narrow=item.narrow),
            tr.gettext(OUTCOMES.get(item.outcome, item.outcome)),
        ]
        for item in session.items
    ]
    console.print(make_table(headers, rows, keep=2) if rows else tr.gettext(NOTHING))


def show_agenda(paper: "AgendaPaper", tr: "Translator") -> None:
    """Print an agenda."""
    console, sitting = terminal(), paper.session
    organ = tr.fill("{name}", {"name": sitting.organ.name})
    console.print(f"{organ} · {tr.date(sitting.day)} ({sitting.code})", style="bold")
    console.print(f"{sitting.place} · {sitting.edition} · {tr.gettext(SESSION_STATES[sitting.state])}")
    if not paper.items:
        console.print(tr.gettext(NOTHING))
    for item in paper.items:
        console.print()
        console.print(tr.fill("{number}. {title} ({slug})", _item_words(item)), style="bold")
        print_facts(
            {
                tr.gettext(message("item")): item_how(tr, discussion=item.discussion, narrow=item.narrow),
                tr.gettext(message("stage")): tr.fill("{stage}", {"stage": item.stage}),
                tr.gettext(message("opinions until")): tr.date(item.deadline) if item.deadline else "",
                tr.gettext(message("opinions")): _counts(item, tr),
                tr.gettext(message("outcome")): tr.gettext(OUTCOMES.get(item.outcome, item.outcome)),
                tr.gettext(message("impact")): tr.gettext(message("attached")) if item.impact else "",
            }
        )


def _item_words(item: "AgendaLine") -> dict[str, Any]:
    return {"number": item.number, "title": item.title, "slug": item.draft}


def _counts(item: "AgendaLine", tr: "Translator") -> str:
    if item.opinions is None:
        return tr.gettext(message("not shown"))
    said = [f"{tr.gettext(STANCES[stance])}: {count}" for stance, count in item.opinions.items()]
    silent = item.asked - sum(item.opinions.values())
    return ", ".join([*said, f"{tr.gettext(message('no reply'))}: {silent}"] if silent else said)


def _heading(session: "Session", law: "Register", tr: "Translator") -> str:
    organ = tr.fill("{name}", {"name": law.institutions.organs[session.organ].name})
    return f"{organ} · {tr.date(session.day)} ({session.code})"


def show_decision(draft: "Draft", tr: "Translator") -> None:
    """Print the open vote on a draft, and every decision."""
    from dostastyq.cli.vote import ADOPTED  # noqa: PLC0415 -- a neighbour that imports much

    console = terminal()
    if draft.poll is None and not draft.decisions:
        console.print(tr.gettext(message("No vote on {slug} was held."), slug=draft.slug))
    if draft.poll is not None:
        said = message("{slug}: the vote is open under {rule}; who votes: {voters:territories}")
        voters = draft.poll.voters
        console.print(tr.gettext(said, slug=draft.slug, rule=draft.poll.rule["code"], voters=voters), style="bold")
        _votes(draft.poll.votes, (), tr)
    for found in draft.decisions:
        head = tr.gettext(ADOPTED[found.adopted])
        said = message("{slug} · {organ} · {day:date}: {outcome}")
        console.print(tr.gettext(said, slug=draft.slug, organ=found.organ, day=found.day, outcome=head), style="bold")
        _decision(found, tr)


def _decision(found: "Decision", tr: "Translator") -> None:
    from dostastyq.council.ballots import counted  # noqa: PLC0415

    console = terminal()
    print_facts(
        {
            tr.gettext(message("session")): found.session,
            tr.gettext(message("rule of decision")): str(found.rule.get("code", "")),
            tr.gettext(message("share for it")): found.share,
            tr.gettext(message("bound")): tr.territories(found.bound) if found.bound else "",
            tr.gettext(message("as reported by")): found.reported,
        }
    )
    if found.rule:
        for reason in counted(found.rule, found.votes).reasons:
            console.print(f"  {tr.text(reason)}")
        _votes(found.votes, found.bound, tr)


def _votes(votes: Iterable["Vote"], bound: Iterable[str], tr: "Translator") -> None:
    from dostastyq.cli.vote import NAMES  # noqa: PLC0415

    names = (message("State"), message("vote"), message("bound"), message("who"), message("special opinion"))
    there = set(bound)
    rows = [
        [
            tr.territory(each.state),
            tr.gettext(NAMES[each.vote]),
            tr.gettext("yes") if each.state in there else "",
            each.person.name,
            each.special_opinion,
        ]
        for each in votes
    ]
    if rows:
        terminal().print(make_table([tr.gettext(name) for name in names], rows, keep=2))


def status_of(draft: "Draft", law: "Register", on: str | None) -> dict[str, Any]:
    """Gather who signed a draft, the status of its parties, and what is missing before it is in force."""
    day = draft.moves[-1].day if on is None else calendar_day(on)
    known = draft.slug in law.instruments
    statuses = {state: law.status(draft.slug, state, day) for state in draft.composition.parties} if known else {}
    return {
        "draft": draft.slug,
        "on": day.isoformat(),
        "stage": draft.stage,
        "round": plain(draft.round),
        "statuses": {
            state: {"code": item.code, "since": None if item.since is None else str(item.since)}
            for state, item in statuses.items()
        },
        "forecast": law.forecast(draft.slug, day).to_dict() if known else None,
    }


def show_status(draft: "Draft", law: "Register", found: Mapping[str, Any], tr: "Translator") -> None:
    """Print who signed a draft, the status of its parties, and the forecast."""
    from dostastyq.register.status import CODES  # noqa: PLC0415

    console = terminal()
    title = tr.fill("{title}", {"title": draft.composition.title})
    console.print(f"{title} ({draft.slug}) · {stage_name(draft, tr)}", style="bold")
    if not found["statuses"]:
        console.print(tr.gettext(message("Nobody has signed it yet.")))
        return
    signed = {each.state: each for each in draft.round.signatures} if draft.round else {}
    names = (message("State"), message("signed"), message("status"), message("since"), message("put on record"))
    rows = []
    for state, item in found["statuses"].items():
        each = signed.get(state)
        words = [] if each is None else [each.statement, *(f"{at}: {text}" for at, text in each.reservations.items())]
        did = "" if each is None else say_truth(tr, each.signed)
        since = item["since"] or ""
        record = "\n".join(filter(None, words))
        rows.append([tr.territory(state), did, tr.gettext(CODES[item["code"]]), since, record])
    console.print(make_table([tr.gettext(name) for name in names], rows, keep=2))
    console.print()
    told = message("From the acts done by {day:date}: {said}")
    forecast = law.forecast(draft.slug, found["on"])
    console.print(tr.gettext(told, day=found["on"], said=tr.text(forecast.text)))
