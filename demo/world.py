"""A small world for the demo: a database, three people, two flows, and two months of answers and work."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from demo import autopilot as plans
from demo.answers import SURVEY, Sample, samples
from demo.autopilot import DETRACTORS, OTHERS
from demo.customers import Person, reply
from demo.labels import CATEGORIES, WORDS, category_of, tags_of
from demo.letters import Behaviour
from demo.stories import HEARD, IN_PROGRESS, LETTERS, RESOLUTIONS, THANKED, UNREACHED, Story
from domain.answers import Answer, ScoreClass
from domain.contacts import fold_phone
from domain.flows import Binding, Flow, Status
from domain.people import Actor, Level, Role
from domain.plans import FlowPlan, IntakePlan, MemberPlan
from domain.refusals import Refusal
from domain.tickets import Priority
from loop import (
    activities,
    answers,
    autopilot,
    correspondence,
    drafts,
    editing,
    flows,
    founding,
    labels,
    mailboxes,
    managers,
    notes,
    outbox,
    people,
    queue,
    receiving,
    rule_clock,
    rule_mail,
    rules,
    surveys,
    teams,
    templates,
    tickets,
)
from loop.config import Config, MailboxConfig
from loop.desk import Desk, open_desk, wall_clock
from loop.views import Done, View
from mail.delivery import Delivered
from mail.mailbox import Cursor, Fetched

PLAYER = "ana"
TEAM = {
    "ana": ("Ana Prado", Level.OWNER),
    "bia": ("Bianca Moura", Level.AGENT),
    "caio": ("Caio Lins", Level.AGENT),
}

_HOUR = 3_600_000
_DAY = 24 * _HOUR
_TAUGHT = 12 * _DAY
"""How long ago the autopilot was set up."""

_AFTER = [
    ("Solução", Status.PROGRESS, Binding.OPTIONAL, ("Combinei o prazo com a loja", "Confirmei com o cliente")),
    ("Resolvido", Status.CLOSED, Binding.OPTIONAL, ()),
    ("Sem retorno", Status.CLOSED, Binding.OPTIONAL, ()),
]
_NEW = ("Novo", Status.PENDING, Binding.OPTIONAL, ())
_PHASES = {
    DETRACTORS: [
        _NEW,
        (
            "Contato",
            Status.PROGRESS,
            Binding.MANDATORY,
            ("Li a resposta e o histórico", "Falei com o cliente", "Anotei o que o cliente espera"),
        ),
        *_AFTER,
    ],
    OTHERS: [_NEW, ("Contato", Status.PROGRESS, Binding.OPTIONAL, ("Agradeci ao cliente",)), *_AFTER],
}


class DemoTrouble(Exception):
    """The demo's own world could not be made as it should be: a verb refused what the story tells."""


def found(config: Config) -> None:
    """The database with its people and flows, no answer yet."""
    name, _level = TEAM[PLAYER]
    founding.init(config, login=PLAYER, name=name, personal=True, language="pt", flow=False)
    desk = open_desk(config)
    try:
        owner = desk.actor(PLAYER)
        for login, (name, level) in TEAM.items():
            if login != PLAYER:
                _sure(people.add_user(desk, login, name, f"{login}@lojaaroeira.example", level, actor=owner))
        members = (
            MemberPlan(PLAYER, Role.ADMINISTRATOR),
            MemberPlan("bia", Role.AGENT),
            MemberPlan("caio", Role.AGENT),
        )
        for name, days, classes in (
            (DETRACTORS, 3, [ScoreClass.DETRACTOR]),
            (OTHERS, 5, [ScoreClass.NEUTRAL, ScoreClass.PROMOTER]),
        ):
            plan = FlowPlan(
                None,
                name,
                flows.phases_of(_PHASES[name]),
                members,
                days_until_due=days,
                intake=IntakePlan(classes=tuple(c.value for c in classes)),
            )
            _sure(flows.save(desk, plan, actor=owner))
        _sure(teams.create(desk, "Loja física", ["bia", "caio"], actor=owner))
        for parent, children in CATEGORIES.items():
            made = _sure(labels.create_category(desk, parent, actor=owner))
            for child in children:
                words = WORDS.get(f"{parent} / {child}", ())
                _sure(labels.create_category(desk, child, parent_id=made.id, words=words, actor=owner))
    finally:
        desk.close()


def answer(sample: Sample, now: int) -> Answer:
    """A sample answer as if it had come in relative to `now` (Unix ms)."""
    at = datetime.fromtimestamp((now - sample.hours_ago * _HOUR) / 1000, UTC).replace(microsecond=0)
    return Answer(
        external_id=sample.id,
        score=sample.score,
        comment=sample.comment,
        answered_at=at,
        name=sample.name,
        email=sample.email,
        phone=fold_phone(sample.phone),
        attributes=tuple(sample.attributes.items()),
        questions=tuple((q, a) for q, a in sample.questions.items() if a),
    )


@dataclass
class _Clock:
    """The time at which the story stands."""

    at: int

    def __call__(self) -> int:
        return self.at


@dataclass
class _Past:
    """Two months of work, told in the order in which it happened."""

    desk: Desk
    clock: _Clock
    now: int
    team: dict[str, Actor]
    flows: dict[str, Flow]
    categories: dict[str, int]
    """By “Parent / Child”."""
    mailbox: int
    box: MailboxConfig
    acts: list[tuple[int, int, Callable[[], object]]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """Ticket by answer."""
    received: int = 0
    """Mails that the shop's mailbox has shown."""

    def at(self, when: int, act: Callable[[], object]) -> None:
        """Have something happen at a time, though never in the future."""
        self.acts.append((min(when, self.now - 60_000), len(self.acts), act))

    def play(self) -> None:
        """Let it all happen."""
        for when, _order, act in sorted(self.acts, key=lambda a: a[:2]):
            self.clock.at = when
            _sure(act())


def people_the_past(config: Config) -> None:
    """Bring the sample answers in as they came, and do the work that the shop did on them."""
    now = wall_clock()
    clock = _Clock(now)
    # In the past nobody thinks twice, so that a mail of the story leaves when it is written.
    desk = open_desk(replace(config, undo_seconds=0), clock=clock)
    _hurry(desk)
    try:
        team = {login: desk.actor(login) for login in TEAM}
        flows = {flow.name: flow for flow in queue.flows(desk, actor=team[PLAYER])}
        kinds = {name: id for id, name in editing.labels(desk, actor=team[PLAYER])[1]}
        (box,) = config.mailboxes
        past = _Past(desk, clock, now, team, flows, kinds, mailboxes.ensure(desk, box), box)
        for arrived, some in _deliveries(now):
            past.at(arrived, lambda some=some: _import(past, some))
        _tell(past)
        _teach(past)
        past.play()
    finally:
        desk.close()
    desk = open_desk(config)
    try:
        _write_letters(desk, past)
    finally:
        desk.close()


def _hurry(desk: Desk) -> None:
    """Nothing here has to outlive a power cut, and two months of work are three hundred commits."""

    @event.listens_for(desk.db.engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")


def _deliveries(now: int) -> list[tuple[int, list[Sample]]]:
    """The answers as the shop's survey tool hands them over: what came in three hours, a few minutes later."""
    pieces: dict[int, list[Sample]] = {}
    for row in samples():
        pieces.setdefault(int(row.hours_ago // 3) if row.hours_ago > 24 else -int(row.hours_ago * 100), []).append(row)
    return [(now - int(min(r.hours_ago for r in some) * _HOUR) + 120_000, some) for some in pieces.values()]


def _import(past: _Past, some: list[Sample]) -> None:
    answers.take(past.desk, SURVEY, [answer(row, past.now) for row in some], actor=past.team[PLAYER])
    ids = {f"i{n}": row.id for n, row in enumerate(some)}
    past.numbers.update(
        past.desk.db.rows(
            "SELECT a.external_id, t.number FROM tickets t JOIN answers a ON a.id = t.answer_id"
            f" WHERE a.external_id IN ({', '.join(f':{n}' for n in ids)})",
            ids,
        )
    )
    if past.desk.now() > past.now - _TAUGHT:
        _mail_by_rules(past)


def _teach(past: _Past) -> None:
    """The autopilot is set up twelve days ago; what came before is not touched, but where somebody asked for it."""
    desk, owner = past.desk, past.team[PLAYER]

    def ids() -> dict[str, int]:
        return dict(rules.named(desk, actor=owner))

    def made() -> None:
        _sure(managers.save_table(desk, None, plans.TABLE, plans.ATTRIBUTE, plans.STATES, actor=owner))
        (survey,) = surveys.surveys(desk, actor=owner)
        _sure(surveys.change(desk, survey.id, {"own_templates": True}, actor=owner))
        for texts, place in ((plans.OF_ACCOUNT, {"account": True}), (plans.OF_SURVEY, {"survey": survey.id})):
            for klass, (sender, subject, body) in texts.items():
                name = plans.NAMES[klass]
                given = {"klass": klass, "sender_name": sender, "subject": subject, "body": body}
                _sure(templates.add(desk, name, **place, **given, actor=owner))
        for plan in (*plans.ON, *plans.OFF):
            saved = _sure(rules.save(desk, plan, actor=owner))
            if plan in plans.ON or plan is plans.BROKEN:
                _sure(rules.switch(desk, saved.id, True, actor=owner))

    past.at(past.now - _TAUGHT, made)
    past.at(
        past.now - _TAUGHT + 60_000, lambda: autopilot.run_past(desk, ids()[plans.SORTED.name], days=30, actor=owner)
    )
    past.at(past.now - 5 * _DAY, lambda: rules.switch(desk, ids()[plans.BROKEN.name], False, actor=owner))
    for hours in (12, 1):
        past.at(past.now - hours * _HOUR, lambda: rule_clock.tick(desk))


def _mail_by_rules(past: _Past) -> None:
    """What the autopilot writes leaves at once, and is taken."""
    rule_mail.write_due(past.desk, past.box)
    for letter in outbox.claim(past.desk, past.mailbox, "past"):
        outbox.settle(past.desk, letter, Delivered("sent", "250 2.0.0 Ok: queued as DEMO"))


def _tell(past: _Past) -> None:
    """Decide what happens to each answer: the stories, the rest closed when it is old enough, the newest untouched."""
    latest = {row.name: row for row in samples()}
    stories = {latest[story.customer].id: story for story in IN_PROGRESS}
    crowd: dict[tuple[int, str], list[Sample]] = {}
    for place, row in enumerate(r for r in samples() if r.email):
        if story := stories.get(row.id):
            _work(past, row, story)
        elif row.score <= 6 and row.hours_ago > 24:
            _settle(past, row, place)
        elif row.score > 6 and row.hours_ago > (30 if row.score > 8 else 60):
            crowd.setdefault((int(row.hours_ago // 24), THANKED if row.score > 8 else HEARD), []).append(row)
    for (_day, words), some in crowd.items():
        _thank(past, some, words)


def _work(past: _Past, row: Sample, story: Story) -> None:
    """A ticket in progress: started, noted, ticked, perhaps moved on."""
    desk, who = past.desk, past.team[story.who]
    flow = past.flows[DETRACTORS if row.score <= 6 else OTHERS]
    step = int(min(row.hours_ago, 60) * _HOUR / 8)
    when = past.now - int(row.hours_ago * _HOUR) + step

    def number() -> int:
        return past.numbers[row.id]

    past.at(when, lambda: tickets.start(desk, [number()], actor=who, take=True))
    past.at(when + 30_000, lambda: editing.tag(desk, [number()], tags_of(row.comment), actor=who))
    if category := past.categories.get(category_of(row.comment)):
        past.at(when + 45_000, lambda: editing.categorise(desk, [number()], [category], actor=who))
    for name, responsible in story.activities:
        past.at(
            when + 90_000,
            lambda name=name, login=responsible: activities.add(desk, number(), name, responsible=login, actor=who),
        )
    if story.high:
        past.at(when + 60_000, lambda: tickets.prioritise(desk, [number()], Priority.HIGH, actor=who))
    for place, (login, text) in enumerate(story.notes):
        past.at(
            when + (place + 1) * step,
            lambda login=login, text=text: notes.add(desk, [number()], text, actor=past.team[login]),
        )
    for place, item in enumerate(flow.first(Status.PROGRESS).items[: story.ticked]):
        past.at(when + (place + 1) * step + 240_000, lambda item=item: tickets.tick(desk, number(), item.id, actor=who))
    _exchange(past, row, story, when + step)
    if story.phase != "Contato":
        past.at(when + 5 * step, lambda: tickets.move(desk, [number()], story.phase, actor=who))


def _settle(past: _Past, row: Sample, place: int) -> None:
    """A detractor's ticket that was closed, one in six without an answer of the customer."""
    desk, who = past.desk, past.team[("ana", "bia", "caio")[place % 3]]
    born = past.now - int(row.hours_ago * _HOUR)
    begun = born + (4 + place % 5) * _HOUR
    took = min((9 + 11 * (place % 5)) * _HOUR, past.now - begun - _HOUR)
    unreached = place % 6 == 5
    resolution, outcome = RESOLUTIONS[place % len(RESOLUTIONS)]

    def number() -> int:
        return past.numbers[row.id]

    def finish() -> Done:
        for item in past.flows[DETRACTORS].first(Status.PROGRESS).items:
            tickets.tick(desk, number(), item.id, actor=who)
        return tickets.close(
            desk,
            [number()],
            actor=who,
            phase="Sem retorno" if unreached else "Resolvido",
            resolution=UNREACHED if unreached else resolution,
            outcome="sem resposta" if unreached else outcome,
            category=past.categories.get(category_of(row.comment)),
        )

    past.at(begun, lambda: tickets.start(desk, [number()], actor=who, take=True))
    past.at(begun + 60_000, lambda: tickets.prioritise(desk, [number()], Priority.LOW, actor=who))
    past.at(begun + took, finish)


def _thank(past: _Past, some: list[Sample], words: str) -> None:
    """Neutrals and promoters of one day, worked as a set."""
    desk, who = past.desk, past.team["caio" if words == THANKED else "bia"]
    begun = past.now - int(min(r.hours_ago for r in some) * _HOUR) + 4 * _HOUR

    def numbers() -> list[int]:
        return [past.numbers[row.id] for row in some]

    past.at(begun, lambda: tickets.start(desk, numbers(), actor=who, take=True))
    past.at(
        begun + 5 * _HOUR, lambda: tickets.close(desk, numbers(), actor=who, resolution=words, outcome="agradecido")
    )


def _exchange(past: _Past, row: Sample, story: Story, since: int) -> None:
    """The mails of a story, spread evenly from `since` until a little while ago."""
    until = past.now - (8 + sum(map(ord, story.customer)) % 170) * 60_000
    letters: list[bytes] = []
    for place, (login, text) in enumerate(story.mails):
        when = since + (until - since) * (place + 1) // len(story.mails)
        if login:
            past.at(when, lambda login=login, text=text: letters.append(_send(past, row, past.team[login], text)))
        else:
            past.at(when, lambda text=text: _receive(past, row, letters[-1], text))


def _send(past: _Past, row: Sample, actor: Actor, text: str) -> bytes:
    """A mail that an agent sent and the server took, as it left."""
    draft = drafts.begin(past.desk, past.numbers[row.id], actor=actor)
    _sure(correspondence.send(past.desk, replace(draft, body=text), actor=actor))
    (letter,) = outbox.claim(past.desk, past.mailbox, "past")
    outbox.settle(past.desk, letter, Delivered("sent", "250 2.0.0 Ok: queued as DEMO"))
    return letter.raw


def _receive(past: _Past, row: Sample, answered: bytes, text: str) -> None:
    """A mail with which the customer answered one of ours."""
    at = datetime.fromtimestamp(past.clock.at / 1000, UTC)
    raw = reply(answered, Person(row.name, Behaviour(row.behaves)), row.email, text, at)
    past.received += 1
    # The numbers are of a mailbox that was before the demo's: its own UIDVALIDITY makes the poller begin at its first.
    fetched = Fetched(uid=past.received, uidvalidity=1, size=len(raw), raw=raw)
    receiving.keep(past.desk, past.mailbox, [fetched], Cursor(1, past.received))
    receiving.process(past.desk)


def _write_letters(desk: Desk, past: _Past) -> None:
    """Mail that is leaving just now."""
    latest = {row.name: row for row in samples()}
    for customer, (login, body) in LETTERS.items():
        actor = past.team[login]
        draft = drafts.begin(desk, past.numbers[latest[customer].id], actor=actor)
        _sure(correspondence.send(desk, replace(draft, body=body), actor=actor))


def _sure(said: Any) -> Any:
    """The story holds only what the rules allow: DemoTrouble when a verb refused."""
    why = said if isinstance(said, Refusal) else said.why if isinstance(said, Done) else None
    if why:
        raise DemoTrouble(str(why))
    return said


def number_of(desk: Desk, address: str, *, actor: Actor) -> int:
    """The newest ticket of the customer with that address. DemoTrouble when there is none."""
    found = [row for row in queue.page(desk, View(), actor=actor, limit=1000).rows if row.email == address]
    if not found:
        raise DemoTrouble(f"no ticket of {address}")
    return max(found, key=lambda row: row.created).number
