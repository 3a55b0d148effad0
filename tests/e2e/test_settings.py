"""What issue 3 is shown by, in real terminals: a flow is built by keys, its ticket arrives, an outsider sees nothing.

Then two administrators save the same flow, and a ticket is cared for whole.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.shop import Shop
from tests.e2e.terminal import RETORNO, Terminal, retorno

WIDE = (120, 36)
OTHERS = "Everybody else"
"""The flow that was there before, which the outsider works in."""

FLOW = """
name = "Detratores"
members = [
    { login = "bia", role = "administrator" },
    { login = "fabio", role = "administrator" },
    { team = "Turno da noite", role = "agent" },
]
[intake]
classes = ["detractor"]
[[phases]]
name = "New"
status = "pending"
[[phases]]
name = "Contacting"
status = "progress"
[[phases]]
name = "Solved"
status = "closed"
"""


@pytest.fixture(scope="module")
def shop_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop without a ticket: two administrators, three agents, and a flow that takes no detractors, of eva alone."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = Shop(tmp_path_factory.mktemp("shop"), monkeypatch)
        retorno("init", "--language", "en", "--name", "Ana")
        (flow,) = shop.rows("SELECT name FROM flows")[0]
        retorno("flow", "change", flow, "--name", OTHERS, "--class", "neutral", "--class", "promoter")
        for login in ("bia", "fabio"):
            retorno("user", "add", login, "--name", login.title(), "--level", "administrator")
        for login in ("caio", "davi"):
            retorno("user", "add", login, "--name", login.title(), "--level", "agent")
        retorno("user", "add", "eva", "--name", "Eva", "--level", "agent", "--flow", OTHERS)
        yield shop


@pytest.fixture
def shop(shop_made: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return shop_made.copied(tmp_path, monkeypatch)


@pytest.fixture
def shaped(shop: Shop) -> Shop:
    """A shop with a flow for detractors, of two administrators and a team."""
    retorno("--as", "bia", "team", "add", "Turno da noite", "--member", "caio", "--member", "davi")
    file = shop.folder / "detratores.toml"
    file.write_text(FLOW, "utf-8")
    retorno("--as", "bia", "flow", "import", str(file))
    return shop


@contextmanager
def seen_by(shop: Shop, login: str, size: tuple[int, int] = WIDE) -> Iterator[Terminal]:
    """The screen of somebody, until they leave it."""
    with Terminal(shop.folder, *RETORNO, "--as", login, size=size) as t:
        t.shows("1 All", login)
        yield t
        assert not t.ended, t.said


def into_flows(t: Terminal) -> None:
    """From the list into the settings' first section."""
    t.keys("S")
    t.shows("Settings", "People and teams", "Audit")
    t.keys("Enter")


def plan_of(flow: str, login: str) -> str:
    """A flow as text, as its administrator exports it."""
    return retorno("--as", login, "flow", "export", flow).stdout


def here(t: Terminal, words: str) -> None:
    """Wait until the cursor stands before these words."""
    t.until(f"the cursor at {words}", lambda: f"▌ {words}" in t.screen or f"▌{words}" in t.screen)


def test_a_new_administrator_shapes_a_flow_and_only_its_members_see_its_ticket(shop: Shop) -> None:
    """P1–P4, P6, P7, I5: built by keys alone; the running list shows what it takes, the outsider's nothing of it."""
    with seen_by(shop, "bia") as bia, seen_by(shop, "eva") as eva:
        # A team first.
        bia.keys("S")
        bia.shows("People and teams", "No flow yet that you can see")
        bia.keys("j", "Enter")
        bia.shows("Login", "▎Teams", "fabio")
        bia.keys("O")
        bia.shows("Add a team", "☐ caio")
        bia.type("Turno da noite")
        bia.keys("Tab", "Right", "Space")
        bia.shows("Turno da noite", "☑ caio")
        bia.keys("Right", "Space")
        bia.shows("☑ caio", "☑ davi", "☐ bia")
        bia.keys("F5")
        bia.shows_no("Add a team")
        bia.until("the team is listed", lambda: "Caio" in bia.line("Turno da noite") or "caio" in bia.line("Turno da"))
        bia.keys("Tab")
        bia.shows("Enter go in")
        bia.keys("k", "Enter")
        bia.shows("No flow yet that you can see", "o new flow")

        # The flow: its name, five phases.
        bia.keys("o")
        bia.shows("a new flow", "Enter take it")
        bia.type("Detratores")
        bia.keys("Enter")
        bia.shows("Settings › Flows › Detratores", "1 change · F5 saves")
        bia.keys("Down")
        here(bia, "1 New")
        bia.keys("Right")
        here(bia, "2 Contacting")
        bia.keys("Down")
        here(bia, "3 Solving")
        bia.keys("d")
        bia.shows_no("3 Solving")
        bia.keys("h", "h", "h")
        here(bia, "1 New")
        bia.keys("l")
        here(bia, "2 Contacting")
        bia.keys("o")
        bia.shows("Enter take it")
        bia.type("Esperando a peça")
        bia.keys("Enter")
        here(bia, "3 Esperando a peça")
        bia.shows("4 Solved", "5 No answer", "Checklist of Esperando a peça")

        # Its second mandatory checklist, beside the one of Contacting.
        bia.keys("]")
        bia.shows("o add", "No line yet")
        bia.keys("o")
        bia.shows("Enter take it")
        bia.type("Peça pedida")
        bia.keys("Enter")
        bia.shows("1 Peça pedida")
        bia.type("Prazo dito")
        bia.keys("Enter")
        bia.shows("2 Prazo dito")
        bia.keys("Escape")
        bia.shows_no("Enter take it")
        bia.keys("[")
        here(bia, "3 Esperando a peça")
        bia.shows("2 Prazo dito", "optional: it reminds")
        bia.keys("b")
        bia.shows("mandatory: a ticket cannot go on to Solved or No answer until")
        bia.until("two are mandatory", lambda: bia.screen.count("☑ mandatory (2)") == 2)

        # The team works in it; it takes detractors.
        bia.keys("]", "]")
        here(bia, "bia")
        bia.keys("o")
        bia.shows("A member for Detratores", "caio")
        bia.type("Turno")
        bia.shows_no("Eva")
        bia.keys("Enter")
        bia.shows("What Turno da noite may do here", "works tickets")
        bia.keys("Enter")
        bia.shows_no("What Turno da noite may do here")
        bia.shows("Turno da noite team of 2")
        bia.keys("]")
        here(bia, "Born with")
        bia.keys("Right", "Down")
        here(bia, "Classes")
        bia.keys("Enter")
        bia.shows("☐ ▼ detractor")
        bia.keys("Space")
        bia.shows("☑ ▼ detractor")
        bia.keys("F5")
        bia.shows_no("☑ ▼ detractor")
        bia.shows("It takes answers of class ▼ detractor")
        assert "Detratores" not in retorno("flow", "list").stdout, "nothing is saved before F5"
        bia.keys("F5")
        bia.shows("0 pending · 0 in progress · 0 closed")
        plan = plan_of("Detratores", "bia")
        assert plan.count("[[phases]]") == 5 and plan.count('binding = "mandatory"') == 2
        assert 'team = "Turno da noite"' in plan and '"detractor"' in plan

        # Back in the list, which shows what comes, without a key.
        bia.keys("Escape")
        bia.shows("Detratores", "members")
        bia.keys("Escape")
        bia.shows("Enter go in")
        bia.keys("Escape")
        bia.shows("1 All 0")
        shop.takes()
        bia.shows("1 All 1", "2 Open 1", "Marina Alves", "“Chegou nove dias depois”")
        assert "Clara" not in bia.screen, "the other flow's ticket is not hers to see"

        # The outsider gets her own ticket in the same breath, and nothing of Marina's (P3).
        eva.shows("1 All 1", "2 Open 1", "3 In progress 0", "4 Closed 0", "Clara Souza")
        number = shop.rows("SELECT number FROM tickets WHERE subject LIKE 'Chegou%'")[0][0]
        eva.command(str(number))
        eva.shows(f"#{number}", "There is no ticket")
        eva.keys("/")
        eva.type("depois")
        eva.keys("Enter")
        eva.shows("/ depois", "1 All 0", "Nothing matches")
        eva.keys("Escape")
        eva.shows("1 All 1", "Clara Souza")
        eva.keys("S")
        eva.shows("Settings", "My settings")
        assert "Detratores" not in eva.screen and "Turno da noite" not in eva.screen
        assert "Marina" not in eva.raw and "Detratores" not in eva.raw and "Chegou nove" not in eva.raw

        # Who is in the team sees it.
        with seen_by(shop, "caio") as caio:
            caio.shows("Marina Alves", "1 All 1")
    assert json.loads(retorno("--as", "eva", "tickets", "--json").stdout) != []
    assert retorno("--as", "eva", "ticket", str(number), check=False).returncode != 0


def test_p8_two_administrators_save_the_same_flow_and_the_second_is_told_what_changed(shaped: Shop) -> None:
    with seen_by(shaped, "bia") as bia, seen_by(shaped, "fabio") as fabio:
        for t in (bia, fabio):
            into_flows(t)
            t.shows("Detratores", "members")
            t.keys("Enter")
            t.shows("Settings › Flows › Detratores", "▎Members")
            here(t, "1 New")
        # Bia writes a line of a checklist while Fabio gives the phase another name, and saves.
        bia.keys("]")
        bia.shows("o add")
        bia.keys("o")
        bia.shows("Enter take it")
        bia.type("Li a resposta")
        bia.keys("Enter")
        bia.shows("1 Li a resposta")
        bia.keys("Escape")
        bia.shows_no("Enter take it")
        fabio.keys("Enter")
        fabio.shows("Enter take it")
        fabio.keys("C-u")
        fabio.type("Chegou")
        fabio.keys("Enter")
        fabio.shows("1 Chegou", "1 change · F5 saves")
        fabio.keys("F5")
        fabio.shows("0 pending · 0 in progress · 0 closed")
        assert 'name = "Chegou"' in plan_of("Detratores", "fabio")

        # She is told by whom and what, and nothing of either is lost.
        bia.keys("F5")
        bia.shows(
            "fabio saved this flow while you shaped it", "What fabio changed", "− New", "+ Chegou", "+ Li a resposta"
        )
        assert "Li a resposta" not in plan_of("Detratores", "bia")
        bia.keys("Enter")
        bia.shows_no("while you shaped it")
        bia.shows("1 Chegou", "1 Li a resposta", "F5 saves")
        bia.keys("F5")
        bia.shows("0 pending · 0 in progress · 0 closed")
    plan = plan_of("Detratores", "fabio")
    assert 'name = "Chegou"' in plan and "Li a resposta" in plan


def test_a_ticket_is_cared_for_whole_by_keys_and_who_is_mentioned_is_told(shaped: Shop) -> None:
    """T5, T7, T8, N1, N2: tags, due, an activity and a note with a mention, each in the timeline, the mention in N."""
    shaped.takes()
    (number,) = shaped.rows("SELECT number FROM tickets WHERE subject LIKE 'Chegou%'")[0]
    shop = shaped
    with seen_by(shop, "bia") as bia, seen_by(shop, "caio") as caio:
        caio.shows("Marina Alves")
        bia.shows("Marina Alves")
        bia.command("take")
        bia.shows("Timeline", "3 In progress 1", "Contacting")
        bia.keys("t")
        bia.shows(f"Tags and categories of #{number}")
        bia.type("loja SP")
        bia.shows("new tag")
        bia.keys("Enter")
        bia.shows("☑ #loja SP")
        bia.keys("Enter")
        bia.shows_no("Tags and categories of")
        bia.shows("#loja SP")
        bia.keys("d")
        bia.shows(f"When is #{number} due?")
        bia.keys("C-u")
        bia.type("9d")
        bia.shows("9d")
        bia.keys("Enter")
        bia.shows("due in 9d")
        bia.command("activities")
        bia.shows("No activities yet", "m move")
        bia.keys("o")
        bia.shows("A new activity")
        bia.type("Pedir a peça")
        bia.shows("Pedir a peça")
        bia.keys("F5")
        bia.shows_no("A new activity")
        bia.shows("☐ Pedir a peça", "Activities 1/10")
        bia.keys("n")
        bia.shows("✎ Note", "F5 add the note")
        bia.type("Fala com a loja, @ca")
        bia.shows("▌ caio")
        bia.keys("Enter")
        bia.shows("Fala com a loja, @caio")
        bia.shows_no("▌ caio")
        bia.type("hoje")
        bia.shows("@caio hoje")
        bia.keys("F5")
        bia.shows_no("✎ Note")

        # Caio sees it counted without a key; N lists it; Enter leads to the ticket and to the note.
        caio.shows("N 1")
        caio.keys("N")
        caio.until("the cursor is on what is new", lambda: "▌● " in caio.screen)
        caio.keys("Enter")
        caio.shows("@caio hoje", "Chegou nove dias depois")
    ticket = shop.ticket(number)
    assert ticket["tags"] == ["loja SP"] and [a["name"] for a in ticket["activities"]] == ["Pedir a peça"]
    acts = {event["kind"]: event for event in ticket["timeline"]}
    for kind in ("started", "assigned", "tags", "due", "activity added", "followers"):
        assert acts[kind]["who"] == "bia"
    assert acts["tags"]["data"] == {"added": ["loja SP"], "removed": []}
    assert {"old", "new"} <= set(acts["due"]["data"]) and acts["followers"]["data"]["new"] == "caio"
    # The owner sees all tickets, and the notes that are theirs to see.
    assert "Fala com a loja" not in json.dumps(ticket)
    with seen_by(shop, "davi") as davi:
        davi.shows("Marina Alves", "#loja SP")
        davi.keys("Enter")
        davi.shows("Timeline")
        davi.keys("N")
        davi.shows("otif")
        assert "Fala com a loja" not in davi.raw, "a note is seen by its author, the assignee and followers (N1)"
