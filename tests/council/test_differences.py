"""Differences: what is listed turns the old text into the new one, and nothing is listed without need."""

from hypothesis import given
from hypothesis import strategies as st

from dostastyq.council.composer import Amendment, compose, differences, example
from dostastyq.council.composer.differences import lines, word_runs

WORDS = st.lists(st.sampled_from(["party", "duty", "goods", "30", "days,", "may", "not"]), min_size=1, max_size=8).map(
    " ".join
)
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=4)


def draft(articles):
    subjects = [{"title": {"en": "A"}, "paragraphs": [{"en": text} for text in texts]} for texts in articles]
    data = {"slug": "d", "agreement": "decision", "title": {"en": "T"}, "parties": ["KAZ", "KGZ"]}
    return compose(data | {"subjects": subjects, "finals": [{"pattern": "on_signature"}]})


def applied(old, found):
    """The old lines with the differences applied, from nothing but what the differences say."""
    gone = {it.old_at for it in found if it.old_at is not None}
    kept = iter([text for at, text in enumerate(old) if at not in gone])
    new = {it.new_at: it.after for it in found if it.new_at is not None}
    total = len(old) - len(gone) + len(new)
    return [new[at] if at in new else next(kept) for at in range(total)]


@given(TEXTS, TEXTS)
def test_differences_applied_give_the_new_text(one, other):
    old, new = draft(one), draft(other)
    found = differences(old, new, "en")
    before, after = ([text for _, text in lines(it, "en")] for it in (old, new))
    assert applied(before, found) == after
    for it in found:
        assert it.old_at is None or it.before == before[it.old_at]
        assert it.new_at is None or it.after == after[it.new_at]
        assert it.before != it.after
    for side in ("old_at", "new_at"):
        places = [getattr(it, side) for it in found if getattr(it, side) is not None]
        assert places == sorted(places)


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(articles):
    assert differences(draft(articles), draft(articles), "en") == ()


@given(WORDS, WORDS)
def test_runs_are_both_texts(old, new):
    runs = list(word_runs(old, new))
    assert "".join(run.text for run in runs if run.kind != "added") == old
    assert "".join(run.text for run in runs if run.kind != "removed") == new


def test_an_insertion_is_one_difference_although_numbers_move():
    made = example().amended([Amendment(paragraph="2.0", kind="insert", text={"ru": "Новый пункт о сборах."})])
    (only,) = differences(example(), made, "ru")
    assert (only.kind, only.old, only.new, only.after) == ("added", "", "2.1", "Новый пункт о сборах.")
    (gone,) = differences(made, example(), "ru")
    assert (gone.kind, gone.old, gone.new) == ("removed", "2.1", "")


def test_a_form_changes_in_every_language_by_its_words():
    made = example().amended([Amendment(paragraph="10", kind="form", values={"notice": "P6M"})])
    for language in ("kk", "ru", "en"):
        (only,) = differences(example(), made, language)
        assert only.kind == "changed"
        assert ("removed", "12") in [(run.kind, run.text) for run in only.runs]


def test_a_translation_lost_is_a_removal_there():
    made = example().amended(
        [Amendment(paragraph="1.1", kind="replace", text={"en": "The Parties establish a union."})]
    )
    assert [it.kind for it in differences(example(), made, "kk")] == ["removed"]
    assert [it.kind for it in differences(example(), made, "en")] == ["changed"]
