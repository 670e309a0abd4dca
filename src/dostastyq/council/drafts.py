"""Drafts on their way to a session: proposal, registration, circulation, opinions, rounds of experts, agreement."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dostastyq.council.case import Case
from dostastyq.council.composer import Amendment, Composition
from dostastyq.council.desk import Desk, own_state
from dostastyq.council.impact import digest, options_of
from dostastyq.council.impact import impact as assessed
from dostastyq.council.model import STANCES, Draft, Opinion, ProposedAmendment
from dostastyq.council.plain import plain
from dostastyq.council.policy import seen_draft
from dostastyq.dates import add_duration, calendar_day
from dostastyq.errors import DostastyqError, nearest

When = str | date | None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is done with drafts before a session.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def propose(
        self,
        composition: Composition,
        *,
        organ: str,
        by: str,
        origin: str = "",
        through: str = "",
        rules: str = "",
        on: When = None,
    ) -> Draft:
        """Propose a draft to a body.

        Parameters
        ----------
        composition
            Text and machine-readable form, with the reasons.
        organ
            Code of the body that is to decide.
        by
            Who proposes it; it is the draft of their state, or of the secretariat.
        origin, through
            Sector council whose draft it is, and the statutory organ through which it comes.
        rules
            Edition of the Rules under which it travels; by default the one in force on the day of each step.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN001`` an edition that does not exist, ``CN217`` a slug in use, ``RG026`` an unknown organ, ``CN220``
            reasons that are missing.
        """
        with self.desk.work(by, on) as work:
            for code in (organ, *filter(None, (origin, through))):
                self._check_organ(code)
            slug = composition.slug
            held = work.chamber.drafts.get(slug)
            if held is not None:
                same = held.versions[0].composition == composition and held.author == work.person.place
                if same and (held.organ, held.origin) == (organ, origin):
                    return seen_draft(work.person, work.draft(slug))
                raise DostastyqError("CN217", f"there is a draft {slug!r} already", "give it another slug")
            if slug in self.desk.law().instruments:
                raise DostastyqError("CN217", f"the register has an instrument {slug!r}", "give the draft another slug")
            blank = Draft(
                slug=slug,
                organ=organ,
                origin=origin,
                through=through,
                author=work.person.place,
                rules=rules,
                stage="",
                versions=(),
            )
            case = work.check(blank, "propose", composition=composition)
            content = {
                "organ": organ,
                "origin": origin,
                "through": through,
                "rules": rules,
                "composition": composition.to_dict(),
            }
            work.record(work.moved(case, content))
        return self.desk.shown(work.person, slug)

    def revise(
        self,
        slug: str,
        composition: Composition | None = None,
        *,
        by: str,
        accept: Iterable[int] = (),
        reject: Iterable[int] = (),
        note: str = "",
        on: When = None,
    ) -> Draft:
        """Make a new version: a new text, or the old one with amendments of the experts.

        Parameters
        ----------
        slug
            The draft.
        composition
            The new text; by default the text as it stands with the accepted amendments.
        by
            Its author or the secretariat.
        accept, reject
            Numbers of proposed amendments, as the experts ruled.
        note
            Why it differs.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN218`` an amendment that there is not or that was ruled on, ``CN219`` a text that changes nothing or has
            another slug; the codes of the composer.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            taken, left = tuple(dict.fromkeys(accept)), tuple(dict.fromkeys(reject))
            ruled = _ruled(draft, taken, left)
            made = composition or draft.composition
            if taken:
                made = made.amended(draft.amendments[number - 1].amendment for number in taken)
            if made.slug != slug or (made == draft.composition and not ruled):
                found = f"its slug is {made.slug!r}" if made.slug != slug else "the text is the one that stands"
                raise DostastyqError("CN219", f"{slug}: {found}", "change the text, and keep its slug")
            case = work.check(draft, "revise", composition=made)
            if work.person.place not in {draft.author, "secretariat"}:
                raise DostastyqError(
                    "CN210", f"{slug} is the draft of {draft.author}", "put an amendment: dostastyq draft amend"
                )
            content = {"composition": made.to_dict(), "note": note, "ruled": ruled}
            work.record(work.moved(case, content))
        return self.desk.shown(work.person, slug)

    def register(self, slug: str, *, by: str, through: str = "", on: When = None) -> Draft:
        """Enter a draft into the secretariat's book; one of a sector council names the organ through which it came."""
        if through:
            self._check_organ(through)
        return self._step(slug, "register", by, on, lambda _: {"through": through}, through=through)

    def send_back(self, slug: str, *, by: str, reason: str, on: When = None) -> Draft:
        """Return a draft to its author, with the reason."""
        if not reason.strip():
            raise DostastyqError("CN219", f"{slug}: returned without a reason", "say what its author is to mend")
        return self._step(slug, "return", by, on, lambda _: {"note": reason})

    def circulate(self, slug: str, *, by: str, until: When = None, on: When = None) -> Draft:
        """Send the text as it stands to the states, with a day until which they answer.

        Raises
        ------
        DostastyqError
            ``CN224`` where no deadline is given and the edition's own is not known, or it is earlier than that;
            ``CN222``, ``CN223`` for a text that lacks a language or its assessment.
        """

        def deadline(case: Case) -> Mapping[str, Any]:
            least = add_duration(case.on, case.step.deadline) if case.step.deadline else None
            wanted = least if until is None else calendar_day(until)
            if wanted is None:
                raise DostastyqError(
                    "CN224",
                    f"{slug}: no deadline for opinions is known of {case.map.code}",
                    "give a day: --until YYYY-MM-DD",
                )
            first = least if least is not None and case.step.verified else case.on
            if wanted < first:
                raise DostastyqError(
                    "CN224",
                    f"{slug}: opinions are due by {wanted}, sooner than {case.step.deadline or 'the day itself'}",
                    f"give {first} or a later day [{case.map.code}, {case.step.basis}]",
                )
            return {"deadline": wanted.isoformat()}

        return self._step(slug, "circulate", by, on, deadline)

    def opine(
        self,
        slug: str,
        stance: str,
        *,
        by: str,
        remarks: Mapping[str, str] | None = None,
        state: str | None = None,
        on: When = None,
    ) -> Opinion:
        """Say for a state what it thinks of the text that was circulated; a later opinion takes an earlier one's place.

        Parameters
        ----------
        slug
            The draft.
        stance
            One of ``STANCES``.
        by
            Who says it.
        remarks
            Remarks by number of paragraph; the empty number is the whole. Needed with ``"remarks"`` and ``"object"``.
        state
            The state, to be checked against that of the person.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN245`` a stance that is none, or one without the remarks it needs, ``CN246`` a paragraph that there is
            not, ``CN212`` another state, ``CN224`` after the deadline, ``CN231`` a state that is not asked.
        """
        said = dict(remarks or {})
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            _check_opinion(draft, stance, said)
            code = own_state(work.person, state)
            held = draft.current_opinions.get(code)
            if held is not None and (held.stance, dict(held.remarks)) == (stance, said):
                return held
            case = work.check(draft, "opine", state=code)
            work.record(work.moved(case, {"state": code, "stance": stance, "remarks": said}))
        return self.desk.shown(work.person, slug).current_opinions[code]

    def convene_experts(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Call a round of experts on the opinions that came in."""
        return self._step(slug, "convene_experts", by, on)

    def amend(self, slug: str, amendment: Amendment, *, by: str, on: When = None) -> ProposedAmendment:
        """Put an amendment of a paragraph to the experts; it must fit the text as it stands."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            put = replace(amendment, proposer=work.person.place)
            held = next((item for item in draft.amendments if item.accepted is None and item.amendment == put), None)
            if held is not None:
                return held
            case = work.check(draft, "amend")
            draft.composition.amended([put])
            work.record(work.moved(case, {"amendment": plain(put)}))
        return self.desk.shown(work.person, slug).amendments[-1]

    def table(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Send the table of differences round: from now on every delegation sees every opinion."""
        return self._step(slug, "table", by, on)

    def agree(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Find a draft agreed with the states beforehand: none objects, and all answered or the deadline has passed."""
        return self._step(slug, "agree", by, on)

    def withdraw(self, slug: str, *, by: str, reason: str = "", on: When = None) -> Draft:
        """Withdraw a draft, which only its author or the secretariat may do."""

        def check(case: Case) -> Mapping[str, Any]:
            if case.person.place not in {case.draft.author, "secretariat"}:
                raise DostastyqError("CN210", f"{slug} is the draft of {case.draft.author}", "ask its author")
            return {"note": reason}

        return self._step(slug, "withdraw", by, on, check)

    def attach_impact(self, slug: str, *, by: str, on: When = None) -> Draft:
        """Assess what the draft as it stands does to every member, and attach it for the delegations to see.

        Raises
        ------
        DostastyqError
            ``CN247`` a draft without a scenario; the codes of the assessment.
        """
        composition = self.desk.view(by, on).draft(slug).composition
        if composition.scenario is None:
            raise DostastyqError(
                "CN247", f"{slug} has no scenario to assess", "write `scenario: {baseline: cis-2023}` in its file"
            )
        found = digest(
            assessed(
                self.desk.law(),
                slug,
                composition.record(),
                parties=composition.parties,
                **options_of(slug, composition.scenario),
            )
        )
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            work.check_act("attach_impact")
            if draft.composition != composition:
                raise DostastyqError("CN247", f"{slug} was revised meanwhile", "assess it once more")
            if draft.impact is None or dict(draft.impact.digest) != found:
                content = {"draft": slug, "version": draft.version.number, "digest": found}
                work.record(work.entry("attach_impact", content))
        return self.desk.shown(work.person, slug)

    def _step(
        self,
        slug: str,
        code: str,
        by: str,
        on: When,
        more: Callable[[Case], Mapping[str, Any]] = lambda _: {},
        **facts: Any,  # noqa: ANN401 -- what the gates look at
    ) -> Draft:
        """Take a step that says little more than that it was taken."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, code, **facts)
            work.record(work.moved(case, more(case)))
        return self.desk.shown(work.person, slug)

    def _check_organ(self, code: str) -> None:
        organs = self.desk.law().institutions.organs
        if code not in organs:
            hint = nearest(code, organs) or "list what there is: dostastyq organ list"
            raise DostastyqError("RG026", f"there is no organ {code!r}", hint)


def _ruled(draft: Draft, taken: tuple[int, ...], left: tuple[int, ...]) -> dict[str, bool]:
    """Write how the experts ruled on amendments, by number."""
    ruled: dict[str, bool] = {}
    for number in (*taken, *left):
        known = 1 <= number <= len(draft.amendments)
        if not known or draft.amendments[number - 1].accepted is not None or str(number) in ruled:
            open_ = [str(item.number) for item in draft.amendments if item.accepted is None]
            raise DostastyqError(
                "CN218",
                f"{draft.slug}: amendment {number} " + ("was ruled on already" if known else "does not exist"),
                "open ones: " + (", ".join(open_) or "none"),
            )
        ruled[str(number)] = number in taken
    return ruled


def _check_opinion(draft: Draft, stance: str, remarks: Mapping[str, str]) -> None:
    if stance not in STANCES:
        raise DostastyqError("CN245", f"{stance!r} is no opinion", nearest(stance, STANCES))
    if stance in {"remarks", "object"} and not any(text.strip() for text in remarks.values()):
        raise DostastyqError("CN245", f"{stance} without a remark", "say what about: --remark 3.1=TEXT")
    if not draft.circulated:
        return
    numbers = {item.number for item in draft.versions[draft.circulated - 1].composition.paragraphs()}
    for number in remarks:
        if number and number not in numbers:
            raise DostastyqError(
                "CN246", f"{draft.slug} has no paragraph {number!r}", nearest(number, numbers) or "give its number"
            )
