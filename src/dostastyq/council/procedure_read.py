"""From YAML to `ProcedureMap`, with checks: no dead end, every stage and step reachable, days without a hole.

The folder ``council/procedures`` of a commonwealth holds ``words.yaml``, which names stages, steps and gates in
three languages, and one file for each map, named by the code of the map.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import yaml

from dostastyq.council.procedure import ABSENCES, GATES, STAGES, STEPS, WHO, Gate, ProcedureMap, Step
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register.law import Register
from dostastyq.register.loader import COMMONWEALTHS, load
from dostastyq.register.reader import Reader, Record, compose
from dostastyq.register.schema_base import FACT, LANGUAGES, Known, read_calendar_day, read_duration

Titles = Mapping[str, Mapping[str, str]]
WORDS = "words.yaml"
RECOLLECTION = frozenset({"own"})
"""Sources in which nobody read anything."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a map may refer to.

    Parameters
    ----------
    known
        Sources and instruments of the register.
    organs, rules
        Codes of its organs and rules of decision.
    stages, steps, gates
        Titles by code.
    """

    known: Known
    organs: frozenset[str]
    rules: frozenset[str]
    stages: Titles
    steps: Titles
    gates: Titles


@lru_cache(maxsize=8)
def shipped_maps(commonwealth: str) -> Mapping[str, ProcedureMap]:
    """Read the maps that a commonwealth ships."""
    register = load(commonwealth)
    return read_maps(COMMONWEALTHS / commonwealth / "council" / "procedures", register)


def read_maps(folder: Path, register: Register) -> Mapping[str, ProcedureMap]:
    """Read and check a folder of maps.

    Parameters
    ----------
    folder
        Folder with ``words.yaml`` and one file for each map.
    register
        Register whose sources, organs, rules and instruments the maps name.
    """
    files = sorted(file for file in folder.glob("*.yaml") if file.name != WORDS)
    if not files or not (folder / WORDS).is_file():
        raise DostastyqError("CN003", f"{folder} has no maps of procedure", f"write {WORDS} and one file for each map")
    frame = read_frame((folder / WORDS).read_text(encoding="utf-8"), register)
    maps = [read_map(file.read_text(encoding="utf-8"), file.name, frame) for file in files]
    maps.sort(key=lambda held: held.start)
    check_days(maps)
    return MappingProxyType({held.code: held for held in maps})


def read_frame(words: str, register: Register) -> Frame:
    """Read the titles of stages, steps and gates; everything that a map may have needs one."""
    record = compose(words, WORDS).record(("stages", "steps", "gates"))
    return Frame(
        known=Known(frozenset(register.sources), frozenset(register.states), frozenset(register.instruments)),
        organs=frozenset(register.institutions.organs),
        rules=frozenset(register.institutions.rules),
        stages=_titles(record["stages"], STAGES),
        steps=_titles(record["steps"], STEPS),
        gates=_titles(record["gates"], GATES),
    )


def _titles(at: Reader, codes: Collection[str]) -> Titles:
    return MappingProxyType({code: _title(node) for code, node in at.record(codes).found.items()})


def _title(at: Reader) -> Mapping[str, str]:
    record = at.record(LANGUAGES)
    return MappingProxyType({language: record.text(language) for language in LANGUAGES})


def read_map(text: str, file: str, frame: Frame) -> ProcedureMap:
    """Read and check one map.

    Parameters
    ----------
    text
        The YAML text.
    file
        Name of its file; without the ending it is the code of the map.
    frame
        What the map may refer to.
    """
    record = compose(text, file).record(
        ("title", "start", "organs", "languages", "absence", "stages", "ends", "steps"),
        ("instrument", "end", "rule", "secretariat", *FACT),
    )
    stages = record["stages"].words(frame.stages, "a stage of words.yaml", "CN002")
    languages = record["languages"].record(("codes", "basis"))
    absence = record["absence"].record(("counts_as", "verified"))
    steps = {code: _read_step(code, at, stages, frame) for code, at in record["steps"].entries()}
    gates = dict.fromkeys(name for step in steps.values() for name in step.gates.names)
    held = ProcedureMap(
        code=file.removesuffix(".yaml"),
        title=_title(record["title"]),
        instrument=record.get("instrument", frame.known.slug, ""),
        start=read_calendar_day(record["start"]),
        end=record.get("end", read_calendar_day, None),
        organs=record["organs"].words(frame.organs, "an organ of organs.yaml", "CN004"),
        languages=languages["codes"].words(LANGUAGES, "a language"),
        languages_basis=languages.text("basis"),
        absence=absence["counts_as"].word(ABSENCES, "what absence may count as"),
        absence_verified=absence["verified"].flag(),
        rule=record.get("rule", lambda at: at.word(frame.rules, "a rule of rules.yaml", "CN004"), ""),
        secretariat=record.get("secretariat", lambda at: _secretariat(at, frame), MappingProxyType({})),
        stages=MappingProxyType({stage: frame.stages[stage] for stage in stages}),
        steps=MappingProxyType(steps),
        gates=MappingProxyType({gate: frame.gates[gate] for gate in gates}),
        ends=record["ends"].words(stages, "a stage of this map", "CN002"),
        **frame.known.sourced(record),
    )
    check_map(held, record)
    return held


def _secretariat(at: Reader, frame: Frame) -> Mapping[date, str]:
    days = {}
    for item in at.items():
        record = item.record(("organ", "from"))
        organ = record["organ"].word(frame.organs, "an organ of organs.yaml", "CN004")
        days[read_calendar_day(record["from"])] = organ
    return MappingProxyType(days)


def _read_step(code: str, at: Reader, stages: Collection[str], frame: Frame) -> Step:
    if code not in frame.steps:
        at.refuse("CN005", f"{code!r} is not a step", nearest(code, STEPS))
    record = at.record(("from", "who", "basis", "verified"), ("to", "otherwise", "gates", "deadline", *FACT))
    stage = "a stage of this map"
    step = Step(
        code=code,
        title=frame.steps[code],
        froms=record["from"].words(stages, stage, "CN002"),
        to=record.get("to", lambda at: at.word(stages, stage, "CN002"), ""),
        otherwise=record.get("otherwise", lambda at: at.word(stages, stage, "CN002"), ""),
        who=frozenset(record["who"].words(WHO, "who may take a step", "CN007")),
        gates=record.get("gates", read_gates, Gate(kind="all")),
        deadline=record.get("deadline", _duration, ""),
        basis=record.text("basis"),
        verified=record["verified"].flag(),
        **frame.known.sourced(record),
    )
    _check_step(step, record)
    return step


def _duration(at: Reader) -> str:
    try:
        return read_duration(at)
    except DostastyqError as error:
        raise DostastyqError("CN008", error.message, error.hint) from None


def read_gates(at: Reader) -> Gate:
    """Read a tree of gates: a name, a list of which all must be open, or a mapping of ``all``, ``any`` or ``not``."""
    if at.is_text:
        return Gate(kind="gate", name=at.word(GATES, "a gate", "CN006"))
    if isinstance(at.node, yaml.SequenceNode):
        return Gate(kind="all", parts=tuple(map(read_gates, at.items())))
    entries = list(at.entries())
    if len(entries) != 1 or entries[0][0] not in {"all", "any", "not"}:
        at.refuse("CN006", "expected one of all, any and not", "write {any: [first, second]} or {not: name}")
    kind, node = entries[0]
    parts = (read_gates(node),) if kind == "not" else tuple(map(read_gates, node.items()))
    if kind == "any" and not parts:
        node.refuse("CN006", "any of nothing is never open", "name a gate, or remove the key")
    return Gate(kind=kind, parts=parts)


def _check_step(step: Step, record: Record) -> None:
    if (step.code == "propose") == bool(step.froms):
        record["from"].refuse(
            "CN009", f"{step.code!r} from {list(step.froms)}", "only propose begins at no stage, and it begins at none"
        )
    if (step.code == "close_vote") != bool(step.otherwise):
        record.at.refuse(
            "CN010", f"{step.code!r} and otherwise", "close_vote, and no other step, says where a failed vote leads"
        )
    if step.code == "propose" and not step.to:
        record.at.refuse("CN010", "'propose' leads nowhere", "name the first stage as to")
    if not step.who:
        record["who"].refuse("CN007", "nobody may take this step", "name one of " + ", ".join(sorted(WHO)))
    if step.verified and RECOLLECTION.issuperset(step.sources):
        record["verified"].refuse(
            "CN011", "verified, but by recollection alone", "name the source that was read, or write verified: false"
        )


def check_map(held: ProcedureMap, record: Record) -> None:
    """Check that every stage and step is reachable, that every stage leads to an end, and that ends are ends."""
    steps = held.steps.values()
    if "propose" not in held.steps:
        record["steps"].refuse("CN012", "no step 'propose'", "a map begins with it")
    reached = _closure({held.steps["propose"].to}, [(stage, step.leads) for step in steps for stage in step.froms])
    for stage in held.stages:
        if stage not in reached:
            record["stages"].refuse("CN012", f"stage {stage!r} is never reached", "add a step to it, or remove it")
    back = [(goal, (stage,)) for step in steps for stage in step.froms for goal in step.leads]
    alive = _closure(held.ends, back)
    for stage in held.stages:
        if stage not in alive:
            record["ends"].refuse("CN013", f"from {stage!r} no end is reached", "add a step onwards, or make it an end")
    for step in steps:
        left = [stage for stage in step.froms if stage in held.ends and step.leads]
        if left:
            record["ends"].refuse("CN014", f"{step.code!r} leads out of the end {left[0]!r}", "an end is not left")
    if held.end is not None and held.end <= held.start:
        record["end"].refuse("CN015", f"it ends on {held.end}, before it began", "write the first day without it")


def _closure(starts: Iterable[str], edges: Iterable[tuple[str, tuple[str, ...]]]) -> set[str]:
    """Everything that is reached from some stages."""
    onwards: dict[str, set[str]] = {}
    for stage, goals in edges:
        onwards.setdefault(stage, set()).update(goals)
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        stage = waiting.pop()
        if stage not in reached:
            reached.add(stage)
            waiting.extend(onwards.get(stage, ()))
    return reached


def check_days(maps: Collection[ProcedureMap]) -> None:
    """Check that the days of some maps, the oldest first, neither overlap nor leave a hole, and last until today."""
    ordered = tuple(maps)
    for one, two in pairwise(ordered):
        if one.end != two.start:
            end = "has no end" if one.end is None else f"ends on {one.end}"
            raise DostastyqError(
                "CN015",
                f"{one.code}.yaml (end): {one.code} {end}, but {two.code} begins on {two.start}",
                "every day needs exactly one edition: write the same day in both",
            )
    if ordered[-1].end is not None:
        last = ordered[-1]
        raise DostastyqError(
            "CN015",
            f"{last.code}.yaml (end): nothing applies from {last.end} on",
            "remove the end, or add the next map",
        )
