"""The public surface: names, calls and keys that others build on, and help texts that lose nothing."""

import importlib
import inspect
import json
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

import dostastyq as dq
from dostastyq.cli import app

NOUNS = {
    "dates": ["Day"],
    "register": ["State", "Instrument", "Act", "Register", "Status", "Proof", "load", "leave", "join", "procedure"],
    "voting": ["Rule", "Ballot", "Outcome", "Power", "outcome", "power"],
    "trade": ["Baseline", "Panel", "baseline", "available"],
    "gravity": ["Fit", "ppml", "lasso", "table"],
    "equilibrium": ["Economy", "Shock", "Equilibrium", "Equilibria", "Certificate", "calibrate"],
    "coalition": ["Atlas", "atlas", "structures", "shapley", "nucleolus", "core"],
    "assess": ["Scenario", "Assessment", "assess", "scenario", "unions"],
    "payments": ["Obligation", "Settlement", "Fixing", "settle", "fix", "read", "read_caps", "verify"],
    "customs": ["Consignment", "Document", "Measure", "Rate", "OriginRule", "Ruling", "decide"],
    "council": [
        "AgendaItem",
        "Composition",
        "Council",
        "Decision",
        "Draft",
        "Opinion",
        "ProcedureMap",
        "Session",
        "Signature",
        "Task",
        "compose",
        "differences",
        "procedure_maps",
        "procedure_named",
        "procedure_on",
    ],
    "money": ["currency", "currencies", "minor_units"],
    "store": ["Journal", "open_journal", "backup", "restore", "upgrade"],
    "parallel": ["Cache", "run"],
    "report": ["html", "write"],
    "errors": ["DostastyqError"],
    "provenance": ["Source", "Provenance"],
}
MEMBERS = {
    "register.Register": ["status", "applies", "matrix", "panel", "overlay", "without"],
    "gravity.Fit": [
        "coef", "se", "vcov", "tidy", "nobs", "separated", "fixef", "predict", "covariance", "certificate", "to_frame",
    ],
    "equilibrium.Economy": ["solve", "solve_many", "from_shares", "to_frame"],
    "equilibrium.Equilibrium": [
        "welfare", "first_order_welfare", "real_wage", "prices", "flows", "tariff_revenue", "decompose", "interval",
        "provenance", "summary", "to_frame",
    ],
    "assess.Assessment": ["to_frame", "to_dict"],
    "coalition.Atlas": ["welfare", "worth", "stable", "probability", "transfers", "to_frame", "to_dict"],
    "payments.Settlement": ["settled_total", "settled", "left", "net", "certificate", "to_frame", "to_dict"],
    "customs.Ruling": [
        "outcome", "regime", "origin", "rate", "duty", "taxes", "total", "missing", "proof", "what_would_change_it",
    ],
    "voting.Outcome": ["adopted", "bound", "reasons", "share"],
    "voting.Power": ["shapley_shubik", "banzhaf", "veto", "winning", "quota", "minimal_blocking", "to_frame"],
}  # fmt: skip
CALLS = [
    ("register.load", ("cis",), {}),
    ("register.load", ("cis",), {"journal": "acts.sqlite"}),
    ("register.Register.status", (None, "fta-2011", "KAZ"), {"on": "2013-01-01", "known_at": None, "rules_on": None}),
    ("register.Register.applies", (None, "fta-2011", "RUS", "UKR"), {"on": "2016-01-01"}),
    ("register.Register.matrix", (None,), {"on": "1996-01-01"}),
    ("register.Register.panel", (None, range(1992, 2024)), {}),
    ("register.Register.overlay", (None, []), {}),
    ("register.Register.without", (None, "eaeu-2014"), {"revive": True}),
    ("gravity.ppml", ("y ~ x | a", None), {"vcov": {"CRV1": "a"}, "weights": None, "offset": None}),
    (
        "equilibrium.calibrate",
        (None,),
        {
            "elasticity": 4.0, "tariffs": None, "inputs": None, "value_added": None, "final_shares": None,
            "deficits": "additive",
        },
    ),
    ("equilibrium.Shock", (), {"trade_cost": None, "tariffs": None, "productivity": None, "export_taxes": None}),
    (
        "equilibrium.Economy.from_shares",
        (),
        dict.fromkeys([
            "trade_shares", "expenditure", "tariffs", "elasticity", "value_added_share", "input_shares",
            "final_shares", "deficits",
        ]),
    ),
    ("equilibrium.Economy.solve_many", (None, []), {}),
    ("equilibrium.Equilibrium.interval", (None, 1.0), {}),
    ("coalition.atlas", (None, ["ARM"]), {"union": "customs_union"}),
    ("assess.assess", ("eaeu-2014",), {"baseline": "cis-2023"}),
    ("assess.assess", ("eaeu-2014",), {"model": "sectors", "baseline": "eaeu-2019", "leave": ["KAZ"], "join": []}),
    ("customs.decide", (None,), {"on": "2015-06-01", "known_at": None}),
    ("payments.Obligation", ("a", "KAZ", "KGZ", 1, "KZT"), {"value_date": None, "priority": 0, "divisible": True}),
    ("payments.settle", ([], {}), {}),
    ("voting.outcome", (None, []), {}),
    ("voting.power", (None,), {}),
]  # fmt: skip
COMMANDS = {
    "assess", "atlas", "clear", "conflicts", "cycle approve", "cycle freeze", "cycle open", "cycle propose",
    "cycle settle", "cycle show", "data import ett", "data list", "db backup", "db restore", "db upgrade", "db verify",
    "duty", "export", "fit", "forecast", "gaps", "ledger balance", "ledger statement", "ledger verify", "matrix",
    "origin check", "pairs", "power", "record", "retract", "shares", "status", "tariff diff", "tariff list",
    "tariff search", "tariff show", "timeline", "vote",
}  # fmt: skip
SUGAR = (
    "duty --hs 1701991001 --origin MDA --to RUS --value 5000 --currency USD --quantity 10000 --unit kg "
    "--on 2026-06-30 --proof st-1"
)
KEYS = {
    "assess eaeu-2014": {
        "scenario", "baseline", "on", "elasticity", "contrasts", "sensitivity", "certificate", "estimates",
        "imputed_cells", "sources", "voting", "coalition", "transfers", "model", "elasticities", "channels", "sectors",
    },
    "power mek_qualified": {
        "rule", "on", "quota", "weights", "winning_coalitions", "shapley_shubik", "banzhaf", "veto",
    },
    "power mek": {"rule", "on", "quota", "weights", "winning_coalitions", "shapley_shubik", "banzhaf", "veto"},
    "vote consensus_non_interest --for RUS,KAZ --against KGZ --not-interested TKM": {
        "adopted", "bound", "reason", "share",
    },
    "atlas ARM KGZ --no-cache": {"members", "union", "reference", "coalitions", "stable"},
    SUGAR: {
        "outcome", "regime", "origin", "rate", "duty", "taxes", "total", "currency", "missing", "proof",
        "what_would_change_it",
    },
    "shares 1000001 --on 2026-06-30": {"ARM", "BLR", "KAZ", "KGZ", "RUS"},
    "status fta-2011 --state KAZ --on 2013-01-01": {"code", "bound", "applied", "since", "until", "proof", "known_at"},
}  # fmt: skip


def find(path):
    """What a dotted name under `dostastyq` means."""
    found = dq
    for name in path.split("."):
        found = getattr(found, name)
    return found


def leaves(command, words=()):
    """Every command that does something, with the words that call it."""
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    for name, inner in command.commands.items():
        yield from leaves(inner, (*words, name))


LEAVES = dict(leaves(typer.main.get_command(app)))


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Answer of a command line, as an object where it is asked for JSON."""
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)

    def call(line):
        done = CliRunner().invoke(app, line.split() if isinstance(line, str) else list(line), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


@pytest.mark.parametrize(("package", "names"), NOUNS.items())
def test_names(package, names):
    module = importlib.import_module(f"dostastyq.{package}")
    assert getattr(dq, package) is module
    assert not [name for name in names if not hasattr(module, name)]
    assert not [name for name in names if not (getattr(module, name).__doc__ or "").strip()]


@pytest.mark.parametrize("package", sorted(set(dq.__all__) - {"__version__"}))
def test_everything_announced_is_there(package):
    module = getattr(dq, package)
    announced = getattr(module, "__all__", ())
    assert len(set(announced)) == len(announced)
    assert not [name for name in announced if not hasattr(module, name)]


@pytest.mark.parametrize(("noun", "members"), MEMBERS.items())
def test_members(noun, members):
    held = find(noun)
    fields = set(getattr(held, "__dataclass_fields__", ()))
    assert not [name for name in members if not hasattr(held, name) and name not in fields]


@pytest.mark.parametrize(("name", "positional", "named"), CALLS)
def test_calls(name, positional, named):
    inspect.signature(find(name)).bind(*positional, **named)


def test_the_documented_session_runs():
    law = dq.register.load("cis")
    status = law.status("fta-2011", "KAZ", on="2013-01-01")
    assert (status.code, status.bound, status.applied, str(status.since)) == ("IN_FORCE", True, True, "2012-12-08")
    assert law.applies("fta-2011", "RUS", "UKR", on="2016-01-01") is False
    rng = np.random.default_rng(3)
    flows = rng.uniform(1, 5, (4, 4)) + 50 * np.eye(4)
    economy = dq.equilibrium.calibrate(flows, elasticity=4.0, labels=["ARM", "BLR", "KAZ", "ROW"])
    cost = np.where(np.eye(4) > 0, 1.0, 0.9)
    found = economy.solve(dq.equilibrium.Shock(trade_cost=cost))
    assert np.asarray(found.welfare).shape == (4,)
    assert found.certificate.residual < 1e-9
    assert np.asarray(found.interval(0.25).standard_error).shape == (4,)
    assert len(economy.solve_many([dq.equilibrium.Shock(trade_cost=cost)] * 2)) == 2
    atlas = dq.coalition.atlas(economy, ["ARM", "BLR", "KAZ"], union="free_trade_area")
    assert len(atlas) == 8
    debts = [
        dq.payments.Obligation("1", "KAZ", "KGZ", 500, "KZT"),
        dq.payments.Obligation("2", "KGZ", "KAZ", 400, "KZT"),
    ]
    assert dq.payments.settle(debts, {"KAZ": 100, "KGZ": 0}).settled_total == 900
    goods = dq.customs.Consignment(
        "1701991001", "MDA", "RUS", 500_000, "USD", (("t", Fraction(10)),), (dq.customs.Document("st-1"),)
    )
    assert dq.customs.decide(goods, on="2026-06-30").duty == 340_000


def test_the_commands():
    assert set(LEAVES) >= COMMANDS


@pytest.mark.parametrize(("line", "keys"), KEYS.items())
def test_json_keys(ask, line, keys):
    assert json.loads(ask(line + " --json")).keys() >= keys


def test_json_of_clear(ask, tmp_path):
    debts, caps = tmp_path / "debts.csv", tmp_path / "caps.csv"
    debts.write_text("reference,debtor,creditor,amount,currency\nA,KAZ,KGZ,100,KZT\n", "utf-8")
    caps.write_text("bank,cap\nKAZ,60\nKGZ,0\n", "utf-8")
    answer = json.loads(ask(["clear", str(debts), "--caps", str(caps), "--json"]))
    assert answer.keys() >= {"settled_total", "settled", "left", "net", "certificate"}
    assert (answer["settled_total"], answer["settled"]) == (60, {"A": 60})


def test_json_of_fit(ask, tmp_path):
    rng = np.random.default_rng(1)
    e, m, t = np.indices((6, 6, 4)).reshape(3, -1)
    table = {"exporter": e, "importer": m, "year": t, "rta": (rng.uniform(size=e.size) < 0.4) * 1.0}
    panel = tmp_path / "panel.csv"
    pl.DataFrame(table | {"trade": rng.lognormal(size=e.size)}).write_csv(panel)
    formula = "trade ~ rta | exporter^year + importer^year + exporter^importer"
    answer = json.loads(ask(["fit", formula, str(panel), "--cluster", "exporter^importer", "--json"]))
    assert answer.keys() >= {"coefficients", "covariance", "observations", "left_out", "dropped", "certificate"}


@pytest.mark.parametrize("words", sorted(LEAVES))
def test_help_keeps_what_it_says(words):
    """Square brackets in a help text are markup and vanish on a terminal: no text may have any."""
    command = LEAVES[words]
    texts = [command.help, *(getattr(one, "help", "") for one in command.params)]
    assert all(texts[:1])
    eaten = re.compile(r"\[[^\]]*\]")
    assert not [text for text in texts if eaten.search(text or "")]
    done = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "240", "TERM": "dumb"})
    shown = " ".join(re.sub(r"[│╭╮╰╯─]", " ", done.output).split())
    for text in filter(None, texts[1:]):
        assert " ".join(text.split()) in shown, text


def test_importing_is_light():
    heavy = "numba", "scipy", "polars", "altair", "sqlalchemy", "ortools", "pandas"
    code = f"import sys, dostastyq; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
