"""What an assessment by sectors assumes and leaves out, one sentence each."""

from datetime import date

from dostastyq.assess.by_sector import Outcome, Plan, Question, applies, tariff_law
from dostastyq.i18n import Text


def sector_notes(question: Question, outcome: Outcome, present: date) -> tuple[Text, ...]:
    """Say what was assumed.

    Parameters
    ----------
    question, outcome
        What was solved and what came out.
    present
        Day of the law of the baseline.
    """
    notes = [*_model(question), *_absent(question.plan), *_tariffs(question), *_pool(question)]
    notes.append(
        Text("The law of the baseline is that of {day:date}.", day=present)
        if question.base.year is not None
        else Text(
            "The baseline does not say its year: its law is taken to be that of {day:date}; "
            "a column year says otherwise.",
            day=present,
        )
    )
    notes += [
        Text("Pairs that the register does not know are held unchanged and listed."),
        Text(
            "Intervals carry the uncertainty of the estimated effects alone; elasticities, the input-output links "
            "and the way an effect is spread over sectors are varied in the sensitivity table."
        ),
        Text(
            "Not modelled: capital and growth, labour that moves, economies of scale, rules of origin, export duties, "
            "excise, trade in services that an agreement frees."
        ),
    ]
    notes += [Text("Repair of the baseline by the model: {repair}", repair=repair) for repair in outcome.repairs]
    return tuple(notes)


def _model(question: Question) -> list[Text]:
    base, (name, theta) = question.base, question.elasticities
    notes = [
        Text(
            "{count} sectors, labour free to move between them inside a state; trade elasticities {name}, from "
            "{low:g} to {high:g} (Armington, Eaton–Kortum; Caliendo and Parro 2015).",
            count=len(base.sectors),
            name=name,
            low=float(theta.min()),
            high=float(theta.max()),
        ),
        Text("Tariff revenue goes to households; trade deficits stay what they are in units of world value added."),
        Text(
            "An estimated effect β contains the tariff cut, and a tariff is never counted twice: in each sector of "
            "goods the non-tariff cost changes by ln d = −β/θ − (1 + θ)/θ · Δ ln(1 + τ). Where the tariff cut alone "
            "would move trade by more than β, the non-tariff channel is negative."
        ),
        Text("The estimated effects speak of goods; services keep their trade costs."),
    ]
    if question.technology is None:
        notes.append(
            Text(
                "No input-output links: no input-output table is at hand for these states; --inputs borrowed-1993 "
                "lends one, and a row of the sensitivity table shows what it changes."
            )
        )
    else:
        notes.append(
            Text(
                "Input-output links are borrowed ({name}): they describe {year} and other countries.",
                name=question.technology.name,
                year=question.technology.year,
            )
        )
    return notes


def _absent(plan: Plan) -> list[Text]:
    if plan.members_absent:
        return [
            Text(
                "{states:territories} are members too, but the baseline has no economy of their own for them: they "
                "stand inside the rest of the world, and what the agreement does to them and through them is not in "
                "the result.",
                states=plan.members_absent,
            )
        ]
    return []


def _tariffs(question: Question) -> list[Text]:
    leavers, unknown = set[str](), set[str]()
    for pair in question.plan.pairs:
        law = tariff_law(question, pair)
        for world in (pair.first, pair.second):
            leavers |= set(law.leavers(world))
            unknown |= set(law.unknown(world))
    given = set() if question.national is None else set(question.national.levels)
    held = leavers - given
    notes = []
    if held and question.base.detail.external is not None:
        notes.append(
            Text(
                "No national tariff is sourced for {states:territories}: outside the union they keep its external "
                "tariff, so the external channel shows nothing for them. --national-tariffs FILE gives them their own.",
                states=tuple(sorted(held)),
            )
        )
    if unknown:
        notes.append(
            Text(
                "The external tariff of {states:territories} is not known: where they lose a preference no tariff is "
                "put on. --national-tariffs FILE gives it.",
                states=tuple(sorted(unknown)),
            )
        )
    if given & leavers:
        notes.append(
            Text("National tariffs of {states:territories} are the user's own.", states=tuple(sorted(given & leavers)))
        )
    elif given:
        notes.append(Text("The file of national tariffs is not used: no state that it names leaves a union here."))
    return notes


def _pool(question: Question) -> list[Text]:
    pool, on = question.base.detail.pool, question.plan.scenario.on
    if pool is None:
        return []
    if not applies(pool, on):
        return [
            Text(
                "Pooled revenue is not shown: the norms at hand hold from {since:date} to {until:date}.",
                since=pool.since,
                until=pool.until,
            )
        ]
    without = tuple(state for state in question.plan.scenario.join if state not in pool.shares)
    joiners = [
        Text("No norm is set for {states:territories}: in the pool they keep what they collect.", states=without)
    ]
    return (joiners if without else []) + [
        Text(
            "Pooled: the union's members share import duties by the norms of {since:date}, restated over the members "
            "that are in the union and in the baseline; the headline figures leave every state the duties it collects.",
            since=pool.since,
        )
    ]
