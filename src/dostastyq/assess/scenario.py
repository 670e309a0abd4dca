"""Which worlds are compared: the law with an agreement, and the law without it or changed.

The world without an agreement lacks the agreement, accessions to it and acts under it; what it terminated stays
terminated and other treaties stay (`Register.without`). The world with no preference strips the same pairs of every
preference that is not deeper than the agreement's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dostastyq import register
from dostastyq.assess.regime import DEPTH, Design, between, design, replace
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.register import Register, Step
from dostastyq.register.status import GRADES

UNIONS = frozenset({"customs_union", "economic_union"})


@dataclass(frozen=True, slots=True)
class Worlds:
    """The two sides of one contrast.

    Parameters
    ----------
    otherwise
        ``"register"``, ``"none"`` or the slug of the law that stands in for the agreement.
    from_world, to_world
        What each world is, in words.
    before, after
        The law between pairs in each (see `dostastyq.assess.regime`).
    """

    otherwise: str
    from_world: Text
    to_world: Text
    before: Design
    after: Design


@dataclass(frozen=True, slots=True)
class Scenario:
    """An agreement, or a change of its membership, as worlds to compare.

    Parameters
    ----------
    agreement
        Slug of the instrument.
    title
        Its title by language.
    preference
        Kind of preference it establishes.
    change
        ``"exists"``, ``"leave"``, ``"join"`` or ``"leave and join"``.
    leave, join
        States whose membership changes.
    members
        States bound by it in the world that has it (leavers and joiners included).
    on
        Day at which the law is read.
    states
        Order of the axes of every design.
    worlds
        One entry a contrast; contrasts that compare the same worlds are merged.
    proof
        The recorded facts that bind the members, one line each.
    """

    agreement: str
    title: dict[str, str]
    preference: str
    change: str
    leave: tuple[str, ...]
    join: tuple[str, ...]
    members: tuple[str, ...]
    on: date
    states: tuple[str, ...]
    worlds: tuple[Worlds, ...]
    proof: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain description for reports and JSON."""
        return {
            "agreement": self.agreement,
            "title": self.title,
            "preference": self.preference,
            "change": self.change,
            "states": list(self.states),
            "leave": list(self.leave),
            "join": list(self.join),
            "members": list(self.members),
        }


def scenario(
    agreement: str,
    law: Register,
    on: date,
    *,
    leave: Sequence[str] = (),
    join: Sequence[str] = (),
    otherwise: str | None = None,
    without: Register | None = None,
) -> Scenario:
    """Turn an agreement, or a change of its membership, into the worlds to compare.

    Parameters
    ----------
    agreement
        Slug of an instrument that establishes preferences in goods.
    law
        The register.
    on
        Day at which both worlds' law is read.
    leave, join
        Members that leave, states that join.
    otherwise
        ``"register"``: what would apply by the register; ``"none"``: no preference; or the slug of a law that is
        taken to apply between the pairs instead. None compares with the first and the second.
    without
        What would apply by the register, where that is not `law` without the agreement: for a draft, the law in force.

    Raises
    ------
    DostastyqError
        If the agreement is unknown, establishes no preference in goods, or is not in force on `on`; if a leaver is no
        member or a joiner already is one.
    """
    instrument = law.instrument(agreement)
    preference = _kind(law, agreement)
    if preference == "none":
        raise DostastyqError(
            "AS002",
            f"{agreement} establishes no preference in goods by itself, so it has no effect on trade to assess",
            "assess one that does: " + ", ".join(_with_preference(law)),
        )
    members = _family_parties(law, agreement, on)
    if not members:
        raise _not_in_force(law, agreement, on)
    _check_membership(agreement, members, on, leave, join)
    states = tuple(sorted(law.pairs(on)["exporter"].unique()))
    here = _Here(law, agreement, preference, on, states, members, tuple(leave), tuple(join), without)
    options = ("register", "none") if otherwise is None else (otherwise,)
    worlds = [here.existence(o) if here.change == "exists" else here.membership(o) for o in options]
    return Scenario(
        agreement=agreement,
        title=dict(instrument.title),
        preference=preference,
        change=here.change,
        leave=here.leave,
        join=here.join,
        members=tuple(sorted({*members, *join})),
        on=on,
        states=states,
        worlds=tuple(_distinct(worlds)),
        proof=_proof(law, agreement, members, on),
    )


@dataclass(frozen=True)
class _Here:
    """The question while its worlds are made."""

    law: Register
    agreement: str
    preference: str
    on: date
    states: tuple[str, ...]
    members: tuple[str, ...]
    leave: tuple[str, ...]
    join: tuple[str, ...]
    bare: Register | None = None

    @property
    def change(self) -> str:
        return " and ".join(name for name in ("leave", "join") if getattr(self, name)) or "exists"

    def read(self, law: Register) -> Design:
        return design(law.pairs(self.on), self.states)

    def existence(self, otherwise: str) -> Worlds:
        """Compare the law without the agreement with the law with it."""
        after = self.read(self.law)
        if otherwise == "register":
            before = self.read(self.bare or self.law.without(self.agreement))
        else:
            mask = self._operative(between(self.states, self.members, self.members))
            before = replace(after, mask, self._kind(otherwise))
        return Worlds(
            otherwise,
            self._without(otherwise),
            Text("the law in force on {on:date}, with {title}", on=self.on, title=self._title),
            before,
            after,
        )

    def membership(self, otherwise: str) -> Worlds:
        """Compare the law in force with the law after states left or joined."""
        before = self.read(self.law)
        acts = [register.leave(state, self.agreement, self.on) for state in self.leave]
        acts += [register.join(state, self.agreement, self.on) for state in self.join]
        after = self.read(self.law.overlay(acts))
        if otherwise != "register":
            kind = self._kind(otherwise)
            remaining = set(self.members) - set(self.leave)
            leavers = self._operative(between(self.states, self.leave, self.members))
            joiners = between(self.states, self.join, remaining | set(self.join))
            before, after = replace(before, joiners, kind), replace(after, leavers, kind)
        return Worlds(otherwise, self._present(otherwise), self._changed(otherwise), before, after)

    def _operative(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Pairs of `mask` to which the agreement applies and between which nothing deeper does."""
        family = _family(self.law, self.agreement)
        deeper = [
            slug
            for slug in self.law.instruments
            if DEPTH[_kind(self.law, slug)] > DEPTH[self.preference] and slug not in family
        ]
        result = np.zeros_like(mask)
        for i, j in zip(*np.nonzero(mask), strict=True):
            pair = self.states[j], self.states[i]
            applied = any(self.law.applies(slug, *pair, on=self.on) for slug in family)
            result[i, j] = applied and not any(self.law.applies(slug, *pair, on=self.on) for slug in deeper)
        return result

    def _kind(self, otherwise: str) -> str:
        if otherwise == "none":
            return "none"
        kind = _kind(self.law, otherwise)
        if kind == "none":
            raise DostastyqError(
                "AS003",
                f"--otherwise {otherwise}: this instrument establishes no preference in goods",
                "use 'register', 'none' or one of: " + ", ".join(_with_preference(self.law)),
            )
        return kind

    @property
    def _title(self) -> dict[str, str]:
        return dict(self.law.instrument(self.agreement).title)

    def _without(self, otherwise: str) -> Text:
        match otherwise:
            case "register" if self.bare is not None:
                return Text("the law in force on {on:date}, without {title}", on=self.on, title=self._title)
            case "register":
                return Text(
                    "the law without it: what would otherwise apply by the register on {on:date}; "
                    "what it terminated stays terminated",
                    on=self.on,
                )
            case "none":
                return Text("the same day with no preference at all between the pairs it covers")
            case _:
                title = dict(self.law.instrument(otherwise).title)
                return Text("the same day with {title} between the pairs it covers instead", title=title)

    def _present(self, otherwise: str) -> Text:
        if self.join and otherwise != "register":
            return Text(
                "the law in force on {on:date}, with no preference between {states:territories} and the members"
                if otherwise == "none"
                else "the law in force on {on:date}, with {law} between {states:territories} and the members",
                on=self.on,
                states=self.join,
                law=otherwise,
            )
        return Text("the law in force on {on:date}", on=self.on)

    def _changed(self, otherwise: str) -> Text:
        values = {"on": self.on, "leave": self.leave, "join": self.join, "law": otherwise}
        if self.leave and self.join:
            return Text("the same law after {leave:territories} left and {join:territories} joined", **values)
        if self.join:
            return Text("the same law after {join:territories} joined", **values)
        match otherwise:
            case "register":
                return Text(
                    "the same law after {leave:territories} left; other treaties stay between them and the members",
                    **values,
                )
            case "none":
                return Text(
                    "the same law after {leave:territories} left, with no preference between them and the members",
                    **values,
                )
            case _:
                return Text(
                    "the same law after {leave:territories} left, with {law} between them and the members", **values
                )


def _with_preference(law: Register) -> list[str]:
    return sorted(slug for slug in law.instruments if _kind(law, slug) != "none")


def _kind(law: Register, slug: str) -> str:
    """Give the kind of preference in goods that an instrument establishes."""
    return law.instrument(slug).preference.kind or "none"


def _family(law: Register, agreement: str) -> frozenset[str]:
    """Find the agreement, accessions to it and acts under it."""
    return frozenset(law.instruments) - frozenset(law.without(agreement).instruments)


def _family_parties(law: Register, agreement: str, on: date) -> tuple[str, ...]:
    preferential = (slug for slug in _family(law, agreement) if _prefers(law, slug, on))
    return tuple(sorted({state for slug in preferential for state in law.parties(slug, on)}))


def _prefers(law: Register, slug: str, on: date) -> bool:
    """Say whether an instrument's preference in goods, if it has one, may be in effect on a day."""
    preference = law.instrument(slug).preference
    begun = preference.start is None or preference.start.at_or_before(on) is not False
    ended = preference.end is not None and preference.end.at_or_before(on) is True
    return preference.kind is not None and begun and not ended


def _not_in_force(law: Register, agreement: str, on: date) -> DostastyqError:
    span, preference = law.in_force_period(agreement), law.instrument(agreement).preference
    bounds = (("from", preference.start or span.start), ("until", preference.end or span.end))
    period = " ".join(f"{word} {day}" for word, day in bounds if day is not None)
    in_force = [slug for slug in _with_preference(law) if _prefers(law, slug, on) and law.parties(slug, on)]
    successor = law.successor(agreement)
    while successor is not None and successor not in in_force:
        successor = law.successor(successor)
    if successor is not None:
        hint = f"its successor in force on that day is {successor}: dostastyq assess {successor} --on {on}"
    else:
        hint = "in force on that day: " + (", ".join(in_force) or "no agreement with preferences in goods")
    return DostastyqError("AS001", f"{agreement} is not in force on {on} (in force {period or 'never'})", hint)


def _check_membership(
    agreement: str, members: tuple[str, ...], on: date, leave: Iterable[str], join: Iterable[str]
) -> None:
    listed = ", ".join(members)
    for state in leave:
        if state not in members:
            raise DostastyqError(
                "AS004", f"--leave {state}: not bound by {agreement} on {on}", f"bound on that day: {listed}"
            )
    for state in join:
        if state in members:
            raise DostastyqError(
                "AS005",
                f"--join {state}: already bound by {agreement} on {on}",
                "to see what its leaving would do, use --leave",
            )


def _distinct(worlds: Iterable[Worlds]) -> list[Worlds]:
    kept: list[Worlds] = []
    for candidate in worlds:
        if not any(
            np.array_equal(candidate.before, other.before, equal_nan=True)
            and np.array_equal(candidate.after, other.after, equal_nan=True)
            for other in kept
        ):
            kept.append(candidate)
    return kept


def _proof(law: Register, agreement: str, members: tuple[str, ...], on: date) -> tuple[str, ...]:
    """Reasons for the status of each member, each once, to be said in the reader's language."""
    lines = [_line(step) for state in members for step in law.status(agreement, state, on).proof]
    return tuple(dict.fromkeys(lines))


def _line(step: Step) -> Text:
    said = Text("{reason} ({remark})", reason=step.reason, remark=step.remark) if step.remark else step.reason
    if not step.sources:
        return said
    grade = Text(GRADES[step.confidence])
    return Text("{reason} [{sources}; {grade}]", reason=said, sources=", ".join(step.sources), grade=grade)
