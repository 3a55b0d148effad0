"""The mail ledger on a real desk: sums, filters, an opened mail, and what a person does with it (M7, M8, P3, R7)."""

import asyncio
import threading
from dataclasses import replace

import pytest
from textual.widgets import Input

from loop import ledger, receiving, triage
from loop.desk import Desk
from loop.views import Acted, LedgerRow, MailboxBalance
from tests.loop.mailing import Post, mail
from tests.tui.conftest import HOSTILE, MAILBOX, Opened, Screen, Shop, until
from tui.screens.asking import AskScreen
from tui.screens.ledger import PAGE, LedgerScreen, balance_lines, ledger_line
from tui.screens.ledger_mail import LedgerMailScreen
from tui.screens.ledger_words import why
from tui.screens.picker import Picker
from tui.screens.rawmail import RawMailScreen
from tui.widgets.rows import Rows
from tui.widgets.ticket.spans import spans_len


@pytest.fixture
def post(shop: Shop) -> Post:
    return Post(shop, MAILBOX)  # type: ignore[arg-type]


def outcomes(desk: Desk) -> dict[int, tuple[str, int | None]]:
    return {id: (outcome, ticket) for id, outcome, ticket in desk.db.rows("SELECT id, outcome, ticket FROM inbound")}


def ids(screen: Screen) -> list[int]:
    return [row.id for row in screen.app.screen.query_one(Rows).items]


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_an_empty_ledger_says_what_comes_there(opened: Opened, size: tuple[int, int]) -> None:
    """No sentence is cut."""
    async with opened(size) as screen:
        await screen.press("M")
        assert isinstance(screen.app.screen, LedgerScreen)
        assert "No mail has come yet." in screen.text() and "0 mails seen" in screen.text()
        told = " ".join(screen.text().replace("│", " ").split())
        assert "Every mail that a mailbox shows is listed here, with what came of it and why." in told
        assert "No mailbox is set up" not in told and "raw" not in told
        await screen.press("enter", "a", "n", "t", "r", "s", "d", "B", "O", "G")
        assert isinstance(screen.app.screen, LedgerScreen)
        await screen.press("escape")
        assert screen.app.screen is screen.queue


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        ("threaded", "token", "it answers a message of ours, whose signed Message-ID it names"),
        (
            "threaded",
            "subject-tag; under another subject · over the size limit",
            "under another subject · over the size",
        ),
        ("automatic", "Auto-Submitted: auto-replied", "a program wrote it: Auto-Submitted: auto-replied"),
        ("automatic", "List-Id", "a program wrote it: List-Id"),
        ("automatic", "text/calendar", "an answer to an invitation"),
        ("suspect", "Return-Path: \x1b[31m", "Return-Path: [31m"),
        ("triage", "on no ticket that we know", "on no ticket that we know"),
        ("triage", "", ""),
    ],
)
def test_m8_a_reason_is_told_in_words(outcome: str, reason: str, said: str) -> None:
    """Signs are for commands and searches; what is a sentence already, or is unknown, stays as it is."""
    told = why(outcome, reason)
    assert said in told and "\x1b" not in told
    assert "token" not in told and "subject-tag" not in told


async def test_an_empty_ledger_without_a_mailbox_says_where_one_is_set_up(opened: Opened, shop: Shop) -> None:
    shop.desk.config = replace(shop.desk.config, mailboxes=())
    async with opened() as screen:
        await screen.press("M")
        assert "No mailbox is set up here: Esc, then S, Mailboxes, o." in screen.text()


async def test_m8_needs_its_right(opened: Opened, shop: Shop) -> None:
    agent = replace(shop, actor=shop.other)
    async with opened(at=agent) as screen:
        await screen.press("M")
        assert screen.app.screen is screen.queue and "administrator" in screen.said


async def test_m8_sums_by_mailbox_and_newest_first(opened: Opened, shop: Shop, post: Post) -> None:
    """The sums balance, and each mailbox has its own."""
    other = Post(shop, replace(MAILBOX, address="pedidos@loja.example"))  # type: ignore[arg-type]
    raw = mail("oi", subject="Assunto um").as_bytes()
    post(raw)
    other(raw)
    post(mail("fora", Auto_Submitted="auto-replied"))
    async with opened((120, 36)) as screen:
        await screen.press("M")
        shown = screen.text()
        assert "3 mails seen" in shown and "✓ balances" in shown
        assert "all mailboxes" in shown and "pedidos@loja.example" in shown
        assert ids(screen) == [3, 2, 1]
        assert "automatic" in shown and "duplicate" in shown and "triage" in shown
        await screen.press("down")
        assert "the same mail as number 1" in screen.text(), "the reason of the one under the cursor"


async def test_filters_by_outcome_mailbox_and_words_show_and_clear(opened: Opened, shop: Shop, post: Post) -> None:
    for i in range(4):
        post(mail(f"oi {i}", subject=f"Assunto {i}"))
    post(mail("fora", subject="férias", Auto_Submitted="auto-replied"))
    async with opened() as screen:
        await screen.press("M", "v")
        assert isinstance(screen.app.screen, Picker)
        await screen.press(*"automatic", "enter")
        assert ids(screen) == [5] and "automatic" in screen.text().splitlines()[2]
        await screen.press("escape")
        assert len(ids(screen)) == 5 and isinstance(screen.app.screen, LedgerScreen)
        await screen.press("slash", *"assunto", "space", "2", "enter")
        assert ids(screen) == [3] and "/assunto 2" in screen.text()
        await screen.press("slash", *"zzz", "enter")
        assert ids(screen) == [] and "No mail is so." in screen.text()
        await screen.press("escape", "b", "down", "enter")
        assert len(ids(screen)) == 5 and "sac@loja.example" in screen.text()
        await screen.press("slash", "x", "escape")
        assert len(ids(screen)) == 5, "Esc leaves the search as it was"


async def test_pages_are_read_as_one_goes_down(opened: Opened, shop: Shop, post: Post) -> None:
    for i in range(PAGE + 30):
        post(mail(f"oi {i}"))
    async with opened() as screen:
        await screen.press("M")
        assert len(ids(screen)) == PAGE
        await screen.press("G", "G")
        assert ids(screen) == list(range(PAGE + 30, 0, -1))


async def test_m8_an_opened_mail_says_why_and_shows_the_raw_one(opened: Opened, shop: Shop, post: Post) -> None:
    made = mail("Segue.\n\nEm seg., 5 de out. de 2026, Loja <s@l.example> escreveu:\n> antes", subject="Nota")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="nota.pdf")
    id = post(made)
    triage.attach(shop.desk, id, 7, actor=shop.actor)
    async with opened() as screen:
        await screen.press("M", "enter")
        assert isinstance(screen.app.screen, LedgerMailScreen)
        shown = screen.text()
        for words in (
            "Lia <lia@clientes.example>",
            "attached by hand",
            "← threaded · #7",
            "Segue.",
            "▸ ",
            "+ nota.pdf",
        ):
            assert words in shown, words
        await screen.press("o", "G")
        assert "│ > antes" in screen.text() or "> antes" in screen.text()
        assert "attached it" in screen.text() and "triage → threaded · #7" in screen.text()
        await screen.press("O")
        assert isinstance(screen.app.screen, RawMailScreen) and "Subject:" in screen.text()
        await screen.press("escape", "enter")
        assert screen.app.screen is screen.queue
        assert screen.queue.view is not None and screen.queue.view.row.number == 7


async def test_m8_a_mail_is_attached_by_number(opened: Opened, shop: Shop, post: Post) -> None:
    first, second = post(mail("um")), post(mail("dois"))
    async with opened() as screen:
        await screen.press("M", "down", "a")
        assert isinstance(screen.app.focused, Input)
        await screen.press(*"x", "enter")
        assert "Type the ticket's number." in screen.text() and isinstance(screen.app.focused, Input)
        await screen.press("backspace", *"#5", "enter")
        assert outcomes(shop.desk) == {first: ("threaded", 5), second: ("triage", None)}
        assert "Attached to #5" in screen.text() and screen.app.screen.query_one(Rows).current.id == first
        await screen.press("a")
        assert "on #5 already" in screen.text(), "a key that cannot act says why"
        await screen.press("up", "a", *"99999", "enter")
        assert "no ticket #99999" in screen.text() and outcomes(shop.desk)[second] == ("triage", None)


async def test_m8_a_ticket_is_opened_with_a_mail_and_the_mail_taken_off(opened: Opened, shop: Shop, post: Post) -> None:
    id = post(mail("um", subject="Cadê"))
    async with opened() as screen:
        await screen.press("M", "n")
        assert isinstance(screen.app.screen, Picker)
        await screen.press(*"detra", "enter")
        outcome, number = outcomes(shop.desk)[id]
        assert outcome == "new" and f"Opened #{number}" in screen.text()
        await screen.press("s", "enter")
        assert outcomes(shop.desk)[id] == ("triage", None), "back to triage is the first that is offered"
        await screen.press("s")
        assert "on no ticket" in screen.text()


async def test_m8_a_quarantined_mail_is_read_again_by_its_key(
    opened: Opened, shop: Shop, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, *_: object) -> None:
        raise RuntimeError("o leitor quebrou")

    with monkeypatch.context() as patched:
        patched.setattr(receiving.Receiver, "receive", broken)
        id = post(mail("um", subject="Cadê"))
    async with opened() as screen:
        await screen.press("M")
        await until(lambda: "o leitor quebrou" in screen.text())
        await screen.press("a")
        assert outcomes(shop.desk)[id] == ("quarantined", None), "what was not read goes nowhere"
        await screen.press("r")
        assert outcomes(shop.desk)[id] == ("triage", None)
        await until(lambda: "o leitor quebrou" not in screen.text())


async def test_m8_a_key_right_after_another_is_judged_by_what_that_one_did(
    opened: Opened, shop: Shop, post: Post
) -> None:
    """`s` behind `n` takes the mail off the ticket that is being opened with it."""
    id = post(mail("um", subject="Cadê"))
    async with opened() as screen:
        await screen.press("M", "n", *"detra")
        going = threading.Event()
        screen.app.writes.submit(lambda: going.wait(60))
        await screen.pilot.press("enter")
        await until(lambda: isinstance(screen.app.screen, LedgerScreen))
        await screen.pilot.press("s")
        await screen.pilot.pause()
        going.set()
        await until(lambda: isinstance(screen.app.screen, Picker))
        await screen.quiet()
        assert outcomes(shop.desk)[id][0] == "new"


async def test_m7_a_suspect_is_accepted_and_its_address_known_if_wished(opened: Opened, shop: Shop, post: Post) -> None:
    first = post(mail("oi", sender="c3@clientes.example", id="a"))
    assert isinstance(triage.attach(shop.desk, first, 4, actor=shop.actor), Acted)
    id = post(mail("sou a irmã", In_Reply_To="<a@clientes.example>"))
    assert outcomes(shop.desk)[id] == ("suspect", 4)
    async with opened() as screen:
        await screen.press("M", "enter")
        assert "lia@clientes.example is not known on #4" in screen.text()
        await screen.press("t", "escape")
        assert outcomes(shop.desk)[id] == ("suspect", 4)
        await screen.press("t", "down", "enter")
        assert outcomes(shop.desk)[id] == ("threaded", 4) and "Accepted on #4" in screen.text()
        await screen.press("escape")
        assert "threaded" in screen.text() and "suspect" in screen.text()
    again = post(mail("de novo", In_Reply_To="<a@clientes.example>"))
    assert outcomes(shop.desk)[again] == ("threaded", 4)


async def test_m11_blocking_asks_and_enter_is_no(opened: Opened, shop: Shop, post: Post) -> None:
    post(mail("compre", sender="Spam <spam@golpe.example>"))
    async with opened() as screen:
        await screen.press("M", "B")
        assert isinstance(screen.app.screen, AskScreen)
        await screen.press("enter", "B", "y")
        assert "spam@golpe.example is blocked." in screen.text()
        await screen.press("B")
        assert "is let in again" in screen.text()


async def test_m8_the_help_lists_every_key_that_may_be_used(opened: Opened, shop: Shop, post: Post) -> None:
    """Also those that the footer has no room for; and B says which way it goes."""
    post(mail("um", sender="Spam <spam@golpe.example>"))
    async with opened() as screen:
        await screen.press("M")
        assert "block" in dict(screen.app.screen.place_keys()[1])["B"]
        await screen.press("enter")
        assert {"a", "n", "B", "O"} <= dict(screen.app.screen.place_keys()[1]).keys()
        assert dict(screen.app.screen.place_keys()[1])["B"] == "block"
        await screen.press("B", "y")
        assert dict(screen.app.screen.place_keys()[1])["B"] == "let in again"
        await screen.press("n", "enter")
        await until(lambda: {"s", "B"} <= dict(screen.app.screen.place_keys()[1]).keys())
        assert not {"a", "n"} & dict(screen.app.screen.place_keys()[1]).keys()


async def test_m8_fetching_shows_what_comes_and_esc_stops_it(
    opened: Opened, shop: Shop, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from domain.refusals import refuse
    from loop import oversized

    id = post(mail("grande"), size=99_000_000)
    going = threading.Event()

    def slow(desk: Desk, inbound: int, *, actor: object, told: object) -> object:
        assert inbound == id
        while told(40_000_000, 99_000_000):  # type: ignore[operator]
            going.wait(0.01)
        return refuse("stopped")

    monkeypatch.setattr(oversized, "fetch_whole", slow)
    async with opened() as screen:
        await screen.press("M", "enter")
        assert "only its headers" in screen.text()
        await screen.press("d")
        await until(lambda: "40.0 MB of 99.0 MB" in screen.text())
        await screen.press("a", "s", "escape")
        assert isinstance(screen.app.screen, LedgerMailScreen), "Esc stops first"
        await until(lambda: "Stopped; nothing was changed." in screen.text())
        await screen.press("escape")
        assert isinstance(screen.app.screen, LedgerScreen)
        await asyncio.sleep(0)


async def test_a_second_mail_that_cannot_be_fetched_says_why(opened: Opened, shop: Shop, post: Post) -> None:
    post(mail("grande"), size=99_000)
    async with opened() as screen:
        await screen.press("M", "d")
        await until(lambda: "Nothing was changed" in screen.text() or "not set up here" in screen.text())


async def test_r7_hostile_mails_are_only_words(opened: Opened, shop: Shop, post: Post) -> None:
    subject = "".join(c for c in HOSTILE if c.isprintable()) + "x" * 200
    post(mail(HOSTILE, sender=f'"{subject[:40]}" <zoe@x.example>', subject=subject))
    for size in ((60, 15), (80, 24), (160, 45)):
        async with opened(size) as screen:
            await screen.press("M")
            seen = screen.text()
            await screen.press("enter")
            seen += screen.text()
            await screen.press("O")
            seen += screen.text()
            assert "[bold]Zoë" in seen and not any(c in seen for c in "\x1b\x9b\x07\u200d")


@pytest.mark.parametrize("width", [56, 76, 126])
def test_lines_fit_whatever_stands_in_them(width: int) -> None:
    row = LedgerRow(1, 0, HOSTILE, "tomorrow's [/]", HOSTILE, HOSTILE, HOSTILE * 9, 1042, 10)
    drawn = ledger_line(row, 10**12, width, here=True)
    assert "[bold]" in "".join(text for text, _role in drawn.spans) and drawn.right
    sums = [MailboxBalance(i, HOSTILE * i, 1_234_567, {"triage": 1_234_567}, 3) for i in range(9)]
    lines = balance_lines(sums, None, width)
    assert len(lines) == 6 and lines[1].spans
    assert all(spans_len(one.spans) <= max(width, 90) for one in lines)


async def test_what_is_out_of_sight_is_a_line_without_words(opened: Opened, shop: Shop, post: Post) -> None:
    """P3: an administrator who is not in the ticket's flow sees that a mail came, and no more."""
    from domain.people import Level
    from loop import people

    id = post(mail("segredo", subject="Segredo"))
    triage.attach(shop.desk, id, 3, actor=shop.actor)
    people.add_user(shop.desk, "eva", "Eva", "eva@loja.example", Level.ADMINISTRATOR, actor=shop.actor)
    async with opened(at=replace(shop, actor=shop.desk.actor("eva"))) as screen:
        await screen.press("M")
        shown = screen.text()
        assert "Segredo" not in shown and "lia@" not in shown and "on a ticket that you do not see" in shown
        await screen.press("a")
        assert "no mail" in screen.text()
        await screen.press("enter")
        assert "no mail" in screen.text() and "segredo" not in screen.text()
    assert len(ledger.lines(shop.desk, actor=shop.actor)) == 1


async def test_m7_a_suspect_is_accepted_on_its_ticket_without_a_right_on_the_mailbox(
    opened: Opened, shop: Shop, post: Post
) -> None:
    first = post(mail("oi", sender="c3@clientes.example", id="a"))
    triage.attach(shop.desk, first, 4, actor=shop.actor)
    id = post(mail("sou a irmã", In_Reply_To="<a@clientes.example>"))
    agent = replace(shop, actor=shop.other)
    async with opened((120, 36), at=agent) as screen:
        await screen.press("colon", *"accept", "enter")
        assert "no suspect mail" in screen.said
        await screen.press("colon", *"4", "enter")
        await screen.press("colon", *"accept", "enter")
        assert isinstance(screen.app.screen, Picker)
        await screen.press("enter")
        assert outcomes(shop.desk)[id] == ("threaded", 4) and "Accepted" in screen.said
