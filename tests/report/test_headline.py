"""What the sentences say: gains, losses, and above all what is not known."""

from dataclasses import replace

import pytest

from dostastyq.i18n import LANGUAGES, translator
from dostastyq.report import headline
from dostastyq.report.headline import assumptions_of, central_sentence, certainty_sentence, covers_zero, read

EN = translator("en")
UNION = ("ARM", "BLR", "KAZ", "KGZ", "RUS")


def made(sample, coefficient, deviation):
    return sample["assessment"](sample["contrast"](coefficient, deviation))


@pytest.mark.parametrize(
    ("coefficient", "deviation", "verdict", "says"),
    [
        (1.0, 0.1, "gain", "every member gains, and for each of them the data establish it."),
        (-1.0, 0.1, "loss", "every member loses, and for each of them the data establish it."),
        (1.0, 1.0, "unclear", "the data cannot tell whether the members gain or lose."),
        (-1.0, 1.0, "unclear", "the data cannot tell whether the members gain or lose."),
        (0.0, 1.0, "unclear", "the data cannot tell whether the members gain or lose."),
        (0.0, 0.0, "nothing", "nothing changes for the members."),
    ],
)
def test_verdict_follows_the_interval_not_the_estimate(sample, coefficient, deviation, verdict, says):
    assessment = made(sample, coefficient, deviation)
    assert read(assessment.contrasts[0]).verdict == verdict
    assert headline(assessment) == f"Treaty on the Eurasian Economic Union: {says}"


@pytest.mark.parametrize(
    ("coefficient", "says"),
    [
        (1.0, "At the central estimate every member gains: mutually beneficial."),
        (-1.0, "At the central estimate every member loses."),
        (0.0, "The central estimate is zero for every member: nobody gains, nobody loses."),
    ],
)
def test_central_estimate_is_said_apart_from_certainty(sample, coefficient, says):
    contrast = sample["contrast"](coefficient, 1.0)
    assert central_sentence(contrast, EN) == says
    assert "covers zero for every member" in certainty_sentence(contrast, EN)


def with_welfare(contrast, **values):
    """`contrast` with ``(welfare, low, high)`` of some states replaced."""
    states = tuple(
        replace(r, welfare_percent=values[r.state][0], low=values[r.state][1], high=values[r.state][2])
        if r.state in values
        else r
        for r in contrast.states
    )
    return replace(contrast, states=states)


def test_gains_and_losses_of_different_members_are_named(sample):
    mixed = with_welfare(sample["contrast"](1.0, 1.0), RUS=(-0.2, -0.3, -0.1), BLR=(0.7, 0.5, 0.9))
    sentence = central_sentence(mixed, EN)
    assert "losses to Russia" in sentence
    assert "Belarus, Kyrgyzstan, Armenia and Kazakhstan" in sentence
    assert "not mutually beneficial" in sentence
    assert certainty_sentence(mixed, EN) == (
        "Within the model a gain is established for Belarus, under every assumption tried. "
        "Within the model a loss is established for Russia, under every assumption tried. "
        "For the other members the sign is open or there is no effect."
    )


def open_under(assessment, *states, **changes):
    """`assessment` with the interval of `states` wide open in one row of the sensitivity table."""
    rows = list(assessment.sensitivity)
    cells = tuple((s, w, -1.0, 1.0) if s in states else (s, w, low, high) for s, w, low, high in rows[2].states)
    rows[2] = replace(rows[2], states=cells, **changes)
    return replace(assessment, sensitivity=tuple(rows))


def test_a_sign_counts_only_if_it_survives_every_assumption(sample):
    sure = sample["assessment"](sample["contrast"](1.0, 0.1))
    shaken = open_under(sure, "KAZ")
    contrast, rows = shaken.contrasts[0], assumptions_of(shaken, 0)
    assert read(contrast, rows).fragile == ("KAZ",)
    assert read(contrast, rows).verdict == "partly"
    assert "for some members only" in headline(shaken)
    sentence = certainty_sentence(contrast, EN, rows)
    assert "For Kazakhstan the interval leaves zero out here, but not under every assumption" in sentence
    assert "other members" not in sentence
    none_left = open_under(sure, *UNION)
    assert "the data cannot tell" in headline(none_left)
    said = certainty_sentence(contrast, EN, assumptions_of(none_left, 0))
    assert "covers zero" not in said
    assert said.count("not established") == 1
    alone = open_under(sure, *UNION, assumption="effect", value="tariffs_only")
    assert headline(alone) == headline(sure)


def test_an_effect_that_three_decimals_do_not_show_is_nobodys_gain(sample):
    tiny = with_welfare(sample["contrast"](-1.0, 1.0), KAZ=(0.0003, 0.0002, 0.0004))
    reading = read(tiny)
    assert (reading.gainers, reading.unmoved, reading.sure_gainers) == ((), ("KAZ",), ())
    assert "the other members are not affected" in central_sentence(tiny, EN)
    assert "Kazakhstan" not in central_sentence(tiny, EN)


@pytest.mark.parametrize(("sign", "side"), [(1, "gains"), (-1, "losses")])
def test_one_member_moves_and_the_others_do_not(sample, sign, side):
    one = with_welfare(sample["contrast"](0.0, 0.0), KAZ=(sign * 0.5, sign * 0.5 - 0.1, sign * 0.5 + 0.1))
    assert central_sentence(one, EN) == (
        f"At the central estimate the {side} go to Kazakhstan; the other members are not affected."
    )


def test_contrasts_that_differ_are_both_in_the_headline(sample):
    both = sample["assessment"](sample["contrast"](0.0, 1.0, "register"), sample["contrast"](1.0, 0.1, "none"))
    assert headline(both) == (
        "Treaty on the Eurasian Economic Union. "
        "Over the law that would otherwise apply: the data cannot tell whether the members gain or lose. "
        "Over no preference at all: every member gains, and for each of them the data establish it."
    )


def test_departure_is_named_by_who_leaves(departure):
    assert headline(departure) == ("If Kyrgyzstan leaves, the data establish a gain or a loss for some members only.")
    assert headline(departure, "ru").startswith("Если Кыргызстан выйдет, ")
    assert headline(departure, "kk").startswith("Қырғызстан шықса, ")


def test_joining_and_both_changes_have_their_words(sample):
    joined = sample["assessment"](sample["contrast"](1.0, 0.1), join=("TJK", "UZB"))
    assert headline(joined).startswith("If Tajikistan and Uzbekistan join, every member gains")
    assert headline(joined, "ru").startswith("Если Таджикистан и Узбекистан присоединятся, ")
    swapped = sample["assessment"](sample["contrast"](1.0, 0.1), leave=("KGZ",), join=("UZB",))
    assert headline(swapped).startswith("Leaving: Kyrgyzstan; joining: Uzbekistan: ")


def test_a_law_named_by_the_user_is_named(sample):
    other = replace(sample["contrast"](1.0, 1.0), otherwise="fta-1994")
    both = sample["assessment"](other, sample["contrast"](1.0, 0.1, "none"))
    assert "With another law instead: fta-1994: " in headline(both)


def test_every_language_has_its_own_headline(union):
    assert len({headline(union, language) for language in LANGUAGES}) == len(LANGUAGES)


def test_an_interval_that_touches_zero_leaves_the_sign_open(sample):
    result = sample["contrast"](1.0, 1.0).states[0]
    assert covers_zero(replace(result, low=0.0, high=0.2))
    assert covers_zero(replace(result, low=-0.2, high=0.0))
    assert not covers_zero(replace(result, low=0.1, high=0.2))
