"""From a text that was adopted to law: signature round, certified copies, acts of states, entry into force.

The first signature enters the instrument into the register, each later one its longer list of signatories, in the same
transaction as the signature itself: its status answers at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dostastyq.council.case import Case
from dostastyq.council.desk import Desk, Work, own_state
from dostastyq.council.information import held_entry, informed, recorded
from dostastyq.council.model import Draft
from dostastyq.council.policy import ACTS, check_part, parts
from dostastyq.council.session_model import Signature, SignatureRound
from dostastyq.council.signing import (
    answer_of,
    check_answer,
    check_deposit,
    cited_of,
    copies,
    instrument,
    said_by,
    same,
    statements,
)
from dostastyq.dates import DayLike
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register import Act, Forecast
from dostastyq.register.acts import ACT_KINDS, ORGAN_ACTS
from dostastyq.register.facts import Confidence
from dostastyq.register.journal import draft as draft_act
from dostastyq.register.journal import draft_instrument

When = str | date | None


@dataclass(frozen=True, slots=True)
class Signatures:
    """What makes law of a draft that was adopted.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def open(self, slug: str, *, by: str, place: str = "", on: When = None) -> SignatureRound:
        """Open the signature round, at the place of the session by default.

        Raises
        ------
        DostastyqError
            ``CN222`` a language that is missing, ``CN238`` final clauses that cannot be computed, ``CN239`` no
            depositary.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "open_signature")
            where = place or (case.session.place if case.session else "")
            if not where:
                raise DostastyqError("CN260", f"{slug}: no place of signature", "name it: --place TEXT")
            work.record(work.moved(case, {"place": where}))
        return self._round(slug)

    def sign(
        self,
        slug: str,
        *,
        by: str,
        statement: str = "",
        reservations: Mapping[str, str] | None = None,
        subject_to_procedures: bool = False,
        source: str | Iterable[str] = "",
        state: str | None = None,
        on: When = None,
    ) -> Signature:
        """Sign for a state. It signs once; the same again is answered with what is recorded.

        Parameters
        ----------
        slug
            Draft whose round is open.
        by
            Who signs for the state: its head, its foreign minister, or somebody with full powers.
        statement
            Special opinion to be put on record.
        reservations
            Text of reservations by provision, e.g. ``{"Art. 4": "does not apply to sugar"}``.
        subject_to_procedures
            Whether the signature is subject to internal procedures where that of others is definitive.
        source
            Where a statement or a reservation made with it comes from; by default the round itself.
        state
            The state, to be checked against that of the person.
        on
            Day of the step, which is the round's.

        Raises
        ------
        DostastyqError
            ``CN240`` without full powers, ``CN241`` a state that may not sign, ``CN261`` another signature of the same
            state, ``CN262`` on another day, ``CN263`` a reservation without text, ``CN268`` one to a text that allows
            none.
        """
        return self._answer(
            slug,
            by,
            on,
            state,
            signed=True,
            statement=statement,
            reservations=dict(reservations or {}),
            subject_to_procedures=subject_to_procedures,
            cited=cited_of(source),
        )

    def decline(
        self, slug: str, *, by: str, statement: str = "", state: str | None = None, on: When = None
    ) -> Signature:
        """Say for a state that it does not sign, and why."""
        return self._answer(slug, by, on, state, signed=False, statement=statement)

    def close(self, slug: str, *, by: str, source: str = "", on: When = None) -> SignatureRound:
        """End the round.

        Parameters
        ----------
        slug, by, on
            As in `open`.
        source
            For a round of the past whose signatories no source lists: who says that it was signed.

        Raises
        ------
        DostastyqError
            ``CN242`` where nobody signed.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "close_signature", source=source.strip())
            held = draft.round
            unlisted = held is not None and not held.signatories
            content: dict[str, Any] = {}
            if held is not None and unlisted:
                signed = {"date": held.day.isoformat(), "place": held.place, "by": []}
                entries = work.record(instrument(self.desk.law(), draft, signed, None))
                content = {"instrument": entries[0].sequence, "source": source.strip()}
            work.record(work.moved(case, content))
        return self._round(slug)

    def enact(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Enter a decision of an organ into the register; it needs no signature round."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "enact")
            decision = draft.decision
            signed = {
                "date": work.on.isoformat(),
                "place": case.session.place if case.session else "",
                "by": list(decision.bound) if decision else [],
            }
            entries = work.record(instrument(self.desk.law(), draft, signed, None))
            work.record(work.moved(case, {"instrument": entries[0].sequence}))
        return self.desk.shown(work.person, slug)

    def certify(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Issue certified copies: the SHA-256 of the text in each of its languages is sealed in the journal."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "certify")
            work.record(work.moved(case, {"copies": copies(draft)}))
        return self.desk.shown(work.person, slug)

    def deposit(
        self,
        slug: str,
        state: str,
        act: str,
        *,
        by: str,
        source: str | Iterable[str] = "",
        confidence: Confidence = "high",
        day: DayLike | None = None,
        effective: DayLike | None = None,
        provisions: tuple[str, ...] = (),
        towards: tuple[str, ...] = (),
        through: str = "",
        text: str = "",
        on: When = None,
    ) -> Forecast:
        """Record an act of a state about an instrument that was signed: ratification, notification, withdrawal.

        Parameters
        ----------
        slug, state, act
            Instrument, code of the state, and one of ``register.acts.ACT_KINDS``.
        by
            The depositary, the secretariat, or the state itself.
        source
            Where it comes from, one or several; by default the note that was deposited on the day.
        confidence
            How far that is to be relied on.
        day
            Day of the act, as EDTF text where it is not quite known; by default the day of the step. Empty for an act
            whose day nobody knows.
        effective, provisions, towards, through, text
            As of `dostastyq.register.Act`.
        on
            Day of the deposit.

        Returns
        -------
        Forecast
            What is missing now before the instrument is in force.

        Raises
        ------
        DostastyqError
            ``CN264`` an act that is none; ``CN267`` a ratification of what the state has not signed; ``CN268`` a
            reservation to a text that allows none; ``CN212`` an act of another state; the codes of the register for an
            act that cannot be.
        """
        kinds = ACT_KINDS - ORGAN_ACTS
        if act not in kinds:
            raise DostastyqError("CN264", f"{act!r} is no act of a state", nearest(act, kinds))
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "deposit")
            held = parts(work.person, depositary=draft.composition.depositary)
            if not held & {"depositary", "secretariat"}:
                own_state(work.person, state)
            made = Act(
                state,
                act,
                slug,
                date=work.on if day is None else day or None,
                effective=effective,
                provisions=provisions,
                towards=towards,
                through=through,
                text=text,
                confidence=confidence,
            )
            own = f"note of {state} deposited on {work.on}, recorded by {work.person.name}"
            cited = cited_of(source) or (own,)
            check_deposit(draft, made)
            if any(same(made, other) for other in case.law.instrument(slug).acts):
                return case.law.forecast(slug, work.on)
            entries = work.record(draft_act(made, case.law, sources=cited))
            work.record(work.moved(case, {"state": state, "act": act, "entry": entries[0].sequence}))
        return self.desk.law().forecast(slug, work.on)

    def inform(self, slug: str, facts: Mapping[str, Any], *, by: str, on: When = None) -> Forecast:
        """Record what the depositary or a source states of an instrument, besides acts of states.

        Parameters
        ----------
        slug
            An instrument that was signed or adopted here.
        facts
            What is stated, in the shape of an instrument of the register's files: each fact with ``src``, keys of the
            register's sources, and ``conf``.
        by
            The depositary or the secretariat.
        on
            Day of the step.

        Returns
        -------
        Forecast
            What is missing now before the instrument is in force.

        Raises
        ------
        DostastyqError
            ``CN265`` for what information cannot change, ``CN266`` before it was signed or enacted; the codes
            of the register for facts that cannot be read.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            held = parts(work.person, depositary=draft.composition.depositary)
            check_part(work.person, ACTS["inform"], held, "inform of an instrument")
            law = self.desk.law()
            sequence = held_entry(law, slug)
            if sequence is None or (draft.round is not None and not draft.round.closed):
                raise DostastyqError(
                    "CN266", f"{slug} is not signed yet by all who sign", "let it be enacted, or its round end, first"
                )
            record, sources = recorded(self.desk.journal.read("register"), sequence)
            made = informed(slug, record, facts)
            if made != record:
                entries = work.record(draft_instrument(slug, made, law, sources=sources, supersedes=sequence))
                work.record(work.entry("inform", {"draft": slug, "instrument": entries[0].sequence}))
        return self.desk.law().forecast(slug, work.on)

    def enter_into_force(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Note that an instrument is in force, which the register alone says; ``CN243`` while it is not."""
        return self._step(slug, "enter_into_force", by, on)

    def finish(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Close the file of a draft, once every task that follows from it is done."""
        return self._step(slug, "close", by, on)

    def _answer(
        self,
        slug: str,
        by: str,
        on: When,
        state: str | None,
        cited: tuple[str, ...] = (),
        **given: Any,  # noqa: ANN401 -- fields of Signature
    ) -> Signature:
        """Record what a state does in the round, and what it makes of the instrument."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            code = own_state(work.person, state)
            wanted = Signature(
                state=code,
                day=work.on,
                person=work.person,
                **{"reservations": {}, "subject_to_procedures": False, **given},
            )
            held = answer_of(draft.round, code)
            if held is not None:
                if said_by(held) == said_by(wanted):
                    return held
                did = "signed" if held.signed else "declined to sign"
                raise DostastyqError("CN261", f"{slug}: {code} has {did}", "what a state did in the round stands")
            case = work.check(draft, "sign", state=code, signed=wanted.signed)
            check_answer(draft, wanted)
            law_entries = self._law(work, case, wanted, cited)
            content = {
                "state": code,
                "signed": wanted.signed,
                "statement": wanted.statement or None,
                "reservations": dict(wanted.reservations) or None,
                "subject_to_procedures": wanted.subject_to_procedures or None,
                "instrument": law_entries,
            }
            work.record(work.moved(case, content))
        return answer_of(self.desk.chamber().draft(slug).round, code) or wanted

    def _law(self, work: Work, case: Case, wanted: Signature, cited: tuple[str, ...]) -> int | None:
        """Write the instrument as the signature leaves it, and the statements made with it; give the entry."""
        draft = case.draft
        held = draft.round
        answers = (*(held.signatures if held else ()), wanted)
        signatories = [each.state for each in answers if each.signed]
        if not signatories or held is None:
            return None
        signed = {
            "date": held.day.isoformat(),
            "place": held.place,
            "by": signatories,
            "not_by": [each.state for each in answers if not each.signed],
            "subject_to": [each.state for each in answers if each.signed and each.subject_to_procedures],
        }
        standing = held.entry if draft.slug in case.law.instruments else 0
        made = instrument(
            self.desk.law(), draft, {key: value for key, value in signed.items() if value}, standing or None
        )
        entries = work.record(made)
        sequence = entries[0].sequence
        spoken = [each for each in (answers if not held.entry else (wanted,)) if each.statement or each.reservations]
        if spoken:
            law = case.law.propose(draft.slug, made.payload["record"], sources=made.payload["sources"], replaces=True)
            told = [(each, cited if each is wanted else ()) for each in spoken]
            work.record(*(act for each, source in told for act in statements(law, draft, each, source)))
        return sequence

    def _step(self, slug: str, code: str, by: str, on: When) -> Draft:
        with self.desk.work(by, on) as work:
            case = work.check(work.draft(slug), code)
            work.record(work.moved(case, {}))
        return self.desk.shown(work.person, slug)

    def _round(self, slug: str) -> SignatureRound:
        held = self.desk.chamber().draft(slug).round
        if held is None:
            raise DostastyqError("CN260", f"{slug}: there is no signature round", "run: dostastyq db verify")
        return held
