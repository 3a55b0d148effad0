"""The screen on a real desk: a shop on SQLite with an agent, a flow and two hundred tickets, copied for each test."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from domain.answers import NPS, Answer
from domain.flows import Binding, Status
from domain.people import Actor, Level, Role
from domain.plans import FlowPlan, MemberPlan
from gateways.config import Config
from gateways.mailboxes import MailboxConfig
from loop import answers, flows, founding, people
from loop.desk import Desk, open_desk
from tests.tui import stillness
from tui.app import Retorno
from tui.lane import Lane
from tui.screens.queue import QueueScreen

TICKETS = 200
HOSTILE = "[bold]Zoë 👩‍🚒 مرحبا \x1b[31mred\x1b]0;x\x07\x9b2J [@click=app.quit]x[/]"
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PHASES = [
    ("New", Status.PENDING, Binding.OPTIONAL, ()),
    ("Contacting", Status.PROGRESS, Binding.MANDATORY, ("Read the answer", "Call the customer")),
    ("Solving", Status.PROGRESS, Binding.OPTIONAL, ()),
    ("Solved", Status.CLOSED, Binding.OPTIONAL, ()),
]
MAILBOX = MailboxConfig(
    name="sac", address="sac@loja.example", imap_host="127.0.0.1", smtp_host="127.0.0.1",
    imap_security="none", smtp_security="none",
)  # fmt: skip


@dataclass
class Shop:
    """A desk, somebody at it, and somebody else."""

    desk: Desk
    actor: Actor
    other: Actor

    def take(self, *given: Answer) -> None:
        """Let answers come in, as another process would."""
        answers.take(self.desk, "Pós-compra", given, actor=self.actor, scale=NPS)

    def rows(self, sql: str) -> Any:
        """What the database holds."""
        return self.desk.db.rows(sql)


def answer(i: int, name: str = "", score: int | None = None, comment: str = "") -> Answer:
    """The answer of one customer; the first one has a hostile name."""
    return Answer(
        f"a{i}",
        (i % 11) if score is None else score,
        comment or (HOSTILE if i == 0 else f"Chegou tarde pela {i}ª vez"),
        START + timedelta(minutes=i),
        name or (HOSTILE if i == 0 else f"Cliente {i:03}"),
        f"c{i}@clientes.example",
    )


def _config(path: Path) -> Config:
    # Long enough to take back what was sent, however busy the machine is.
    return Config(db_url=f"sqlite:///{path}", mailboxes=(MAILBOX,), undo_seconds=600)


def frozen() -> int:
    """The time at which the shop's answers came in, and at which pictures are taken."""
    return int((START + timedelta(hours=5)).timestamp() * 1000)


@pytest.fixture(autouse=True)
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilots wait until the program is at rest, also on a busy machine."""
    stillness.install(monkeypatch)


@pytest.fixture(scope="session")
def shop_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's database, made once."""
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    shutil.copy(sqlite_template, path)
    founding.init(_config(path), login="ana", name="Ana", language="en")
    desk = open_desk(_config(path), clock=frozen)
    ana = desk.actor("ana")
    with desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id > :n", {"n": 0})
    people.add_user(desk, "bia", "Bia", "bia@loja.example", Level.AGENT, actor=ana)
    plan = FlowPlan(None, "Detratores", flows.phases_of(PHASES), (MemberPlan("bia", Role.AGENT),))
    flows.save(desk, plan, actor=ana)
    answers.take(desk, "Pós-compra", (answer(i) for i in range(TICKETS)), actor=ana, scale=NPS)
    desk.db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.close()
    return path


@pytest.fixture
def shop(shop_template: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy of the shop, for one test."""
    path = tmp_path / "shop.sqlite"
    shutil.copy(shop_template, path)
    desk = open_desk(_config(path))
    yield Shop(desk, desk.actor("ana"), desk.actor("bia"))
    desk.close()


@pytest.fixture
def empty_shop(sqlite_template: Path, tmp_path: Path) -> Iterator[Shop]:
    """A desk without a single answer."""
    path = tmp_path / "empty.sqlite"
    shutil.copy(sqlite_template, path)
    founding.init(_config(path), login="ana", name="Ana", language="en")
    desk = open_desk(_config(path))
    yield Shop(desk, desk.actor("ana"), desk.actor("ana"))
    desk.close()


async def until(true: Callable[[], Any], timeout_s: float = 60.0) -> None:
    """Wait until something holds; fail with its name if it never does, however busy the machine is."""
    end = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"never: {true}")
        await asyncio.sleep(0.005)


@dataclass
class Screen:
    """The main screen, driven."""

    app: Retorno
    pilot: Pilot[int]

    @property
    def queue(self) -> QueueScreen:
        """The main screen."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, QueueScreen)
        return screen

    async def press(self, *keys: str) -> None:
        """Press keys one by one, as somebody who looks: what one started in the lanes ends before the next."""
        for key in keys:
            asked = self._asked
            await self.pilot.press(key)
            if asked != self._asked:
                await self.quiet()
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the lanes are idle and what they answered is shown, which may have had them work again."""
        asked = -1
        while asked != (asked := self._asked):
            await until(self._rests)
            for _i in range(3):
                await self.pilot.pause()
            await until(self._rests)

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return self.app.reads, self.app.figures, self.app.writes

    @property
    def _asked(self) -> int:
        return sum(lane.asked for lane in self._lanes)

    def _rests(self) -> bool:
        # A moment after the cursor has come to rest the ticket under it is read.
        preview = getattr(self.app.screen_stack[0], "_preview", None)
        return preview is None and not self.app._busy and all(lane.settle(0) for lane in self._lanes)

    @property
    def said(self) -> str:
        """What the last line says."""
        flash = self.queue.footer.flash
        return flash.text if flash else ""

    def text(self, widget: Any = None) -> str:
        """What the screen, or one widget, shows."""
        from textual.geometry import Region

        target = widget or self.app.screen
        if widget is not None:
            return "\n".join(s.text.rstrip() for s in widget.render_lines(Region(0, 0, *widget.size)))
        return "\n".join(strip.text.rstrip() for strip in target._compositor.render_strips())


Opened = Callable[..., AbstractAsyncContextManager[Screen]]


@pytest.fixture
def opened(shop: Shop) -> Opened:
    """Opens the screen at a size and waits for the list."""

    @asynccontextmanager
    async def open(size: tuple[int, int] = (80, 24), at: Shop = shop) -> AsyncIterator[Screen]:
        app = Retorno(at.desk, at.actor, background=False)
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot)
            await until(lambda: app.screen_stack and getattr(screen.queue, "_started", False))
            await screen.quiet()
            yield screen

    return open
