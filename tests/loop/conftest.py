"""A small shop: ana owns it, bia and caio are agents of Detratores, davi only of Elogios, rui reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.answers import NPS, Answer
from domain.flows import Binding, Status
from domain.people import Actor, Level, Role
from domain.plans import FlowPlan, IntakePlan, MemberPlan
from gateways.config import Config
from gateways.mailboxes import MailboxConfig
from loop import answers, flows, founding
from loop.desk import Desk, open_desk
from loop.people import add_user
from loop.setup_views import Saved

FREE, HELD = Binding.OPTIONAL, Binding.MANDATORY
PHASES = [
    ("Novo", Status.PENDING, FREE, ()),
    ("Contato", Status.PROGRESS, HELD, ("Ler a resposta", "Falar com o cliente")),
    ("Solução", Status.PROGRESS, FREE, ("Combinar",)),
    ("Resolvido", Status.CLOSED, FREE, ()),
]
MAILBOX = MailboxConfig(
    name="sac",
    address="sac@loja.example",
    imap_host="127.0.0.1",
    smtp_host="127.0.0.1",
    imap_security="none",
    smtp_security="none",
)


@dataclass
class Clock:
    """A clock that stands still until told."""

    now: int = 1_795_000_000_000

    def __call__(self) -> int:
        return self.now


@dataclass
class Shop:
    """The desk and the people."""

    desk: Desk
    clock: Clock
    flow: int
    other_flow: int

    def __getattr__(self, login: str) -> Actor:
        return self.desk.actor(login)

    def answer(
        self,
        score: int = 2,
        comment: str = "Chegou tarde",
        name: str = "Marina Alves",
        email: str = "marina@clientes.example",
        **more: object,
    ) -> int | None:
        """Take one answer in; the number of its ticket, None when it opened none."""
        before = self.desk.db.rows("SELECT COALESCE(MAX(number), 0) FROM tickets")[0][0]
        if isinstance(more.get("attributes"), dict):
            more["attributes"] = tuple(more["attributes"].items())
        answer = Answer(
            str(more.pop("external_id", "")),
            score,
            comment,
            datetime.fromtimestamp(self.clock.now / 1000, UTC),
            name,
            email,
            **more,
        )  # type: ignore[arg-type]
        answers.take(self.desk, "Pós-compra", [answer], actor=self.ana, scale=NPS)
        after = self.desk.db.rows("SELECT COALESCE(MAX(number), 0) FROM tickets")[0][0]
        return after if after != before else None


def found(desk: Desk, name: str, roles: dict[str, Role], **intake: object) -> int:
    """Make a flow of the shop's phases; its id."""
    members = tuple(MemberPlan(login, role) for login, role in roles.items())
    plan = FlowPlan(None, name, flows.phases_of(PHASES), members, intake=IntakePlan(**intake))  # type: ignore[arg-type]
    saved = flows.save(desk, plan, actor=desk.actor("ana"))
    assert isinstance(saved, Saved)
    return saved.id


def people(url: str, clock: Clock) -> Shop:
    """The shop in a database that has its tables and nothing else."""
    config = Config(db_url=url, mailboxes=(MAILBOX,))
    founding.init(config, login="ana", name="Ana", flow=False)
    desk = open_desk(config, clock=clock)
    ana = desk.actor("ana")
    for login, level in (
        ("bia", Level.AGENT),
        ("caio", Level.ADMINISTRATOR),
        ("davi", Level.AGENT),
        ("rui", Level.ANALYST),
    ):
        add_user(desk, login, login.title(), f"{login}@loja.example", level, actor=ana)
    roles = {"bia": Role.AGENT, "caio": Role.AGENT, "rui": Role.ANALYST}
    flow = found(desk, "Detratores", roles, classes=("detractor", "neutral"))
    other = found(desk, "Elogios", {"davi": Role.AGENT})
    return Shop(desk, clock, flow, other)


@pytest.fixture
def shop(migrated_url: str) -> Iterator[Shop]:
    """On both databases."""
    shop = people(migrated_url, Clock())
    yield shop
    shop.desk.close()


@pytest.fixture
def ticket(shop: Shop) -> int:
    """A detractor's ticket, not started."""
    number = shop.answer()
    assert number
    return number


@pytest.fixture
def started(shop: Shop, ticket: int) -> int:
    """The same, started and taken by bia."""
    from loop import tickets

    assert tickets.start(shop.desk, [ticket], actor=shop.bia, take=True).done == (ticket,)
    return ticket


Events = Callable[[int], list[tuple[str, str]]]


@pytest.fixture
def events(shop: Shop) -> Events:
    """Kinds and actors of a ticket's events, oldest first."""

    def read(number: int) -> list[tuple[str, str]]:
        return [
            (kind, login or "—")
            for kind, login in shop.desk.db.rows(
                "SELECT e.kind, u.login FROM events e LEFT JOIN users u ON u.id = e.actor_id WHERE e.ticket = :n ORDER BY e.id",
                {"n": number},
            )
        ]

    return read
