"""The clause library of a commonwealth: kinds of agreement, subject clauses, and final clauses as forms.

``commonwealths/<name>/council/clauses.yaml`` holds kinds of agreement and subject clauses, ``patterns.yaml`` the forms.
Every text stands in Kazakh, Russian and English and says every parameter in each of them, or the library is refused.

Refusals: ``CN100`` no library, ``CN106`` an unknown word, ``CN108`` a text or a form that is not complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

from dostastyq import register as law
from dostastyq.council.composer.values import VALUE_KINDS, Value, read_value
from dostastyq.council.composer.wording import THIS, Speaker, this
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import LANGUAGES
from dostastyq.register import Register
from dostastyq.register.facts import PREFERENCE_KINDS, REGIME_KINDS
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.register.reader import Plain, Reader, compose

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A blank in a form.

    Parameters
    ----------
    name, kind
        Its name, and what it holds: a count, a duration, a date, states, an organ, instruments, acts, provisions.
    label
        What it is called, by language.
    default
        Value where none is given; None where one must be.
    """

    name: str
    kind: str
    label: Texts
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What subject clauses and forms share.

    Parameters
    ----------
    code, title
        Name in files, and heading of the article by language.
    text
        Paragraphs, each a template by language.
    parameters
        Its blanks by name.
    """

    code: str
    title: Texts
    text: tuple[Texts, ...]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def render(self, kind: str, values: Mapping[str, Any], register: Register) -> tuple[Texts, ...]:
        """Fill the blanks in every language.

        Parameters
        ----------
        kind
            Kind of instrument the text stands in: it names itself.
        values
            Values by parameter.
        register
            Register that knows the names of states, organs and instruments.
        """
        said = {}
        for language in LANGUAGES:
            speaker = Speaker(register, language)
            said[language] = {"this": this(kind, language)} | {
                name: speaker.say(self.parameters[name].kind, value) for name, value in values.items()
            }
        return tuple(
            MappingProxyType({language: texts[language].format(**said[language]) for language in LANGUAGES})
            for texts in self.text
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Template):
    """A subject clause.

    Parameters
    ----------
    kinds
        Kinds of agreement it is made for; ``general`` for any.
    presupposes
        Clauses without which it says nothing.
    preamble
        Whether it belongs into the preamble.
    like
        Kind of article whose manner it follows.
    """

    kinds: tuple[str, ...]
    presupposes: tuple[str, ...] = ()
    preamble: bool = False
    like: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern(Template):
    """A final clause as a form.

    Parameters
    ----------
    number
        Number in the catalogue of clauses met in the corpus; 0 for one outside it.
    form
        Keys of a record of the register that it fills; ``$name`` stands for a value.
    case
        Where it was met.
    drafting
        Whether a drafter writes it; otherwise `reason` says what it is.
    reason
        Why it is no clause that a drafter writes, or what stands for it.
    """

    number: int
    form: Mapping[str, Plain]
    case: str = ""
    drafting: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementKind:
    """A kind of agreement: what a composition takes from it.

    Parameters
    ----------
    code, title
        Name, and what it is called.
    kind, domain
        Kind of instrument and its domain, as the register writes them.
    preference, regime
        Trade preference in goods, or other arrangement, that it establishes; ``"none"`` and ``""``.
    """

    code: str
    title: Texts
    kind: str
    domain: tuple[str, ...]
    preference: str = "none"
    regime: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything a new agreement can be put together from.

    Parameters
    ----------
    agreements, clauses, patterns
        By code.
    """

    agreements: Mapping[str, AgreementKind]
    clauses: Mapping[str, Clause]
    patterns: Mapping[str, Pattern]

    def clauses_for(self, agreement: str) -> tuple[Clause, ...]:
        """Subject clauses made for a kind of agreement, general ones last.

        Examples
        --------
        >>> [clause.code for clause in library("cis").clauses_for("customs_union")][:2]
        ['customs_territory', 'common_customs_tariff']
        """
        own = [clause for clause in self.clauses.values() if agreement in clause.kinds]
        return (*own, *(clause for clause in self.clauses.values() if "general" in clause.kinds and clause not in own))


@lru_cache(maxsize=8)
def library(commonwealth: str = "cis") -> Library:
    """Load the clause library of a commonwealth.

    Raises
    ------
    DostastyqError
        ``CN100`` where the commonwealth has none, ``CN106``, ``CN108`` for faulty data.

    Examples
    --------
    >>> library("cis").patterns["third_deposit_30_days"].title["ru"]
    'Вступление в силу'
    """
    folder = COMMONWEALTHS / commonwealth / "council"
    if not (folder / "clauses.yaml").exists():
        known = sorted(path.parent.parent.name for path in COMMONWEALTHS.glob("*/council/clauses.yaml"))
        raise DostastyqError("CN100", f"there is no clause library of {commonwealth!r}", nearest(commonwealth, known))
    return read_library(folder, law.load(commonwealth))


def read_library(folder: Path, register: Register) -> Library:
    """Read and check a folder with ``clauses.yaml`` and ``patterns.yaml``.

    Parameters
    ----------
    folder
        The folder.
    register
        Register whose states, organs and instruments the library may name.
    """
    subjects = compose((folder / "clauses.yaml").read_text("utf-8"), "clauses.yaml").record(
        ("agreements", "parameters", "clauses")
    )
    finals = compose((folder / "patterns.yaml").read_text("utf-8"), "patterns.yaml").record(("parameters", "patterns"))
    agreements = {code: _read_agreement(code, at) for code, at in subjects["agreements"].entries()}
    shared = _read_parameters(subjects["parameters"])
    clauses = {code: _read_clause(code, at, shared, agreements, register) for code, at in subjects["clauses"].entries()}
    for code, at in subjects["clauses"].entries():
        for other in at.record((), _CLAUSE_KEYS).items("presupposes"):
            other.word(clauses.keys() - {code}, "another clause of the library", "CN106")
    shared = _read_parameters(finals["parameters"])
    patterns = {code: _read_pattern(code, at, shared, register) for code, at in finals["patterns"].entries()}
    return Library(
        agreements=MappingProxyType(agreements), clauses=MappingProxyType(clauses), patterns=MappingProxyType(patterns)
    )


_CLAUSE_KEYS = ("title", "kinds", "text", "parameters", "presupposes", "preamble", "like")


def read_texts(at: Reader) -> Texts:
    """Read a text in all three languages."""
    record = at.record(LANGUAGES)
    found = {language: record.text(language).strip() for language in LANGUAGES}
    for language, text in found.items():
        if not text:
            record[language].refuse("CN108", f"no text in {language!r}", "write it: a form is whole in every language")
    return MappingProxyType(found)


def _read_agreement(code: str, at: Reader) -> AgreementKind:
    record = at.record(("title", "kind", "domain"), ("preference", "regime"))
    return AgreementKind(
        code=code,
        title=read_texts(record["title"]),
        kind=record["kind"].word(THIS["ru"], "a kind of instrument that can be drafted", "CN106"),
        domain=tuple(item.text() for item in record["domain"].items()),
        preference=record.get("preference", lambda it: it.word(PREFERENCE_KINDS, "a preference", "CN106"), "none"),
        regime=record.get("regime", lambda it: it.word(REGIME_KINDS, "an arrangement", "CN106"), ""),
    )


def _read_parameters(at: Reader) -> dict[str, Parameter]:
    found = {}
    for name, item in at.entries():
        record = item.record(("kind", "label"))
        kind = record["kind"].word(VALUE_KINDS, "a kind of parameter", "CN106")
        found[name] = Parameter(name=name, kind=kind, label=read_texts(record["label"]))
    return found


def _read_blanks(at: Reader, shared: Mapping[str, Parameter], register: Register) -> Mapping[str, Parameter]:
    blanks = {}
    for name, item in at.entries():
        if name not in shared:
            item.refuse("CN106", f"{name!r} is not a parameter of this file", nearest(name, shared))
        given = shared[name]
        default = None if item.is_text and not item.text() else read_value(given.kind, item, register)
        blanks[name] = Parameter(name=name, kind=given.kind, label=given.label, default=default)
    return MappingProxyType(blanks)


def _check_fields(at: Reader, texts: tuple[Texts, ...], names: set[str]) -> None:
    for language in LANGUAGES:
        used = set()
        for text in (text[language] for text in texts):
            used |= {name.split(".")[0] for _, name, _, _ in Formatter().parse(text) if name}
        if missing := names - used:
            at.refuse("CN108", f"the text in {language!r} does not say {', '.join(sorted(missing))}", "name {it} there")
        if unknown := used - names - {"this"}:
            at.refuse("CN108", f"the text in {language!r} names {', '.join(sorted(unknown))}", "add the parameter")


def _check_rendering(at: Reader, template: Template, register: Register) -> None:
    """Fill every blank with something, in every kind of instrument: a form of a word that does not exist is refused."""
    sample = {
        "count": 3,
        "number": 5,
        "duration": "P30D",
        "term": "P30D",
        "date": "2027-01-01",
        "organ": next(iter(register.institutions.organs)),
        "states": [next(iter(register.states))],
        "instruments": [next(iter(register.instruments))],
        "acts": ["ratification"],
        "provisions": ["1"],
    }
    values = {name: sample[blank.kind] for name, blank in template.parameters.items()}
    for kind in THIS["ru"]:
        try:
            template.render(kind, values, register)
        except (AttributeError, KeyError, IndexError, ValueError) as error:
            at.refuse("CN108", f"a text cannot be filled: {error}", "correct the field in braces")


def _read_clause(
    code: str, at: Reader, shared: Mapping[str, Parameter], agreements: Mapping[str, AgreementKind], register: Register
) -> Clause:
    record = at.record(("title", "kinds", "text"), _CLAUSE_KEYS)
    kinds = {*agreements, "general"}
    clause = Clause(
        code=code,
        title=read_texts(record["title"]),
        text=tuple(read_texts(item) for item in record["text"].items()),
        parameters=record.get("parameters", lambda it: _read_blanks(it, shared, register), MappingProxyType({})),
        kinds=tuple(item.word(kinds, "a kind of agreement", "CN106") for item in record["kinds"].items()),
        presupposes=tuple(item.text() for item in record.items("presupposes")),
        preamble=record.get("preamble", Reader.flag, False),
        like=record.text("like"),
    )
    _check_fields(at, clause.text, set(clause.parameters))
    _check_rendering(at, clause, register)
    return clause


def _read_pattern(code: str, at: Reader, shared: Mapping[str, Parameter], register: Register) -> Pattern:
    record = at.record(("number", "title", "text", "form"), ("parameters", "case", "drafting", "reason"))
    form = record["form"].plain(lambda _key, _at: None)
    pattern = Pattern(
        code=code,
        number=int(record.text("number")),
        title=read_texts(record["title"]),
        text=tuple(read_texts(item) for item in record["text"].items()),
        parameters=record.get("parameters", lambda it: _read_blanks(it, shared, register), MappingProxyType({})),
        form=MappingProxyType(form) if isinstance(form, dict) else MappingProxyType({}),
        case=record.text("case"),
        drafting=record.get("drafting", Reader.flag, True),
        reason=record.text("reason"),
    )
    names = set(pattern.parameters)
    _check_fields(at, pattern.text, names)
    _check_rendering(at, pattern, register)
    used = _blanks_of(pattern.form) - {"article"}
    if not pattern.form:
        record["form"].refuse("CN108", "the form is empty", "fill keys of a record of the register")
    if missing := names - used:
        record["form"].refuse("CN108", f"the form leaves out {', '.join(sorted(missing))}", "use $name there")
    if unknown := used - names:
        record["form"].refuse("CN108", f"the form names {', '.join(sorted(unknown))}", "add the parameter")
    return pattern


def _blanks_of(value: Value) -> set[str]:
    if isinstance(value, Mapping):
        return {name for key, item in value.items() for name in _blanks_of(key) | _blanks_of(item)}
    if isinstance(value, (list, tuple)):
        return {name for item in value for name in _blanks_of(item)}
    return {value[1:]} if isinstance(value, str) and value.startswith("$") else set()
