"""The whole program in a real terminal, from the first key to the closed ticket, and on its bad days."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from loop.desk import system_login
from tests.e2e.shop import AWAY, OURS, THEIRS, Customer, Shop
from tests.e2e.terminal import COLOUR, RETORNO, SPOOF, Terminal, retorno
from tests.servers.dovecot import Dovecot
from tests.servers.smtpreal import OpenSmtpd

ME = system_login()


@pytest.fixture(scope="module")
def shop_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """What `init` and `import` make, once: each test works on a copy."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = Shop(tmp_path_factory.mktemp("shop"), monkeypatch, AWAY, AWAY)
        retorno("init", "--language", "pt", "--name", "Ana")
        shop.takes()
        yield shop


@pytest.fixture
def customer(dovecot: Dovecot, opensmtpd: OpenSmtpd) -> Customer:
    dovecot.remove(OURS)
    dovecot.remove(THEIRS)
    return Customer(dovecot, opensmtpd)


@pytest.fixture
def shop(
    shop_made: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dovecot: Dovecot,
    opensmtpd: OpenSmtpd,
    customer: Customer,
) -> Shop:
    """A shop whose mail runs over Dovecot and OpenSMTPD, with two answers imported."""
    return shop_made.copied(tmp_path, monkeypatch, dovecot.port, opensmtpd.port)


@pytest.fixture
def shop_without_mail(shop_made: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose mail servers are away, and which lets them be: what is known of its mailbox came with the copy."""
    return shop_made.copied(tmp_path, monkeypatch)


@pytest.fixture
def shop_in_trouble(shop_made: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop that tries in vain to reach its mail servers."""
    return shop_made.copied(tmp_path, monkeypatch, AWAY, AWAY)


@pytest.mark.servers
def test_one_loop_in_a_terminal_from_the_answer_to_the_closed_ticket(shop: Shop, customer: Customer) -> None:
    with Terminal(shop.folder, *RETORNO, size=(120, 36)) as t:
        # The most urgent ticket is under the cursor, and what it is about stands beside it.
        t.shows("2 Open 2", "Marina Alves", "“Chegou nove dias depois”")
        t.keys("Enter")
        t.shows("c checklist")
        t.keys("r")
        t.shows("Writing needs a started ticket")
        t.keys("s")
        t.shows("new draft", "Re: Chegou nove dias depois")
        assert shop.ticket()["assignee"] == ME and shop.ticket()["status"] == "progress"

        # What is typed is saved, shown as it will leave, and leaves on y alone (M2, M4).
        t.type("Olá Marina, vamos resolver.")
        t.shows("draft saved")
        t.keys("F5")
        t.shows("This is what leaves", f"SAC da Loja <{OURS}>", f"Marina Alves <{THEIRS}>")
        t.keys("Enter")
        t.shows("This is what leaves")
        assert shop.rows("SELECT COUNT(*) FROM outbox") == [(0,)], "Enter sends nothing"
        t.keys("y")
        t.shows("accepted")
        t.until("the customer has it", customer.mail)
        (mail,) = customer.mail()
        assert mail["From"] == f"SAC da Loja <{OURS}>" and mail["Subject"] == "Re: Chegou nove dias depois"

        # A reply arrives while one writes: it shows by itself, and nothing of one's own moves.
        t.keys("r")
        t.shows("new draft")
        t.type("Mais uma coisa")
        t.shows("draft saved", "Mais uma coisa")
        column = t.caret[0]
        customer.answers(mail, "Obrigada, chegou!")
        t.shows("Obrigada, chegou!", "Mais uma coisa")
        assert t.caret[0] == column, "the caret stays in the draft"
        t.type(", por favor.")
        t.shows("Mais uma coisa, por favor.", "▌")
        assert "Marina" in t.line("▌")
        t.until("the draft is saved whole", lambda: shop.draft() == "Mais uma coisa, por favor.")
        assert "vamos resolver" not in t.screen.split("Obrigada", 1)[1], "what she quoted is folded (M10)"
        t.keys("Escape")
        t.shows("The draft is kept")

        # The phase cannot be left before its checklist is done, and what is missing is named (P7).
        t.keys("c")
        t.shows("Li a resposta e o histórico")
        t.keys("m")
        t.shows("Move #1 to", "The checklist of Contato is mandatory")
        t.type("Resolvido")
        t.shows_no("Sem retorno  closed")
        t.keys("Enter")
        t.shows("Still missing", "Falei com o cliente.")
        assert shop.ticket()["phase"] == "Contato"
        t.keys("Escape")
        t.shows("type to find")
        t.keys("Escape")
        t.shows_no("Move #1 to")
        t.keys("Space")
        t.shows("☑ Li a resposta")
        t.keys("j", "Space")
        t.shows("☑ Falei com o cliente", "2/2")

        # It closes with a resolution, not without one (T6).
        t.command("close")
        t.shows("Close #1", "What was done")
        t.keys("F5")
        t.shows("Closing asks for a resolution")
        t.type("Entregue, cor trocada")
        t.keys("F5")
        t.shows("4 Closed 1")
        t.keys("q")
        assert t.exit_code == 0 and t.restored

    ticket = shop.ticket()
    assert (ticket["status"], ticket["phase"], ticket["assignee"]) == ("closed", "Resolvido", ME)
    assert ticket["resolution"] == "Entregue, cor trocada"
    assert [e["kind"] for e in ticket["timeline"] if e["kind"].startswith("mail")] == ["mail out", "mail in"]
    assert shop.ledger() == {"seen": 1, "threaded": 1}
    assert len(customer.mail()) == 1, "the second draft never left"


@pytest.mark.servers
def test_one_loop_in_the_smallest_usual_terminal(shop: Shop, customer: Customer) -> None:
    """80x24: list, ticket and draft lie over each other; Esc goes back one at a time."""
    with Terminal(shop.folder, *RETORNO, size=(80, 24)) as t:
        t.shows("Marina Alves", "Clara Souza", "Subject")
        t.keys("j")
        t.until("the cursor is on Clara", lambda: "Clara" in t.line("▌"))
        t.keys("k", "Enter")
        t.shows("“Chegou nove dias depois”", "Timeline 1")
        t.command("take")
        t.until("it is hers", lambda: taken(shop) == 1)
        t.keys("r")
        t.shows("new draft")
        t.type("Olá, Marina!")
        t.shows("draft saved")
        t.keys("F5")
        t.shows("This is what leaves", "Olá, Marina!")
        t.keys("y")
        t.shows("accepted")
        t.until("the customer has it", customer.mail)
        customer.answers(customer.mail()[0], "Agora sim.")
        t.shows("Agora sim.")
        t.keys("Escape")
        t.shows("Clara Souza")
        assert "●" in t.line("Marina Alves"), "what waits for an answer is marked"
        t.keys("q")
        assert t.exit_code == 0


@pytest.mark.servers
def test_m4_what_was_sent_is_taken_back_from_the_keyboard(shop: Shop, customer: Customer) -> None:
    config = shop.folder / "config.toml"
    config.write_text(config.read_text().replace("undo_seconds = 1", "undo_seconds = 300"))
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves")
        write(t, "Isto sai cedo demais")
        t.keys("F5")
        t.shows("This is what leaves", "Isto sai cedo demais")
        t.keys("y")
        t.shows("sending in", "u takes it back")
        t.keys("u")
        t.shows("Taken back", "Isto sai cedo demais")
    assert shop.rows("SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'claimed', 'data', 'sent')") == [(0,)]
    assert shop.draft() == "Isto sai cedo demais" and not customer.mail()


def taken(shop: Shop) -> int:
    """How many tickets are somebody's."""
    return shop.rows("SELECT COUNT(*) FROM tickets WHERE assignee_id IS NOT NULL")[0][0]


def write(t: Terminal, words: str) -> None:
    """Take the ticket under the cursor and write a draft, until it is saved once."""
    t.command("take")
    t.shows("assigned to")
    t.keys("r")
    t.shows("new draft")
    t.type(words)
    t.shows("draft saved")


# What becomes of a draft when the program or its terminal dies


def test_m4_a_killed_program_loses_at_most_the_last_second(shop_without_mail: Shop) -> None:
    shop = shop_without_mail
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves")
        write(t, "Linha um.")
        t.keys("Enter")
        t.type("Linha dois")
        t.until("it is saved", lambda: shop.draft() == "Linha um.\nLinha dois")

        def goes_on() -> bool:
            """One goes on typing as fast as a key repeats, without a pause in which to save."""
            t.type("x")
            return "x" * 40 in shop.draft()

        t.until("it is saved meanwhile", goes_on)
        t.signal(signal.SIGKILL)
        assert t.exit_code == 128 + signal.SIGKILL
    assert shop.draft().startswith("Linha um.\nLinha dois" + "x" * 40)
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves", "Timeline")
        t.keys("r")
        t.shows("Linha um.", "x" * 40, "draft saved")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_m4_a_signal_saves_the_draft_and_gives_the_terminal_back(
    shop_without_mail: Shop, number: signal.Signals
) -> None:
    shop = shop_without_mail
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves")
        write(t, "Quase")
        t.type(" pronto")
        t.shows("Quase pronto")
        t.signal(number)
        assert t.exit_code == 128 + number
        assert t.restored
        assert "Traceback" not in t.screen
    assert shop.draft() == "Quase pronto"


def test_m4_a_closed_window_saves_the_draft_and_ends_the_program(shop_without_mail: Shop) -> None:
    shop = shop_without_mail
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves")
        write(t, "Quase")
        t.type(" pronto")
        t.shows("Quase pronto")
        pid = t.pid
        t.hang_up()
        t.until("the program ends by itself", lambda: not Path(f"/proc/{pid}").exists())
    assert shop.draft() == "Quase pronto"


# What customers call themselves

HOSTILE = {
    "markup": "[bold]Zoë 👩‍🚒 مرحبا",
    "clipboard": "Ana \x1b]52;c;bWFs\x07Silva",
    "colour": "Rui \x1b[31mVermelho\x1b[2J",
    "c1": "Ivo \x9b31m\x9d52;c;bWFs\x9cNeto",
    "bidi": "Bia \u202eatsoC\u2066",
    "link": "[@click=app.quit]x[/]",
}


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
def test_hostile_names_pass_every_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    shop = Shop(tmp_path, monkeypatch)
    retorno("init", "--language", "pt")
    long = "[red]" + "assunto muito comprido " * 9
    shop.takes(
        "Nome;E-mail;Nota;Comentário\n"
        + "".join(f'"{name}";h{i}@clientes.example;{i};"{long}{name}"\n' for i, name in enumerate(HOSTILE.values()))
    )
    with Terminal(tmp_path, *RETORNO, size=size, env={"COLORTERM": "truecolor"}) as t:
        t.shows("[bold]Zoë", "[@click=app.quit]", "Rui [31m", "Bia", "Ivo")
        for place in range(len(HOSTILE)):
            t.keys("Enter")
            t.shows("Timeline")
            t.shows_no("c checklist   ✗")
            number = place + 1
            t.command("take")
            t.until("it is hers", lambda n=number: taken(shop) == n)
            t.keys("r")
            t.shows("Subject", "Re: ", "new draft")
            t.type("[b]oi[/b]")
            t.shows("[b]oi[/b]", "draft saved")
            t.keys("F5")
            t.shows("This is what leaves", "[b]oi[/b]")
            t.keys("Escape")
            t.shows_no("This is what leaves")
            t.keys("n")
            t.shows("✎ Note")
            t.type("[@click=app.quit]nota[/]")
            t.keys("F5")
            t.shows_no("✎ Note")
            t.until("it is noted", lambda n=number: shop.rows("SELECT COUNT(*) FROM notes") == [(n,)])
            if size[0] < 120:
                t.keys("Escape")
                # Two of them: in a ticket only one can be. A key right behind Escape would make one key with it.
                t.shows("Bia", "Ivo")
            else:
                t.keys("Tab")
                t.shows("a assign  / filter")
            t.keys("j")
        assert not t.ended
        t.keys("q")
        assert t.exit_code == 0
        assert not SPOOF.search(t.raw), "nothing of theirs reaches the terminal"
        assert not t.clipboard


# Terminals and databases that are not what one hopes for


def test_r6_a_terminal_that_is_too_small_or_dumb_gets_a_sentence(shop_without_mail: Shop) -> None:
    folder = shop_without_mail.folder
    with Terminal(folder, *RETORNO, size=(40, 10)) as t:
        assert t.exit_code == 3
        assert "at least 60" in t.said
    with Terminal(folder, *RETORNO, env={"TERM": "dumb"}) as t:
        assert t.exit_code == 3
        assert "cannot show the screen" in t.said and "\x1b" not in t.raw
    with Terminal(folder, *RETORNO) as t:
        t.shows("Marina Alves")
        write(t, "Não se perde")
        t.resize(40, 10)
        t.shows("too small")
        t.resize(80, 24)
        t.shows("Não se perde")
        t.resize(160, 45)
        t.shows("Não se perde", "Marina Alves")


def test_no_color_paints_without_colour_and_still_tells_everything_apart(shop_without_mail: Shop) -> None:
    with Terminal(shop_without_mail.folder, *RETORNO, env={"NO_COLOR": "1", "COLORTERM": "truecolor"}) as t:
        t.shows("▼2", "■7", "▌", "Marina Alves")
        steps = [("Enter", "c checklist"), ("c", "▌ ☐ Li a resposta"), ("?", "Keys of the ticket"), ("C-p", "Commands")]
        for key, there in [*steps, ("m", "s starts it"), ("n", "✎ Note")]:
            t.keys(key)
            t.shows(there)
            assert not COLOUR.search(t.painted)
            if there[0].isupper():
                t.keys("Escape")
                t.shows_no(there)
        assert not COLOUR.search(t.raw)


def test_databases_that_cannot_be_opened_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop_without_mail: Shop
) -> None:
    with Terminal(tmp_path, *RETORNO, "--db", str(tmp_path / "none.db")) as t:
        assert t.exit_code == 3
        assert "retorno init" in t.said
    with closing(sqlite3.connect(shop_without_mail.db)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999_future'")
        db.commit()
    with Terminal(tmp_path, *RETORNO) as t:
        assert t.exit_code == 3
        assert "newer Retorno" in t.said
    with Terminal(tmp_path, *RETORNO, "--db", "postgresql://nobody@127.0.0.1:1/none") as t:
        assert t.exit_code == 5
        assert "does not answer" in t.said


def test_mail_servers_that_are_away_are_said_in_the_head_and_nothing_is_lost(shop_in_trouble: Shop) -> None:
    shop = shop_in_trouble
    with Terminal(shop.folder, *RETORNO) as t:
        t.shows("Marina Alves", "cannot be reached")
        write(t, "Espera um pouco")
        t.keys("F5")
        t.shows("This is what leaves", "Espera um pouco")
        t.keys("y")
        t.until("it waits", lambda: "waiting to leave" in t.screen or "not sent yet" in t.screen)
        t.until("it was tried", lambda: shop.rows("SELECT 1 FROM outbox WHERE attempts > 0"))
        t.keys("q")
        assert t.exit_code == 0
    assert shop.rows("SELECT state FROM outbox") == [("queued",)]


@pytest.mark.parametrize("size", [(120, 36)])
def test_the_demo_from_the_first_key_to_a_closed_ticket(tmp_path: Path, size: tuple[int, int]) -> None:
    with Terminal(tmp_path, *RETORNO, "demo", size=size) as t:
        t.shows("1 All", "3 In progress", "#")
        t.keys("/")
        t.until("the filter is asked for", lambda: t.line("▌") and t.screen.rstrip().splitlines()[-1].startswith(" /"))
        t.type("is:open Marina")
        t.keys("Enter")
        t.shows("is:open Marina")
        t.until("Marina alone", lambda: "Edson" not in t.screen)
        t.keys("r")
        t.shows("Writing needs a started ticket")
        t.keys("s")
        t.shows("new draft")
        t.type("Olá Marina, o que aconteceu?")
        t.shows("draft saved")
        t.keys("F5")
        t.shows("This is what leaves", "o que aconteceu?")
        t.keys("y")
        t.shows("accepted")
        t.shows("← Marina Alves")
        t.keys("c")
        t.shows("mandatory")
        while "☐" in (left := t.screen.split("mandatory", 1)[1].split("Solução", 1)[0]):
            if "▌ ☐" in left:
                t.keys("Space")
            else:
                t.keys("j")
            t.until("it moves", lambda left=left: left not in t.screen)
        t.command("close")
        t.shows("Close #", "What was done")
        t.type("Peça nova a caminho")
        t.keys("F5")
        t.shows_no("What was done")
        t.shows("● Resolvido")
        t.keys("q")
        assert t.exit_code == 0 and t.restored
        assert "Traceback" not in t.said
