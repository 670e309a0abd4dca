"""Steps of drafts, judged against the map of their edition and taken down."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from dostastyq import register as registers
from dostastyq.council.ballots import counted, frozen
from dostastyq.council.composer import to_akn
from dostastyq.council.model import STANCES
from dostastyq.council.policy import PARTS
from dostastyq.council.procedure import ProcedureMap, procedure_named, procedure_on
from dostastyq.council.replay.book import Book, File, Line, Poll, Signing, composed
from dostastyq.council.replay.count import tally
from dostastyq.council.replay.gates import Look, shut
from dostastyq.council.session_model import Vote
from dostastyq.dates import add_duration
from dostastyq.errors import DostastyqError


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something in an entry that cannot have been.

    Parameters
    ----------
    what
        What is wrong.
    expected, found
        What could have been, and what is there.
    """

    what: str
    expected: object
    found: object


Wrongs = Iterator[Wrong]


def draft_step(book: Book, line: Line) -> Wrongs:
    """Judge a step of a draft, then take it down as it is claimed."""
    code, slug = line.entry.kind, line["draft"]
    file = book.files.get(slug)
    if code == "propose":
        if file is not None:
            yield Wrong("draft", "a slug of its own", slug)
        file = _file(line)
    elif file is None:
        yield Wrong("draft", "one that was proposed", slug)
        return
    edition = (
        procedure_named(book.commonwealth, file.rules) if file.rules else procedure_on(book.commonwealth, line.day)
    )
    if line["edition"] != edition.code:
        yield Wrong("edition", edition.code, line["edition"])
    yield from _allowed(book, file, line, edition)
    yield from _TAKEN.get(code, _nothing)(book, file, line, edition)
    file.stage = line["stage"]
    file.steps.append((code, line.day))
    book.files[slug] = file


def _file(line: Line) -> File:
    made = File(
        slug=line["draft"],
        organ=line["organ"],
        origin=line.get("origin", ""),
        through=line.get("through", ""),
        author=line.person.place,
        rules=line.get("rules", ""),
    )
    made.texts.append((line["composition"], line.day))
    return made


def _allowed(book: Book, file: File, line: Line, edition: ProcedureMap) -> Wrongs:
    """Judge whether the map knows the step from where the draft stands, for this person, on this day, gates open."""
    step = edition.steps.get(line.entry.kind)
    if step is None or (file.stage not in step.froms if file.steps else bool(step.froms)):
        yield Wrong("step", f"one that {edition.code} allows at {file.stage or 'the start'}", line.entry.kind)
        return
    leads = {step.to or file.stage}
    if step.code == "close_vote":
        leads = {step.to, step.otherwise, "on_agenda"}
    if line["stage"] not in leads:
        yield Wrong("stage", " or ".join(sorted(leads)), line["stage"])
    if file.steps and line.day < file.steps[-1][1]:
        yield Wrong("day", f"{file.steps[-1][1]} or later", line.day)
    text = line.get("composition", file.text)
    at = Look(book, file, line, edition, step, composed(text))
    chair = at.meeting.chair if at.meeting else ""
    may = acting(line, chair=chair, depositary=at.composition.depositary)
    if not may & step.who:
        yield Wrong("by", " or ".join(sorted(step.who)), f"{line.person.name} ({line.person.role})")
    if not file.seen_by(line.person):
        yield Wrong("by", "somebody who knew of the draft", f"{line.person.name} ({line.person.place})")
    why = shut(step.gates, at)
    if why:
        yield Wrong(f"gate of {step.code}", "open", why)


def acting(line: Line, *, chair: str = "", depositary: str = "") -> frozenset[str]:
    """Say in which parts somebody acts, by the capacities of the policy."""
    person = line.person
    held = set(PARTS.get(person.role, ()))
    if chair and "state" in held and person.place == chair:
        held.add("chair")
    if depositary.isupper() and len(depositary) == 3:
        held |= {"depositary"} if "state" in held and person.place == depositary else set()
    elif depositary and "secretariat" in held:
        held.add("depositary")
    return frozenset(held)


def _nothing(_book: Book, _file: File, _line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from ()


def _propose(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    if file.slug in book.base.instruments:
        yield Wrong("draft", "a slug that the register does not have", file.slug)
    if line["composition"]["slug"] != file.slug:
        yield Wrong("composition", file.slug, line["composition"]["slug"])
    for name in (file.organ, *filter(None, (file.origin, file.through))):
        if name not in book.base.institutions.organs:
            yield Wrong("organ", "one of the register", name)


def _of_author(file: File, line: Line) -> Wrongs:
    if line.person.place not in {file.author, "secretariat"}:
        yield Wrong("by", f"{file.author} or secretariat", line.person.place)


def _revise(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _of_author(file, line)
    text, ruled = line["composition"], line.get("ruled", {})
    if text["slug"] != file.slug:
        yield Wrong("composition", file.slug, text["slug"])
    if text == file.text and not ruled:
        yield Wrong("composition", "a text that differs", "the same")
    for number, accepted in ruled.items():
        place = int(number) - 1
        if not 0 <= place < len(file.ruled) or file.ruled[place] is not None:
            yield Wrong("ruled", "an amendment that is open", number)
        else:
            file.ruled[place] = accepted
    file.texts.append((text, line.day))


def _register(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    file.through = line.get("through") or file.through
    yield from ()


def _circulate(_book: Book, file: File, line: Line, edition: ProcedureMap) -> Wrongs:
    deadline, step = line.date("deadline"), edition.steps.get("circulate")
    least = add_duration(line.day, step.deadline) if step and step.deadline and step.verified else line.day
    if deadline is None or deadline < least:
        yield Wrong("deadline", f"{least} or later", deadline)
    file.circulated, file.deadline = len(file.texts), deadline


def _for_own_state(line: Line) -> Wrongs:
    if line["state"] != line.person.place:
        yield Wrong("state", line.person.place, line["state"])


def _opine(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _for_own_state(line)
    if line["stance"] not in STANCES:
        yield Wrong("stance", " or ".join(STANCES), line["stance"])
    file.stances[file.circulated, line["state"]] = line["stance"]


def _amend(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    if line["amendment"].get("proposer", "") != line.person.place:
        yield Wrong("proposer", line.person.place, line["amendment"].get("proposer", ""))
    file.ruled.append(None)


def _place(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    meeting = book.meetings.get(line["session"])
    if meeting is None:
        yield Wrong("session", "one that was convened", line["session"])
        return
    meeting.agenda.append(file.slug)
    file.session = line["session"]


def _off_agenda(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    file.session, file.organ = "", line.get("organ", file.organ)
    yield from ()


def _withdraw(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _of_author(file, line)


def _open_vote(book: Book, file: File, line: Line, edition: ProcedureMap) -> Wrongs:
    rule = line["rule"]
    file.poll = Poll(rule, file.session, line.day)
    if edition.rule and rule["code"] == edition.rule:
        meeting = book.meetings.get(file.session)
        taking_part = (meeting.present if meeting else None) or tuple(file.text["parties"])
        plain = (rule["kind"], rule["majorities"], "against" in rule["blocking"], set(rule["voters"]))
        if plain != ("consensus", [], True, set(taking_part)):
            yield Wrong("rule", f"consensus of {', '.join(taking_part)}", plain)
        return
    found = [_differing(law, rule, file, line, edition) for law in book.laws(line)]
    if all(found):
        yield Wrong("rule", f"{rule['code']} as the register has it", found[0])


def _differing(law: registers.Register, rule: Mapping[str, Any], file: File, line: Line, edition: ProcedureMap) -> str:
    """Compare a frozen rule with the register's; empty where they agree, also with weights that were given."""
    why = "no such rule"
    said = {state: Fraction(votes) for part in rule["majorities"][:1] for state, votes in part["weights"].items()}
    leaving = next(iter(rule["excluded"]), "")
    for name in dict.fromkeys((file.organ, rule["body"], rule["code"])):
        for weights in (None, said)[: 2 if said else 1]:
            try:
                found = registers.procedure(law, name, line.day, weights=weights, leaving=leaving)
            except DostastyqError as error:
                why = error.message
                continue
            wanted = frozen(found, absence=edition.absence)
            apart = [key for key in wanted if rule.get(key) != wanted[key]]
            if not apart:
                return ""
            why = f"{apart[0]} {rule.get(apart[0])}, not {wanted[apart[0]]}"
    return why


def _vote(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _for_own_state(line)
    poll, state = file.poll, line["state"]
    if poll is None:
        yield Wrong("vote", "in a vote that is open", "none is open")
        return
    if state in poll.votes:
        yield Wrong("vote", f"one of {state}", f"another: {line['vote']} after {poll.votes[state]}")
        return
    if line["vote"] not in {*poll.rule["allowed"], "absent"}:
        yield Wrong("vote", " or ".join(poll.rule["allowed"]), line["vote"])
    poll.votes[state] = line["vote"]


def _close_vote(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    poll = file.poll
    if poll is None:
        yield Wrong("outcome", "of a vote that is open", "none is open")
        return
    adopted, bound, share = tally(poll.rule, poll.votes)
    sealed = (line["adopted"], line["bound"], line["share"])
    if sealed != (adopted, bound, share):
        yield Wrong("outcome", (adopted, bound, share), sealed)
    cast = [
        Vote(state=state, vote=vote, special_opinion="", day=line.day, person=line.person)
        for state, vote in poll.votes.items()
    ]
    reasons = [str(reason) for reason in counted(poll.rule, cast).reasons]
    if line["reasons"] != reasons:
        yield Wrong("reasons", reasons, line["reasons"])
    stage = {True: "adopted", False: "rejected", None: "on_agenda"}[adopted]
    if line["stage"] != stage:
        yield Wrong("stage", stage, line["stage"])
    file.sealed, file.bound, file.poll = (line["adopted"], poll), tuple(line["bound"]), None


def _report(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    file.sealed, file.bound = (True, None), tuple(line["bound"])
    yield from ()


def _open_signature(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    file.signing = Signing(line.day, line["place"])
    yield from ()


def _sign(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _for_own_state(line)
    signing, state = file.signing, line["state"]
    if signing is None:
        yield Wrong("signature", "in a round that is open", "none is open")
        return
    if state in signing.answers:
        yield Wrong("signature", f"one of {state}", "another")
        return
    if line.day != signing.day:
        yield Wrong("day", signing.day, line.day)
    signing.answers[state] = line["signed"]
    sequence = line.get("instrument")
    if signing.signatories:
        yield from _entered(book, file, sequence, signing.signatories, signing.entry)
        signing.entry = sequence if isinstance(sequence, int) else signing.entry
    elif sequence is not None:
        yield Wrong("instrument", "none before somebody signed", sequence)
    yield from _put_on_record(book, file, line)


def _close_signature(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    signing, sequence = file.signing, line.get("instrument")
    if signing is not None and not signing.signatories:
        yield from _entered(book, file, sequence, [], None)
    elif sequence is not None:
        yield Wrong("instrument", "none where the signatures entered it", sequence)


def _entered(book: Book, file: File, sequence: object, by: list[str], supersedes: int | None) -> Wrongs:
    """Judge the register's entry of the instrument: it is there, follows the one before, and lists who signed."""
    entry = book.registered(sequence)
    if entry is None or entry.kind != "instrument" or entry.content.get("slug") != file.slug:
        yield Wrong("instrument", f"an entry of the register that holds {file.slug}", sequence)
        return
    listed = entry.content["record"]["signed"].get("by", [])
    if list(listed) != by:
        yield Wrong("signatories in the register", ", ".join(by), ", ".join(listed))
    taken_back = any(other.kind == "retraction" and other.supersedes == supersedes for other in book.recorded)
    if entry.supersedes != supersedes and not (taken_back and entry.supersedes is None):
        yield Wrong("instrument", f"one that supersedes {supersedes}", entry.supersedes)


def _put_on_record(book: Book, file: File, line: Line) -> Wrongs:
    """Look in the register for the statement and the reservations that were made with a signature."""
    signing, state = file.signing, line["state"]
    wanted = [(state, "reservation", text) for text in line.get("reservations", {}).values()]
    if signing is not None and line.get("statement"):
        signing.unsaid.append((state, line["statement"]))
    if signing is not None and line.get("instrument"):
        wanted += [(whose, "signature_statement", text) for whose, text in signing.unsaid]
        signing.unsaid.clear()
    acts = [entry.content for entry in book.recorded if entry.kind == "act"]
    for whose, kind, text in wanted:
        like = {"kind": kind, "state": whose, "instrument": file.slug, "text": text}
        if not any(all(act.get(key) == value for key, value in like.items()) for act in acts):
            yield Wrong(kind, f"an act of {whose} in the register", text)


def _enact(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    yield from _entered(book, file, line.get("instrument"), list(file.bound), None)


def _certify(_book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    text = file.composition
    copies = {language: sha256(to_akn(text, language)).hexdigest() for language in text.languages}
    if line["copies"] != copies:
        yield Wrong("copies", copies, line["copies"])


def _deposit(book: Book, file: File, line: Line, _edition: ProcedureMap) -> Wrongs:
    if not acting(line, depositary=file.composition.depositary) & {"depositary", "secretariat"}:
        yield from _for_own_state(line)
    held = file.sealed is not None and file.sealed[1] is not None and file.signing is not None
    if held and line["act"] in {"ratification", "definitive_signature"}:
        signatories = file.signing.signatories if file.signing else []
        if line["state"] not in signatories:
            yield Wrong("state", " or ".join(signatories) + ", which signed", line["state"])
    entry = book.registered(line["entry"])
    wanted = {"state": line["state"], "kind": line["act"], "instrument": file.slug}
    found = {} if entry is None or entry.kind != "act" else {key: entry.content.get(key) for key in wanted}
    if found != wanted:
        yield Wrong("act in the register", wanted, found)


_TAKEN: Final[Mapping[str, Callable[[Book, File, Line, ProcedureMap], Wrongs]]] = {
    "propose": _propose,
    "revise": _revise,
    "register": _register,
    "circulate": _circulate,
    "opine": _opine,
    "amend": _amend,
    "place": _place,
    "postpone": _off_agenda,
    "refer": _off_agenda,
    "withdraw": _withdraw,
    "open_vote": _open_vote,
    "vote": _vote,
    "close_vote": _close_vote,
    "report": _report,
    "open_signature": _open_signature,
    "sign": _sign,
    "close_signature": _close_signature,
    "enact": _enact,
    "certify": _certify,
    "deposit": _deposit,
}
"""What a step says besides that it was taken."""
