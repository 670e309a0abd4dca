"""``dostastyq atlas``: every union that some states could form, and which of them hold."""

from pathlib import Path
from typing import Annotated

import typer

from dostastyq.cli.options import Language, complete_state, open_register, words
from dostastyq.cli.progress import progress_bar


def atlas(  # noqa: PLR0917 -- each parameter is an option of the command
    members: Annotated[
        list[str],
        typer.Argument(
            metavar="MEMBERS...",
            help="States that may form a union: ARM BLR KAZ RUS or ARM,BLR,KAZ,RUS; or one agreement: its members.",
            autocompletion=complete_state,
        ),
    ],
    union: Annotated[
        str, typer.Option(metavar="KIND", help="free_trade_area, customs_union or economic_union.")
    ] = "customs_union",
    reference: Annotated[
        str,
        typer.Option(
            metavar="LAW",
            help="Law between states in no union together: none, register (the law of the day without agreements as "
            "deep), or a slug (the law without it).",
        ),
    ] = "none",
    effect: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            help="Effect on members' trade: estimated, tariffs (nothing else), or log points such as 0.2.",
        ),
    ] = "estimated",
    external_tariff: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="Common external tariff: trade_weighted, largest, revenue_neutral, or a rate such as 0.05; needs a "
            "baseline with tariffs.",
        ),
    ] = None,
    structures: Annotated[
        bool, typer.Option("--structures", help="Also several unions side by side, every partition of the states.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option(help="Draws of the estimated effects (400 up to eight states, none above).")
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="Day whose law is read (the baseline's own).")] = None,
    elasticity: Annotated[
        str | None,
        typer.Option(
            metavar="THETA|NAME",
            help="Trade elasticity (4); with sectors also a set of the baseline.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[str, typer.Option(help="Shipped baseline, or a long CSV or Parquet file.")] = "cis-2023",
    workers: Annotated[int, typer.Option(help="Processes; -1 uses every core.")] = 1,
    cached: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep solved coalitions on disk.")] = True,
    lang: Annotated[Language, typer.Option(help="Language of the table and the report.")] = Language.en,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report to this file.")] = None,
) -> None:
    """Solve every union that MEMBERS could form: who gains, which unions hold and how surely, how to share."""
    from dostastyq import coalition  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.assess.unions import unions  # noqa: PLC0415
    from dostastyq.parallel import Cache  # noqa: PLC0415

    cache = Cache("atlas") if cached else None
    with progress_bar(quiet=json) as progress:
        found = unions(
            words(members),
            union,
            baseline,
            reference=reference,
            effect=_number(effect) or 0.0,
            external=_number(external_tariff),
            draws=draws,
            on=on,
            elasticity=_number(elasticity),
            register=open_register(),
            workers=workers,
            cache=cache,
            progress=progress,
        )
        side_by_side = (
            coalition.structures(found.atlas, workers=workers, cache=cache, progress=progress) if structures else None
        )
    if html is not None:
        from dostastyq.report.atlas import write  # noqa: PLC0415

        write(found, html, lang.value, side_by_side)
    if json:
        from json import dumps  # noqa: PLC0415

        record = found.to_dict()
        if side_by_side is not None:
            record["structures"] = side_by_side.to_dict()
        typer.echo(dumps(record, ensure_ascii=False, indent=1 if len(found.atlas) <= 64 else None))
        return
    from dostastyq.cli.atlas_table import show  # noqa: PLC0415

    show(found, lang.value, side_by_side)
    if html is not None:
        typer.echo(f"{html}")


def _number(text: str | None) -> float | str | None:
    """Read a number where it is one, a name otherwise."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
