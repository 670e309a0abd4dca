"""How a council works from proposal to entry into force, as data: one map for each edition of its Rules of procedure.

A map has stages and steps between them. A step says from which stages it may be taken, where it leads, who may take it
and which gates must be open. A meeting of 1994 is replayed on the map of 1992; a meeting held before there were Rules
is replayed on that of a conference (Vienna Convention on the Law of Treaties, Arts. 9 and 10).

Examples
--------
>>> from datetime import date
>>> rules = procedure_on("cis", date(1994, 4, 15))
>>> rules.code, [step.code for step in rules.at("voting")]
('rules-1992', ['vote', 'close_vote'])
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dostastyq.errors import DostastyqError, nearest
from dostastyq.register.facts import Sourced

WHO = frozenset({"state", "secretariat", "expert", "chair", "depositary"})
"""Roles that may take a step."""

STEPS = (
    "propose",
    "revise",
    "register",
    "return",
    "circulate",
    "opine",
    "convene_experts",
    "amend",
    "table",
    "agree",
    "place",
    "withdraw",
    "postpone",
    "refer",
    "open_vote",
    "vote",
    "close_vote",
    "report",
    "enact",
    "open_signature",
    "sign",
    "close_signature",
    "certify",
    "deposit",
    "enter_into_force",
    "close",
)
"""Steps that a map may have."""

STAGES = (
    "proposed",
    "registered",
    "circulated",
    "experts",
    "agreed",
    "on_agenda",
    "postponed",
    "referred",
    "voting",
    "adopted",
    "rejected",
    "withdrawn",
    "signing",
    "signed",
    "certified",
    "recorded",
    "in_force",
    "closed",
)
"""Stages that a map may have, in the order of the main path."""

GATES = frozenset(
    {
        "reasons",
        "through_statutory_organ",
        "languages",
        "impact_attached",
        "before_deadline",
        "entitled",
        "opinions_in",
        "no_objection",
        "agreed_beforehand",
        "referred_by_session",
        "session_of_organ",
        "in_time",
        "organ_below",
        "session_open",
        "rule_known",
        "weights_in_force",
        "vote_open",
        "past_session",
        "decision_of_organ",
        "final_clauses_readable",
        "depositary_named",
        "full_powers",
        "entitled_to_sign",
        "somebody_signed",
        "in_force_by_register",
        "tasks_done",
    }
)
"""Gates that a step may name."""

ABSENCES = ("absent", "non_interest")
"""What the absence of a state counts as when the organ decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What must hold before a step is taken: one gate, or several joined by logic.

    Parameters
    ----------
    kind
        ``"gate"`` for one gate; ``"all"``, ``"any"`` or ``"not"`` of the parts. All of no parts is open.
    name
        Name of the gate, one of ``GATES``; empty where `kind` joins parts.
    parts
        What is joined.

    Examples
    --------
    >>> Gate(kind="any", parts=(Gate(kind="gate", name="reasons"), Gate(kind="gate", name="in_time"))).names
    ('reasons', 'in_time')
    """

    kind: str
    name: str = ""
    parts: tuple["Gate", ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all gates in it, each once, as written."""
        inner = (name for part in self.parts for name in part.names)
        return tuple(dict.fromkeys((self.name, *inner) if self.name else inner))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Sourced):
    """A step of a map.

    Parameters
    ----------
    code
        One of ``STEPS``.
    title
        What it is called, by language.
    froms
        Stages from which it may be taken; empty for the first step only.
    to
        Stage to which it leads; empty where it stays.
    otherwise
        Stage to which a vote that fails leads; empty for other steps.
    who
        Who may take it, of ``WHO``.
    gates
        What must hold.
    deadline
        ISO 8601 duration that the step sets or asks for; empty where none is known.
    basis
        Rule or practice it rests on, as far as known.
    verified
        Whether the text of the edition was read on it; where it was not, the basis is practice or recollection.
    """

    code: str
    title: Mapping[str, str]
    froms: tuple[str, ...]
    to: str = ""
    otherwise: str = ""
    who: frozenset[str]
    gates: Gate = field(default_factory=lambda: Gate(kind="all"))
    deadline: str = ""
    basis: str = ""
    verified: bool = False

    @property
    def leads(self) -> tuple[str, ...]:
        """Stages to which it may lead; none where it stays."""
        return tuple(stage for stage in (self.to, self.otherwise) if stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureMap(Sourced):
    """An edition of the Rules of procedure as stages and steps.

    Parameters
    ----------
    code
        Name of the edition, e.g. ``"rules-2002"``.
    title
        What it is called, by language.
    instrument
        Slug of the Rules in the register; empty for a conference without Rules.
    start, end
        First day on which it applies, and first day no longer; None while it does.
    organs
        Bodies it was made for; others use it by analogy.
    languages, languages_basis
        Languages in which a draft must be before it is circulated, and why. A proposal may ask for more.
    absence, absence_verified
        What the absence of a state counts as, and whether somebody read it.
    rule
        Rule of decision that the map itself brings; empty where each organ has its own.
    secretariat
        Organs that did the secretariat's work, by the first day on which they did.
    stages
        Titles of the stages by code, in three languages.
    steps
        Steps by code.
    gates
        Titles of the gates that its steps name, by code.
    ends
        Stages at which a draft's way is over.

    Examples
    --------
    >>> rules = procedure_named("cis", "conference")
    >>> [step.code for step in rules.at("adopted")], rules.instrument
    (['enact', 'open_signature'], '')
    """

    code: str
    title: Mapping[str, str]
    instrument: str
    start: date
    end: date | None
    organs: tuple[str, ...]
    languages: tuple[str, ...]
    languages_basis: str = ""
    absence: str
    absence_verified: bool
    rule: str = ""
    secretariat: Mapping[date, str] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, str]]
    steps: Mapping[str, Step]
    gates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ends: tuple[str, ...]

    def at(self, stage: str) -> tuple[Step, ...]:
        """List the steps that may be taken from a stage, in the order of the map; from ``""`` the first step.

        Raises
        ------
        DostastyqError
            ``CN002`` for a stage that the map does not have.
        """
        if stage and stage not in self.stages:
            raise DostastyqError("CN002", f"{self.code} has no stage {stage!r}", nearest(stage, self.stages))
        return tuple(step for step in self.steps.values() if (stage in step.froms if stage else not step.froms))

    def secretariat_on(self, on: date) -> str:
        """Name the organ that did the secretariat's work on a day; empty where there was none yet."""
        return next((organ for since, organ in sorted(self.secretariat.items(), reverse=True) if since <= on), "")


def procedure_maps(commonwealth: str = "cis") -> Mapping[str, ProcedureMap]:
    """Load the maps of a commonwealth, the oldest first.

    Raises
    ------
    DostastyqError
        ``RG003`` for an unknown commonwealth, ``RG020`` to ``RG029`` and ``CN002`` to ``CN016`` for faulty data.

    Examples
    --------
    >>> list(procedure_maps())
    ['conference', 'rules-1992', 'rules-1996', 'rules-2002', 'rules-2009']
    """
    from dostastyq.council.procedure_read import shipped_maps  # noqa: PLC0415 -- reads what is defined here

    return shipped_maps(commonwealth)


def procedure_on(commonwealth: str, on: date) -> ProcedureMap:
    """Name the map that applies on a day; before the first one's first day the first one.

    Examples
    --------
    >>> [procedure_on("cis", date(year, 12, 8)).code for year in (1991, 1996, 2008, 2026)]
    ['conference', 'rules-1996', 'rules-2002', 'rules-2009']
    """
    maps = tuple(procedure_maps(commonwealth).values())
    return next((held for held in reversed(maps) if held.start <= on), maps[0])


def procedure_named(commonwealth: str, code: str) -> ProcedureMap:
    """Find a map by its code.

    Raises
    ------
    DostastyqError
        ``CN001`` for an edition that does not exist.

    Examples
    --------
    >>> procedure_named("cis", "rules-2002").title["en"]
    'Rules of procedure of 2002'
    """
    maps = procedure_maps(commonwealth)
    if code not in maps:
        raise DostastyqError("CN001", f"there is no edition {code!r} of the Rules of procedure", nearest(code, maps))
    return maps[code]
