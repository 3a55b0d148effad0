"""A small app around one widget or screen, and tickets made by hand, the hostile ones among them."""

from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from domain.answers import ScoreClass
from domain.flows import Binding, Flow, Item, Phase, Status
from domain.tickets import Priority
from loop.views import AnswerView, Attachment, Customer, Earlier, Entry, Row, Tick, TicketView
from tui.theme import THEMES, derived

NOW = 1_790_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HOSTILE_NAME = "[bold]Zoë 👩‍🚒 مرحبا"
HOSTILE = "[@click=app.quit]x[/] \x1b]0;owned\x07\x1b[31mred\x1b[0m \x9b2J \u202eevil\u2028 [/]"

FLOW = Flow(
    1,
    "Detratores SP",
    (
        Phase(1, "Novo", Status.PENDING),
        Phase(
            2,
            "Contato",
            Status.PROGRESS,
            Binding.MANDATORY,
            (Item(1, "Ligar para o cliente"), Item(2, "Pedir uma foto"), Item(3, "Confirmar o endereço")),
        ),
        Phase(3, "Solução", Status.PROGRESS, Binding.OPTIONAL, (Item(4, "Enviar o código"),)),
        Phase(4, "Encerrado", Status.CLOSED),
        Phase(5, "Desistiu", Status.CLOSED),
    ),
)


def entries() -> tuple[Entry, ...]:
    """A short timeline with one entry of most kinds."""
    return (
        Entry(1, NOW - 2 * DAY, "opened", "retorno"),
        Entry(2, NOW - 2 * DAY, "started", "ana", {"old": "Novo", "new": "Contato"}),
        Entry(3, NOW - DAY, "note", "bia", text="@ana cliente antiga, ver com a loja"),
        Entry(
            4,
            NOW - DAY,
            "mail out",
            "ana",
            subject="Re: Entrega atrasada",
            text="Olá Marina,\n\nsinto muito pelo atraso.\n\nAbraço\nAna",
            state="sent",
            answer="250 queued as 4Xk",
            message=40,
        ),
        Entry(5, NOW - 20 * HOUR, "ticked", "ana", {"item": 1, "text": "Ligar para o cliente"}),
        Entry(
            6,
            NOW - 12 * MINUTE,
            "mail in",
            "Marina Alves",
            subject="Re: Entrega atrasada",
            text="Chegou hoje, mas veio a cor errada.",
            folded=("Em 20 de nov., Ana escreveu:\n> sinto muito\n> pelo atraso",),
            message=60,
            attachments=(Attachment(1, "etiqueta.jpg", "image/jpeg", 340_112),),
        ),
    )


def ticket(**changes: Any) -> TicketView:
    """Marina's ticket; fields of the row may be given as `row_name`."""
    row = Row(
        1042, "Entrega atrasada", Status.PROGRESS, "Contato", "Detratores SP", ScoreClass.DETRACTOR, 2,
        Priority.HIGH, "Marina Alves", "marina@clientes.example", "Pós-compra", "ana", NOW - 2 * DAY, NOW + 5 * HOUR,
        NOW - 12 * MINUTE, NOW - DAY, True, 1,
    )  # fmt: skip
    of_row = {key.removeprefix("row_"): changes.pop(key) for key in list(changes) if key.startswith("row_")}
    shown = changes.pop("entries", entries())
    view = TicketView(
        row=replace(row, **of_row),
        flow=FLOW,
        phase_id=2,
        description="",
        assignee_id=1,
        assignee_name="Ana",
        followers=("bia", "caio"),
        customer=Customer(
            1, "Marina Alves", "marina@clientes.example", "+55 11 98888-7777", "C-33", False, (("loja", "Pinheiros"),)
        ),
        answer=AnswerView(
            "Pós-compra",
            2,
            ScoreClass.DETRACTOR,
            "Comprei para o aniversário e chegou 9 dias depois.",
            NOW - 2 * DAY,
            (("Como foi a entrega?", "Péssima"),),
            (("canal", "site"),),
        ),
        earlier=(
            Earlier(NOW - 90 * DAY, "Pós-compra", 5, ScoreClass.DETRACTOR, "Fraco", 702),
            Earlier(NOW - 400 * DAY, "Pós-compra", 7, ScoreClass.NEUTRAL, "Demorou", 311),
        ),
        ticks=(Tick(1, "ana", NOW - 20 * HOUR),),
        tags=("atraso",),
        categories=("Entrega",),
        entries=shown,
        entries_total=len(shown),
        resolution="",
        outcome="",
        started=NOW - 2 * DAY,
        closed=None,
        last_event=6,
        can={"tick": None},
    )
    return replace(view, **changes)


def hostile_ticket() -> TicketView:
    """Every text that came from outside is hostile."""
    mail = Entry(
        7,
        NOW,
        "mail in",
        HOSTILE_NAME,
        subject=HOSTILE,
        text=f"{HOSTILE}\n{HOSTILE_NAME}\n" + "[/]" * 200,
        folded=(HOSTILE,),
        state="suspect",
        message=70,
        attachments=(Attachment(2, f"../../{HOSTILE}.jpg", "image/jpeg", 3),),
    )
    odd = Entry(8, NOW, HOSTILE, HOSTILE_NAME, {"old": HOSTILE, "new": [HOSTILE, 3, None]})
    note = Entry(9, NOW, "note", HOSTILE_NAME, text=HOSTILE)
    sent = Entry(10, NOW, "mail out", "ana", subject=HOSTILE, text=HOSTILE, state="failed", answer=HOSTILE, message=1)
    pairs = ((HOSTILE, HOSTILE), ("", ""))
    return ticket(
        row_subject=(HOSTILE + " assunto comprido" * 20)[:200],
        row_survey=HOSTILE,
        row_assignee=HOSTILE_NAME,
        followers=(HOSTILE_NAME,),
        customer=Customer(1, HOSTILE_NAME, HOSTILE, HOSTILE, HOSTILE, True, pairs),
        answer=AnswerView(HOSTILE, 2, ScoreClass.DETRACTOR, HOSTILE, NOW, pairs, pairs),
        earlier=(Earlier(NOW - DAY, HOSTILE, None, None, HOSTILE, None),),
        ticks=(Tick(1, HOSTILE_NAME, NOW),),
        tags=(HOSTILE,),
        categories=(HOSTILE,),
        description=HOSTILE,
        resolution=HOSTILE,
        outcome=HOSTILE,
        entries=(mail, odd, note, sent),
    )


class Harness(App[Any]):
    """Shows what it is given and remembers the messages that bubble up to it."""

    CSS = "Screen { background: $r-bg; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *widgets: Widget, theme: str = "retorno") -> None:
        super().__init__()
        self.animation_level = "none"
        for ours in THEMES:
            self.register_theme(ours)
        self.theme = theme
        self._shown = widgets
        self.heard: list[Message] = []
        self.answers: list[Any] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return derived(self.current_theme)

    def compose(self) -> ComposeResult:
        yield from self._shown

    def ask(self, screen: Screen[Any]) -> None:
        """Push a screen and keep its answer."""
        self.push_screen(screen, self.answers.append)

    def of(self, kind: type[Message]) -> list[Any]:
        """The messages of a kind that came up to here."""
        return [message for message in self.heard if isinstance(message, kind)]

    async def _on_message(self, message: Message) -> None:
        if message.__class__.__module__.startswith("tui."):
            self.heard.append(message)
        await super()._on_message(message)

    def screen_text(self) -> str:
        """All that is on the screen, without style."""
        width, height = self.size
        rows = self.screen._compositor.render_strips()
        assert len(rows) == height
        return "\n".join(row.text[:width] for row in rows)


def safe(text: str) -> bool:
    """Whether nothing in it could command a terminal."""
    return all(c == "\n" or (ord(c) >= 32 and not 0x7F <= ord(c) <= 0x9F and c not in "\u202e\u2028") for c in text)
