"""What a signature or an act of a state makes of the register, and what stands against it."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from dostastyq.council.composer import to_akn
from dostastyq.council.model import Draft
from dostastyq.council.session_model import Signature, SignatureRound
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, Register
from dostastyq.register.journal import draft as draft_act
from dostastyq.register.journal import draft_instrument
from dostastyq.store import Draft as Record

OWN_BOOK = "2999-12-31"
"""Day up to which the acts on an instrument made here are complete: the journal is the depositary's own book, so that
what is not in it was not deposited, on whatever day one asks."""


OF_SIGNATORIES: Final = frozenset({"ratification", "definitive_signature"})
"""Consent that follows a signature (Vienna Convention, Arts. 12(2)(b) and 14(1)); who has not signed accedes."""


def check_deposit(draft: Draft, act: Act) -> None:
    """Refuse an act that the text or the round leaves no room for; what sources report of the past is as they say."""
    if draft.decision is not None and draft.decision.reported:
        return
    if act.kind == "reservation":
        check_reservation(draft, act.state)
    signatories = draft.round.signatories if draft.round else ()
    if act.kind in OF_SIGNATORIES and act.state not in signatories:
        words = act.kind.replace("_", " ")
        raise DostastyqError(
            "CN267",
            f"{draft.slug}: a {words} of {act.state}, which has not signed (Vienna Convention on the Law of Treaties, "
            "Arts. 12 and 14)",
            f"who has not signed accedes: dostastyq sign deposit {draft.slug} {act.state} accession",
        )


def check_reservation(draft: Draft, state: str) -> None:
    """Refuse a reservation to a text that prohibits them."""
    if draft.composition.record().get("params", {}).get("reservations") == "none":
        raise DostastyqError(
            "CN268",
            f"{draft.slug}: a reservation of {state}, and the text allows none (Vienna Convention on the Law of "
            "Treaties, Art. 19(a))",
            "leave it out; a statement that changes nothing in law may be made with the signature: --statement TEXT",
        )


def cited_of(given: str | Iterable[str]) -> tuple[str, ...]:
    """Give sources one or several, without empty ones."""
    texts = (given,) if isinstance(given, str) else given
    return tuple(text.strip() for text in texts if text.strip())


def copies(draft: Draft) -> dict[str, str]:
    """SHA-256 of the text of a draft in each of its languages, over its Akoma Ntoso form.

    Whoever has a copy can recompute it: ``dostastyq draft text SLUG --akn`` writes the same bytes.
    """
    composition = draft.composition
    return {language: sha256(to_akn(composition, language)).hexdigest() for language in composition.languages}


def statements(law: Register, draft: Draft, wanted: Signature, cited: tuple[str, ...]) -> list[Record]:
    """Acts that a state does with its signature: a statement, and reservations."""
    made: list[Act] = []
    if wanted.statement:
        made.append(
            Act(
                wanted.state,
                "signature_statement",
                draft.slug,
                date=wanted.day,
                text=wanted.statement,
                confidence="high",
            )
        )
    for provision, text in wanted.reservations.items():
        made.append(
            Act(
                wanted.state,
                "reservation",
                draft.slug,
                date=wanted.day,
                provisions=(provision,),
                text=text,
                confidence="high",
            )
        )
    own = f"signature round of {draft.slug}, {wanted.day}, signed by {wanted.person.name}"
    return [draft_act(act, law, sources=cited or (own,)) for act in made]


def answer_of(held: SignatureRound | None, state: str) -> Signature | None:
    """Find what a state did in a round."""
    return next((each for each in (held.signatures if held else ()) if each.state == state), None)


def said_by(signature: Signature) -> tuple[Any, ...]:
    """Give what a state said, whoever said it and when."""
    return (
        signature.signed,
        signature.statement,
        dict(signature.reservations),
        signature.subject_to_procedures,
    )


def same(one: Act, other: Act) -> bool:
    """Whether two acts say the same, wherever they come from."""
    names = ("state", "kind", "date", "effective", "towards", "provisions", "text")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def instrument(law: Register, draft: Draft, signed: Mapping[str, Any], supersedes: int | None) -> Record:
    """Make the register's entry of an instrument with its signatories."""
    key = f"council/{draft.slug}"
    title = f"council of {law.name}: {draft.slug}, {signed['place']}, {signed['date']}"
    organ = law.institutions.organs[draft.organ]
    body = "" if organ.kind == "group" else draft.organ
    record = draft.composition.record(signed=signed, source=key, adopted_by=body)
    if draft.decision is None or not draft.decision.reported:
        record["complete"] = {
            "date": OWN_BOOK,
            "note": "the book of the depositary itself",
            "src": [key],
            "conf": "high",
        }
    return draft_instrument(draft.slug, record, law, sources=[{"key": key, "title": title}], supersedes=supersedes)


def check_answer(draft: Draft, wanted: Signature) -> None:
    """Refuse what a state cannot do in the round."""
    held = draft.round
    if held is not None and wanted.day != held.day:
        raise DostastyqError(
            "CN262",
            f"{draft.slug} is signed on {held.day}, not on {wanted.day}",
            f"sign on the day of the round; later a state accedes: dostastyq sign deposit {draft.slug}",
        )
    for provision, text in wanted.reservations.items():
        if not provision.strip() or not text.strip():
            raise DostastyqError(
                "CN263",
                f"{draft.slug}: a reservation of {wanted.state} lacks its provision or its text",
                "write both: --reservation 'Art. 4=TEXT'",
            )

    if wanted.reservations:
        check_reservation(draft, wanted.state)
