"""A council under random steps of random people: no gate skipped, no vote twice, a replay is the same, secrets stay."""

import json
import os
import re
import shutil
import tempfile
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dostastyq.council import Amendment, Chamber, Council, compose
from dostastyq.council.fold import fold
from dostastyq.council.plain import plain
from dostastyq.council.replay import verify
from dostastyq.errors import DostastyqError
from dostastyq.store import open_journal

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
START = date(1997, 1, 6)
SECRETARY, AUDITOR = "S. Secretary", "A. Auditor"
PEOPLE = {
    SECRETARY: ("secretariat", "secretary"),
    AUDITOR: ("secretariat", "auditor"),
    "K. Head": ("KAZ", "head_of_state"),
    "K. Delegate": ("KAZ", "delegate"),
    "K. Expert": ("KAZ", "expert"),
    "R. Head": ("RUS", "head_of_government"),
    "R. Delegate": ("RUS", "delegate"),
    "G. Minister": ("KGZ", "foreign_minister"),
    "B. Delegate": ("BLR", "delegate"),
    "U. Observer": ("UZB", "observer"),
    "K. Observer": ("KAZ", "observer"),
}
LEAVING = "L. Delegate"
"""Somebody of Russia whose admission ends after a while."""
SPEAKERS = ("K. Head", "R. Head", "G. Minister", "B. Delegate", "R. Delegate", "K. Delegate")
SLUGS = ("zqd-one", "zqd-two", "zqd-three")
ORGANS = ("chs", "chg", "mek")
VARIANTS = ("whole", "decision", "whole", "gap", "unreadable", "nowhere", "silent", "decision")
WORDS = ("for", "for", "for", "against", "abstain", "non_interest", "absent", "perhaps")
SECRET = re.compile(r"zq\d+q")
SLUG = re.compile(r"zqd-[a-z]+")

NEXT = {
    None: ("propose",),
    "proposed": ("register", "revise"),
    "registered": ("circulate", "circulate", "send_back"),
    "circulated": ("opine", "agree", "experts", "agree"),
    "experts": ("amend", "table", "circulate", "revise", "agree"),
    "agreed": ("convene", "place", "place"),
    "postponed": ("place",),
    "referred": ("convene", "place"),
    "on_agenda": ("open", "open_vote", "open_vote", "postpone", "refer"),
    "voting": ("vote", "vote", "vote", "close_vote"),
    "adopted": ("open_signature", "enact", "assign"),
    "signing": ("empower", "sign", "sign", "close_signature"),
    "signed": ("certify", "deposit"),
    "certified": ("deposit", "enter", "assign"),
    "recorded": ("enter", "finish"),
    "in_force": ("deposit", "progress", "finish"),
}
"""Steps that go on from a stage."""
BY_STATES = frozenset({"opine", "amend", "vote", "sign"})


def text(slug, variant, secret):
    """Compose a draft whose one paragraph holds a secret."""
    made = {
        "slug": slug,
        "agreement": "decision" if variant == "decision" else "transport",
        "parties": ["BLR", "KAZ", "KGZ", "RUS"],
        "title": {"ru": "Соглашение", "en": "Agreement"},
        "languages": ["ru", "en"],
        "reasons": "" if variant == "silent" else f"because {secret}",
        "depositary": "" if variant == "nowhere" else "exec-secretariat",
        "subjects": [
            {
                "title": {"ru": "Предмет", "en": "Subject"},
                "paragraphs": [{"ru": f"Стороны {secret}.", "en": f"Parties {secret}."}],
            }
        ],
        "finals": [{"pattern": "on_signature"}],
    }
    if variant == "gap":
        del made["subjects"][0]["paragraphs"][0]["en"]
    if variant == "unreadable":
        made["finals"] = []
    return compose(made)


_TEMPLATE = {}


def template():
    """Make a council of everybody once; each example copies it."""
    if not _TEMPLATE:
        folder = tempfile.TemporaryDirectory()
        place = Path(folder.name) / "template.sqlite"
        with open_journal(place) as journal:
            people = Council(journal).people
            people.admit(SECRETARY, "secretariat", "secretary", by=SECRETARY, rehearsal=True, on=START)
            for name, (state, capacity) in PEOPLE.items():
                people.admit(name, state, capacity, by=SECRETARY, on=START)
            people.admit(LEAVING, "RUS", "delegate", by=SECRETARY, on=START, until=START + timedelta(days=40))
        _TEMPLATE.update(folder=folder, place=place)
    return _TEMPLATE["place"]


class Known:
    """What this test itself knows of a draft."""

    def __init__(self, author):
        self.author = author
        self.log = ["propose"]
        self.versions = []
        self.shown = set()
        self.placed = self.openly = False
        self.circulated = 0
        self.table = {}
        self.agreed = False
        self.opinions, self.votes, self.amendments, self.public = [], [], [], set()
        self.cast, self.signed, self.bases = {}, {}, {}


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.place = self.folder / "council.sqlite"
        shutil.copy(template(), self.place)
        self.journal, self.other = open_journal(self.place), open_journal(self.place)
        self.council, self.reader = Council(self.journal), Council(self.other)
        self.day, self.count = START, 0
        self.known, self.powers = {}, []
        self.checked = {}

    def teardown(self):
        self.journal.close()
        self.other.close()
        shutil.rmtree(self.folder)

    def secret(self):
        self.count += 1
        return f"zq{self.count}q"

    def attempt(self, by, slug, call):
        """Take a step; refused, it stores nothing and says nothing that is not for them. Give what it returned."""
        before = [self.journal.head(stream) for stream in ("council", "register")]
        try:
            found = call()
        except DostastyqError as error:
            refused = error
        else:
            assert found is not None
            return found
        assert [self.journal.head(stream) for stream in ("council", "register")] == before
        assert re.fullmatch(r"[A-Z]{2}\d{3}", refused.code), refused.code
        assert refused.message.strip(), refused.code
        assert refused.hint.strip(), (refused.code, refused.message)
        self.check_said(by, str(refused), asked=slug)
        return None

    def check_said(self, by, said, asked=""):
        """Whatever somebody is told has no secret that is not for them."""
        allowed = self.allowed(by)
        assert set(SECRET.findall(said)) <= allowed, (by, said)
        hidden = {slug for slug in self.known if not self.sees(by, slug)} - {asked}
        assert not hidden & set(SLUG.findall(said)), (by, said)

    def answered(self, by, found):
        self.check_said(by, json.dumps(plain(found), ensure_ascii=False))

    def propose(self, slug, by, variant, organ):
        secret = self.secret()
        made = text(slug, variant, secret)
        if found := self.attempt(by, slug, lambda: self.council.drafts.propose(made, organ=organ, by=by, on=self.day)):
            assert slug not in self.known
            self.known[slug] = Known(PEOPLE[by][0])
            self.known[slug].versions.append(secret)
            self.answered(by, found)

    def revise(self, slug, by, variant, number):
        secret = self.secret()
        accept = (number,) if variant == "gap" else ()
        made = None if accept else text(slug, variant, secret)

        def call():
            return self.council.drafts.revise(slug, made, by=by, accept=accept, on=self.day)

        if found := self.attempt(by, slug, call):
            known = self.known[slug]
            assert known.log[-1] not in {"agree", "place", "vote"}
            assert PEOPLE[by][0] in {known.author, "secretariat"}
            known.versions.append(known.amendments[number - 1] if accept else secret)
            known.log.append("revise")
            self.answered(by, found)

    def simple(self, slug, by, verb, *, show=False, **more):
        """Take a step of a draft that adds no text; True when it was taken."""
        if found := self.attempt(by, slug, lambda: verb(slug, by=by, on=self.day, **more)):
            known = self.known[slug]
            known.log.append(verb.__name__)
            if show:
                known.shown.add(len(known.versions))
            self.answered(by, found)
        return found

    def circulate(self, slug, by, days):
        if self.simple(slug, by, self.council.drafts.circulate, show=True, until=self.day + timedelta(days=days)):
            known = self.known[slug]
            assert "register" in known.log, "circulated without registration"
            known.circulated = len(known.versions)
            known.table[known.circulated] = False

    def opine(self, slug, by, stance):
        secret = self.secret()
        remarks = {} if stance in {"agree", "not_interested"} else {"": secret}

        def call():
            return self.council.drafts.opine(slug, stance, by=by, remarks=remarks, on=self.day)

        if found := self.attempt(by, slug, call):
            known = self.known[slug]
            assert PEOPLE[by][1] not in {"secretary", "auditor", "observer", "expert"}
            if remarks:
                known.opinions.append((PEOPLE[by][0], known.circulated, secret))
            self.answered(by, found)

    def amend(self, slug, by):
        secret = self.secret()
        put = Amendment(paragraph="1.1", kind="replace", text={"ru": secret, "en": secret})
        if found := self.attempt(by, slug, lambda: self.council.drafts.amend(slug, put, by=by, on=self.day)):
            self.known[slug].amendments.append(secret)
            self.answered(by, found)

    def table(self, slug, by):
        if self.simple(slug, by, self.council.drafts.table, show=True):
            self.known[slug].table[self.known[slug].circulated] = True

    def agree(self, slug, by):
        if self.simple(slug, by, self.council.drafts.agree, show=True):
            known = self.known[slug]
            known.agreed = True
            assert known.circulated == len(known.versions), "agreed on what was not circulated"

    def convene(self, slug, by, days, variant):
        organ = next((draft.organ for name, draft in self.council.chamber().drafts.items() if name == slug), "chs")
        day = self.day + timedelta(days=days)
        chair = {"whole": "RUS"}.get(variant, "")

        def call():
            return self.council.sessions.convene(organ, day, place="Moscow", chair=chair, by=by, on=self.day)

        if found := self.attempt(by, slug, call):
            self.answered(by, found)
        return f"{organ}/{day}"

    def place_on_agenda(self, slug, by, code, *, narrow):
        sessions = self.council.sessions
        call = lambda: sessions.place(slug, code, by=by, narrow=narrow, discussion=not narrow, on=self.day)  # noqa: E731
        if found := self.attempt(by, slug, call):
            known = self.known[slug]
            changed = max(place for place, step in enumerate(known.log) if step in {"propose", "revise"})
            assert "agree" in known.log[changed:] or known.log[-1] in {"postpone", "refer"}, known.log
            known.log.append("place")
            known.shown.add(len(known.versions))
            known.placed, known.openly = True, known.openly or not narrow
            self.answered(by, found)

    def session(self, slug, by, *, close, variant):
        draft = self.council.chamber().drafts.get(slug)
        code = draft.session if draft is not None and draft.session else "chs/1997-01-01"
        present = ("KAZ", "RUS", "KGZ") if variant == "gap" else None
        sessions = self.council.sessions
        verb = sessions.close if close else sessions.open
        more = {} if close else {"present": present}
        if found := self.attempt(by, slug, lambda: verb(code, by=by, on=self.day, **more)):
            self.answered(by, found)

    def open_vote(self, slug, by, variant):
        rule = {"gap": "mek_simple", "nowhere": "interstate_bank"}.get(variant, "")
        if found := self.attempt(by, slug, lambda: self.council.decisions.open(slug, by=by, rule=rule, on=self.day)):
            self.known[slug].log.append("open_vote")
            self.known[slug].cast = {}
            self.answered(by, found)

    def vote(self, slug, by, word):
        secret = self.secret()

        def call():
            return self.council.decisions.vote(slug, word, by=by, special_opinion=secret, on=self.day)

        if found := self.attempt(by, slug, call):
            known, state = self.known[slug], PEOPLE[by][0]
            assert state not in known.cast, "a vote counted twice"
            known.cast[state] = word
            known.votes.append((state, secret))
            self.answered(by, found)

    def close_vote(self, slug, by):
        if found := self.attempt(by, slug, lambda: self.council.decisions.close(slug, by=by, on=self.day)):
            known = self.known[slug]
            assert {vote.state: vote.vote for vote in found.votes} == known.cast
            assert found.adopted is self.naive(found.rule, known.cast)
            known.public |= {secret for _, secret in known.votes}
            known.log.append("close_vote")
            self.answered(by, found)

    @staticmethod
    def naive(rule, cast):
        """Count consensus, and shares of weights or heads, by hand."""
        if "for" not in cast.values() or ("against" in rule["blocking"] and "against" in cast.values()):
            return False
        if not rule["majorities"]:
            return True
        (majority,) = rule["majorities"]
        weight = {voter: int(majority["weights"].get(voter, "1")) for voter in rule["voters"]}
        have = sum(weight[voter] for voter, word in cast.items() if word == "for")
        out = sum(weight[voter] for voter, word in cast.items() if word not in rule["counted"])
        numerator, _, denominator = majority["quota"][0].partition("/")
        over = have * int(denominator) - int(numerator) * (sum(weight.values()) - out)
        return over > 0 if majority["strict"] else over >= 0

    def sign(self, slug, by, *, decline):
        secret = self.secret()
        verb = self.council.signatures.decline if decline else self.council.signatures.sign
        if found := self.attempt(by, slug, lambda: verb(slug, by=by, statement=secret, on=self.day)):
            known, (state, capacity) = self.known[slug], PEOPLE[by]
            assert state not in known.signed
            held = [span for name, *span in self.powers if name == by]
            assert decline or capacity != "delegate" or any(a <= self.day < b for a, b in held), "no full powers"
            known.signed[state] = not decline
            known.public.add(secret)
            self.answered(by, found)

    def empower(self, slug, by, name, days):
        secret, until = self.secret(), self.day + timedelta(days=days)

        def call():
            return self.council.people.empower(name, basis=secret, draft=slug, until=until, by=by, on=self.day)

        if found := self.attempt(by, slug, call):
            self.powers.append((name, self.day, until))
            self.known[slug].bases[secret] = PEOPLE[name][0]
            self.answered(by, found)

    def deposit(self, slug, by, state, act):
        if found := self.attempt(
            by, slug, lambda: self.council.signatures.deposit(slug, state, act, by=by, on=self.day)
        ):
            assert any(self.known[slug].signed.values()) or "enact" in self.known[slug].log
            self.check_said(by, str(found))

    def sees(self, name, slug):
        place, role = PEOPLE[name]
        known = self.known[slug]
        if role in {"secretary", "auditor"}:
            return True
        if role == "observer":
            return known.openly
        return place == known.author or known.placed or known.circulated > 0

    def allowed(self, name):
        place, role = PEOPLE[name]
        inside, working = role in {"secretary", "auditor"}, role != "observer"
        if inside:
            return {f"zq{number}q" for number in range(1, self.count + 1)}
        found = set()
        for slug, known in self.known.items():
            if not self.sees(name, slug):
                continue
            own = working and place == known.author
            found |= {secret for number, secret in enumerate(known.versions, 1) if own or number in known.shown}
            found |= known.public | {secret for secret, state in known.bases.items() if state == place}
            if working:
                found |= set(known.amendments)
                found |= {secret for state, secret in known.votes if state == place}
                found |= {
                    secret
                    for state, version, secret in known.opinions
                    if state == place or known.agreed or known.table.get(version) or version < known.circulated
                }
        return found

    def do(self, step, slug, by, *, n, variant, days):
        """Take any step."""
        drafts, sessions, signatures = self.council.drafts, self.council.sessions, self.council.signatures
        stance = ("agree", "remarks", "object", "not_interested", "maybe")[n % 5]
        code = next(reversed(self.council.chamber().sessions), "chs/1997-03-28")
        steps = {
            "propose": lambda: self.propose(slug, by, variant, ORGANS[n % 3]),
            "revise": lambda: self.revise(slug, by, variant, n % 3),
            "register": lambda: self.simple(slug, by, drafts.register),
            "send_back": lambda: self.simple(slug, by, drafts.send_back, reason="no"),
            "circulate": lambda: self.circulate(slug, by, days),
            "opine": lambda: self.opine(slug, by, stance),
            "experts": lambda: self.simple(slug, by, drafts.convene_experts),
            "amend": lambda: self.amend(slug, by),
            "table": lambda: self.table(slug, by),
            "agree": lambda: self.agree(slug, by),
            "withdraw": lambda: self.simple(slug, by, drafts.withdraw),
            "convene": lambda: self.convene(slug, by, days, variant),
            "place": lambda: self.place_on_agenda(slug, by, code, narrow=n == 3),
            "discuss": lambda: self.attempt(by, slug, lambda: sessions.discuss(slug, by=by, on=self.day)),
            "open": lambda: self.session(slug, by, close=False, variant=variant),
            "close": lambda: self.session(slug, by, close=True, variant=variant),
            "postpone": lambda: self.simple(slug, by, sessions.postpone),
            "refer": lambda: self.simple(slug, by, sessions.refer, organ=("chg", "economic-council", "chs")[n % 3]),
            "open_vote": lambda: self.open_vote(slug, by, variant),
            "vote": lambda: self.vote(slug, by, WORDS[n % len(WORDS)]),
            "close_vote": lambda: self.close_vote(slug, by),
            "report": lambda: self.attempt(
                by, slug, lambda: self.council.decisions.report(slug, "", by=by, on=self.day)
            ),
            "empower": lambda: self.empower(slug, by, SPEAKERS[n % 6], days),
            "open_signature": lambda: self.attempt(by, slug, lambda: signatures.open(slug, by=by, on=self.day)),
            "sign": lambda: self.sign(slug, by, decline=n == 4),
            "close_signature": lambda: self.attempt(by, slug, lambda: signatures.close(slug, by=by, on=self.day)),
            "enact": lambda: self.simple(slug, by, signatures.enact),
            "certify": lambda: self.simple(slug, by, signatures.certify),
            "deposit": lambda: self.deposit(
                slug, by, ("KAZ", "RUS", "UZB")[n % 3], "accession" if n == 2 else "ratification"
            ),
            "enter": lambda: self.simple(slug, by, signatures.enter_into_force),
            "assign": lambda: self.attempt(
                by, slug, lambda: self.council.tasks.assign(slug, "do", to=["KAZ"], by=by, on=self.day)
            ),
            "progress": lambda: self.attempt(
                by, slug, lambda: self.council.tasks.progress(f"{slug}#1", n * 25, by=by, on=self.day)
            ),
            "finish": lambda: self.simple(slug, by, signatures.finish),
        }
        steps[step]()

    @rule(
        step=st.sampled_from(
            sorted({step for steps in NEXT.values() for step in steps} | {"withdraw", "close", "report"})
        ),
        by=st.sampled_from(sorted(PEOPLE)),
        slug=st.sampled_from(SLUGS),
        n=st.integers(0, 7),
        variant=st.sampled_from(VARIANTS),
        days=st.sampled_from((0, 0, 1, 30, -2)),
    )
    def anything(self, *, step, by, slug, n, variant, days):
        """Anybody tries anything, also on a day gone by."""
        today = self.day
        self.day += timedelta(days=min(days, 0))
        self.do(step, slug, by, n=n, variant=variant, days=days)
        self.day = max(today, self.day)

    @rule(slug=st.sampled_from(SLUGS[:2]), ns=st.lists(st.integers(0, 7), min_size=1, max_size=12), whole=st.booleans())
    def forward(self, slug, ns, whole):
        """Those whose turn it is go on."""
        for n in ns:
            draft = self.council.chamber().drafts.get(slug)
            stage = draft.stage if draft is not None else None
            steps = NEXT.get(stage, ())
            if not steps:
                return
            step = steps[n % len(steps)]
            if stage == "on_agenda" and self.council.chamber().sessions[draft.session].state == "convened":
                step, self.day = "open", max(self.day, self.council.chamber().sessions[draft.session].day)
            if step in {"agree", "experts"} and draft.deadline is not None:
                self.day = max(self.day, draft.deadline + timedelta(days=1))
            if step == "place" and not self.council.chamber().sessions:
                step = "convene"
            by = SPEAKERS[n % len(SPEAKERS)] if step in BY_STATES else SECRETARY
            by = "K. Head" if step == "propose" else by
            variant = "whole" if whole else VARIANTS[n % len(VARIANTS)]
            days = 45 if step in {"convene", "empower"} else 10
            self.do(step, slug, by, n=n, variant=variant, days=days)

    @rule(days=st.sampled_from((1, 7, 45)))
    def wait(self, days):
        self.day += timedelta(days=days)

    @precondition(lambda self: self.known)
    @rule()
    def somebody_unknown(self):
        """Who is not admitted, or no longer, neither acts nor sees."""
        with suppress(DostastyqError):
            self.council.view(LEAVING, self.day)
            assert self.day < START + timedelta(days=40)
        self.attempt(SECRETARY, "", lambda: self.council.view("N. Obody", self.day))

    def anew(self, what):
        """Whether something was recorded since this was looked at last."""
        heads = tuple(self.journal.head(stream) for stream in ("council", "register"))
        before, self.checked[what] = self.checked.get(what), heads
        return before != heads

    @invariant()
    def no_gate_was_skipped(self):
        assert not self.anew("gates") or not verify(self.journal)

    @invariant()
    def every_vote_is_there_once(self):
        for slug, draft in self.council.chamber().drafts.items():
            if draft.poll is not None:
                assert [(vote.state, vote.vote) for vote in draft.poll.votes] == [*self.known[slug].cast.items()]
            if draft.round is not None:
                assert {each.state: each.signed for each in draft.round.signatures} == self.known[slug].signed
                law = self.council.law()
                signatories = [state for state, signed in self.known[slug].signed.items() if signed]
                assert (slug in law.instruments) == bool(signatories)
                if signatories:
                    assert list(law.instrument(slug).signed.by) == signatories

    @invariant()
    def a_replay_is_the_same(self):
        if not self.anew("replay"):
            return
        folded = fold(Chamber(), self.journal.read("council"), "cis")
        assert folded == self.council.chamber() == self.reader.chamber()

    @invariant()
    def what_is_private_stays_private(self):
        if not self.anew("private"):
            return
        for name, (place, role) in PEOPLE.items():
            said = json.dumps(plain(self.council.view(name, self.day)), ensure_ascii=False)
            self.check_said(name, said)
            own = {
                secret
                for known in self.known.values()
                if place == known.author and role not in {"observer", "secretary", "auditor"}
                for secret in known.versions
            }
            assert own <= set(SECRET.findall(said)), name


Machine.TestCase.settings = settings(
    max_examples=250 if FULL else 12, stateful_step_count=40 if FULL else 25, deadline=None, report_multiple_bugs=False
)
TestMachine = Machine.TestCase
