"""Words of a text in the form its sentence needs: the instrument's own name, numbers, durations, days, states.

A template of the library is a ``str.format`` template of one language. A field may ask for a form by an attribute:
``{this.gen}`` is *настоящего Соглашения*, ``{delay.after}`` is *30 days after* or, without a delay, *on*.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dostastyq.council.composer.values import Value
from dostastyq.i18n import translator
from dostastyq.register import Register

THIS: dict[str, dict[str, dict[str, str]]] = {
    "ru": {
        "agreement": {
            "nom": "настоящее Соглашение", "gen": "настоящего Соглашения", "dat": "настоящему Соглашению",
            "acc": "настоящее Соглашение", "ins": "настоящим Соглашением", "pre": "настоящем Соглашении",
        },
        "treaty": {
            "nom": "настоящий Договор", "gen": "настоящего Договора", "dat": "настоящему Договору",
            "acc": "настоящий Договор", "ins": "настоящим Договором", "pre": "настоящем Договоре",
        },
        "protocol": {
            "nom": "настоящий Протокол", "gen": "настоящего Протокола", "dat": "настоящему Протоколу",
            "acc": "настоящий Протокол", "ins": "настоящим Протоколом", "pre": "настоящем Протоколе",
        },
        "convention": {
            "nom": "настоящая Конвенция", "gen": "настоящей Конвенции", "dat": "настоящей Конвенции",
            "acc": "настоящую Конвенцию", "ins": "настоящей Конвенцией", "pre": "настоящей Конвенции",
        },
        "decision": {
            "nom": "настоящее Решение", "gen": "настоящего Решения", "dat": "настоящему Решению",
            "acc": "настоящее Решение", "ins": "настоящим Решением", "pre": "настоящем Решении",
        },
        "constitutive": {
            "nom": "настоящий Учредительный акт", "gen": "настоящего Учредительного акта",
            "dat": "настоящему Учредительному акту", "acc": "настоящий Учредительный акт",
            "ins": "настоящим Учредительным актом", "pre": "настоящем Учредительном акте",
        },
        "declaration": {
            "nom": "настоящая Декларация", "gen": "настоящей Декларации", "dat": "настоящей Декларации",
            "acc": "настоящую Декларацию", "ins": "настоящей Декларацией", "pre": "настоящей Декларации",
        },
        "political_act": {
            "nom": "настоящее Заявление", "gen": "настоящего Заявления", "dat": "настоящему Заявлению",
            "acc": "настоящее Заявление", "ins": "настоящим Заявлением", "pre": "настоящем Заявлении",
        },
        "rules_of_procedure": {
            "nom": "настоящий Документ", "gen": "настоящего Документа", "dat": "настоящему Документу",
            "acc": "настоящий Документ", "ins": "настоящим Документом", "pre": "настоящем Документе",
        },
    },
    "kk": {
        "agreement": {
            "nom": "осы Келісім", "gen": "осы Келісімнің", "dat": "осы Келісімге", "acc": "осы Келісімді",
            "loc": "осы Келісімде", "abl": "осы Келісімнен", "ins": "осы Келісіммен",
        },
        "treaty": {
            "nom": "осы Шарт", "gen": "осы Шарттың", "dat": "осы Шартқа", "acc": "осы Шартты",
            "loc": "осы Шартта", "abl": "осы Шарттан", "ins": "осы Шартпен",
        },
        "protocol": {
            "nom": "осы Хаттама", "gen": "осы Хаттаманың", "dat": "осы Хаттамаға", "acc": "осы Хаттаманы",
            "loc": "осы Хаттамада", "abl": "осы Хаттамадан", "ins": "осы Хаттамамен",
        },
        "convention": {
            "nom": "осы Конвенция", "gen": "осы Конвенцияның", "dat": "осы Конвенцияға", "acc": "осы Конвенцияны",
            "loc": "осы Конвенцияда", "abl": "осы Конвенциядан", "ins": "осы Конвенциямен",
        },
        "decision": {
            "nom": "осы Шешім", "gen": "осы Шешімнің", "dat": "осы Шешімге", "acc": "осы Шешімді",
            "loc": "осы Шешімде", "abl": "осы Шешімнен", "ins": "осы Шешіммен",
        },
        "constitutive": {
            "nom": "осы Құрылтай актісі", "gen": "осы Құрылтай актісінің", "dat": "осы Құрылтай актісіне",
            "acc": "осы Құрылтай актісін", "loc": "осы Құрылтай актісінде", "abl": "осы Құрылтай актісінен",
            "ins": "осы Құрылтай актісімен",
        },
        "declaration": {
            "nom": "осы Декларация", "gen": "осы Декларацияның", "dat": "осы Декларацияға", "acc": "осы Декларацияны",
            "loc": "осы Декларацияда", "abl": "осы Декларациядан", "ins": "осы Декларациямен",
        },
        "political_act": {
            "nom": "осы Мәлімдеме", "gen": "осы Мәлімдеменің", "dat": "осы Мәлімдемеге", "acc": "осы Мәлімдемені",
            "loc": "осы Мәлімдемеде", "abl": "осы Мәлімдемеден", "ins": "осы Мәлімдемемен",
        },
        "rules_of_procedure": {
            "nom": "осы Құжат", "gen": "осы Құжаттың", "dat": "осы Құжатқа", "acc": "осы Құжатты",
            "loc": "осы Құжатта", "abl": "осы Құжаттан", "ins": "осы Құжатпен",
        },
    },
    "en": {
        kind: {"nom": f"this {kind.capitalize()}"}
        for kind in ("agreement", "treaty", "protocol", "convention", "decision", "declaration")
    }
    | {
        "constitutive": {"nom": "this Constituent Act"},
        "political_act": {"nom": "this Statement"},
        "rules_of_procedure": {"nom": "this Document"},
    },
}  # fmt: skip
"""How an instrument of each kind speaks of itself, by language, kind and case."""

ORDINALS = {
    "kk": "бірінші екінші үшінші төртінші бесінші алтыншы жетінші сегізінші тоғызыншы оныншы он_бірінші он_екінші",
    "ru": "первого второго третьего четвёртого пятого шестого седьмого восьмого девятого десятого одиннадцатого "
    "двенадцатого",
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
}
"""Ordinals up to twelve; in Russian in the genitive of the masculine, as *третьего документа* needs it."""

GENITIVES = {
    "ARM": "Республики Армения",
    "AZE": "Азербайджанской Республики",
    "BLR": "Республики Беларусь",
    "GEO": "Грузии",
    "KAZ": "Республики Казахстан",
    "KGZ": "Кыргызской Республики",
    "MDA": "Республики Молдова",
    "RUS": "Российской Федерации",
    "TJK": "Республики Таджикистан",
    "TKM": "Туркменистана",
    "UKR": "Украины",
    "UZB": "Республики Узбекистан",
}
"""Russian genitives of the states' official names: *для Республики Казахстан*."""

_ARTICLED = ("Republic", "Federation")
"""English names with one of these words take the article: *the Kyrgyz Republic*, but *Georgia*."""

DOCUMENTS = {
    "ratification": {
        "kk": "ратификациялау грамотасы", "ru": "ратификационная грамота", "en": "instrument of ratification"},
    "acceptance": {"kk": "қабылдау туралы құжат", "ru": "документ о принятии", "en": "instrument of acceptance"},
    "approval": {"kk": "бекіту туралы құжат", "ru": "документ об утверждении", "en": "instrument of approval"},
    "notification": {
        "kk": "мемлекетішілік рәсімдердің орындалғаны туралы хабарлама",
        "ru": "уведомление о выполнении внутригосударственных процедур",
        "en": "notification that internal procedures have been completed",
    },
    "accession": {"kk": "қосылу туралы құжат", "ru": "документ о присоединении", "en": "instrument of accession"},
}  # fmt: skip
"""What is deposited, by the act of consent that it makes."""

_MONTHS = {
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}
_MONTHS_ON = (
    "қаңтарда ақпанда наурызда сәуірде мамырда маусымда шілдеде тамызда қыркүйекте қазанда қарашада желтоқсанда"
)
_MONTHS_FROM = (
    "қаңтардан ақпаннан наурыздан сәуірден мамырдан маусымнан шілдеден тамыздан қыркүйектен қазаннан қарашадан "
    "желтоқсаннан"
)
_MONTHS_TO = (
    "қаңтарға ақпанға наурызға сәуірге мамырға маусымға шілдеге тамызға қыркүйекке қазанға қарашаға желтоқсанға"
)
_UNITS = {
    "kk": {"Y": "жыл", "M": "ай", "W": "апта", "D": "күн"},
    "en": {"Y": "year", "M": "month", "W": "week", "D": "day"},
}
_FROM = {"Y": "дан", "M": "дан", "W": "дан", "D": "нен"}
"""Kazakh ablative endings of the units."""
_RUSSIAN_UNITS = {
    "Y": ("год", "года", "лет"),
    "M": ("месяц", "месяца", "месяцев"),
    "W": ("неделю", "недели", "недель"),
    "D": ("день", "дня", "дней"),
}
_PART = re.compile(r"(\d+)([YMWD])")


class Said(str):
    """A phrase in its plain form, with its other forms as attributes; capitalised under a capital letter.

    Examples
    --------
    >>> this = Said("настоящее Соглашение", gen="настоящего Соглашения")
    >>> "{this.gen} | {this.Gen} | {this}".format(this=this)
    'настоящего Соглашения | Настоящего Соглашения | настоящее Соглашение'
    """

    __slots__ = ("_forms",)
    _forms: Mapping[str, str]

    def __new__(cls, plain: str, **forms: str) -> "Said":
        """Keep the plain form as the string itself."""
        self = super().__new__(cls, plain)
        self._forms = forms
        return self

    def __getattr__(self, name: str) -> str:
        found = self._forms.get(name.lower())
        if found is None:
            raise AttributeError(f"no form {name!r}")
        return found if name.islower() else found[:1].upper() + found[1:]


def this(kind: str, language: str) -> Said:
    """Say how an instrument of a kind speaks of itself.

    Examples
    --------
    >>> this("treaty", "kk").Dat, this("protocol", "en").Gen
    ('Осы Шартқа', 'This Protocol')
    """
    forms = THIS[language][kind]
    if language == "en":
        forms = dict.fromkeys(("nom", "gen", "dat", "acc", "ins", "pre", "loc", "abl"), forms["nom"])
    return Said(forms["nom"], **forms)


def duration(text: str, language: str) -> Said:
    """Say an ISO 8601 duration: plain, as a delay after a day (``after``), and in the case that a sentence needs.

    The cases are the Russian genitive (``gen``) and the Kazakh ablative (``abl``).

    Examples
    --------
    >>> duration("P30D", "ru").after, duration("P0D", "ru").after, duration("P1Y", "en")
    ('по истечении 30 дней с даты', 'с даты', '1 year')
    >>> duration("P12M", "kk").after
    'күннен бастап 12 ай өткен соң'
    >>> duration("P1Y6M", "kk").abl
    '1 жыл 6 айдан'
    """
    parts = [(int(number), unit) for number, unit in _PART.findall(text) if int(number)] or [(0, "D")]
    if language == "ru":
        plain = " ".join(f"{number} {_russian(number, unit)}" for number, unit in parts)
        genitive = " ".join(f"{number} {_russian_genitive(number, unit)}" for number, unit in parts)
        return Said(
            plain, gen=genitive, after=f"по истечении {genitive} с даты" if any(n for n, _ in parts) else "с даты"
        )
    units = _UNITS[language]
    if language == "kk":
        plain = " ".join(f"{number} {units[unit]}" for number, unit in parts)
        return Said(
            plain,
            abl=plain + _FROM[parts[-1][1]],
            after=f"күннен бастап {plain} өткен соң" if parts[0][0] else "күннен бастап",
        )
    plain = " ".join(f"{number} {units[unit]}{'' if number == 1 else 's'}" for number, unit in parts)
    return Said(plain, after=f"{plain} after" if parts[0][0] else "on")


def _russian(number: int, unit: str) -> str:
    one, few, many = _RUSSIAN_UNITS[unit]
    if number % 10 == 1 and number % 100 != 11:
        return one
    return few if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else many


def _russian_genitive(number: int, unit: str) -> str:
    _, few, many = _RUSSIAN_UNITS[unit]
    return few if number % 10 == 1 and number % 100 != 11 else many


def day(value: str, language: str) -> Said:
    """Say a day; in Kazakh also on it (``on``), from it (``from_``) and until it (``to``).

    Examples
    --------
    >>> day("2027-01-01", "kk").from_, day("2027-01-01", "ru"), day("2027-01-01", "en").on
    ('2027 жылғы 1 қаңтардан', '1 января 2027 года', '1 January 2027')
    """
    found = date.fromisoformat(value)
    if language == "kk":
        said = [
            f"{found.year} жылғы {found.day} {names.split()[found.month - 1]}"
            for names in (_MONTHS["kk"], _MONTHS_ON, _MONTHS_FROM, _MONTHS_TO)
        ]
        return Said(said[0], on=said[1], from_=said[2], to=said[3])
    month = _MONTHS[language].split()[found.month - 1]
    plain = f"{found.day} {month} {found.year}" + (" года" if language == "ru" else "")
    return Said(plain, on=plain, from_=plain, to=plain)


def ordinal(number: int, language: str) -> Said:
    """Say a number up to twelve as an ordinal (``ord``); plain it stays in figures.

    Examples
    --------
    >>> ordinal(3, "ru").ord, ordinal(11, "kk").ord, ordinal(2, "en")
    ('третьего', 'он бірінші', '2')
    """
    return Said(str(number), ord=ORDINALS[language].split()[number - 1].replace("_", " "))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says values of forms in one language, with the names that the register holds.

    Parameters
    ----------
    register
        Register that knows states, organs and instruments.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    """

    register: Register
    language: str

    def state(self, code: str) -> str:
        """Official name of today."""
        found = self.register.state(code)
        return found.names[-1].official[self.language] if found.names else found.name[self.language]

    def states(self, codes: Iterable[str]) -> Said:
        """Official names, joined; ``gen`` is the Russian genitive, ``Nom`` begins a sentence."""
        names = [self.state(code) for code in codes]
        if self.language == "en":
            names = [f"the {name}" if any(word in name for word in _ARTICLED) else name for name in names]
        genitives = [GENITIVES.get(code, name) for code, name in zip(codes, names, strict=True)]
        join = translator(self.language).join
        plain = join(names)
        return Said(plain, nom=plain, gen=join(genitives) if self.language == "ru" else plain)

    def holder(self, code: str) -> str:
        """Name of an organ or of a state."""
        organ = self.register.institutions.organs.get(code)
        return self.state(code) if organ is None else organ.name[self.language]

    def instruments(self, values: Iterable[Any]) -> str:
        """Titles in quotation marks, joined."""
        mark = "“{}”" if self.language == "en" else "«{}»"
        return translator(self.language).join(mark.format(self._title(value)) for value in values)

    def _title(self, value: Value) -> str:
        titles = value["title"] if isinstance(value, Mapping) else self.register.instrument(value).title
        return str(titles.get(self.language) or titles.get("ru") or titles["en"])

    def documents(self, acts: Iterable[str]) -> str:
        """Say what is deposited, joined by *or*."""
        names = [DOCUMENTS[act][self.language] for act in acts]
        joiner = {"kk": " немесе ", "ru": " или ", "en": " or "}[self.language]
        return ", ".join(names[:-1]) + joiner + names[-1] if len(names) > 1 else names[0]

    def provisions(self, values: Iterable[str]) -> str:
        """Articles and paragraphs, joined: ``"5"``, ``"5.2"``."""
        return translator(self.language).join(self._provision(*value.partition(".")[::2]) for value in values)

    def _provision(self, article: str, paragraph: str) -> str:
        if self.language == "kk":
            return f"{article}-баптың {paragraph}-тармағы" if paragraph else f"{article}-бап"
        if self.language == "ru":
            return f"пункт {paragraph} статьи {article}" if paragraph else f"статья {article}"
        return f"paragraph {paragraph} of Article {article}" if paragraph else f"Article {article}"

    def say(self, kind: str, value: Value) -> str:  # noqa: PLR0911 -- one a kind of parameter
        """Say the value of a parameter of some kind."""
        match kind:
            case "count":
                return ordinal(value, self.language)
            case "duration" | "term":
                return duration(value, self.language)
            case "date":
                return day(value, self.language)
            case "states":
                return self.states(value)
            case "organ":
                return self.holder(value)
            case "instruments":
                return self.instruments(value)
            case "acts":
                return self.documents(value)
            case "provisions":
                return self.provisions(value)
        return str(value)
