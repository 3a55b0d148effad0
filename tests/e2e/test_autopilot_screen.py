"""Rule sets in a real terminal (A1–A3, A6): built by keys from an import's answers, switched on, and at work on the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.shop import Shop
from tests.e2e.terminal import RETORNO, Terminal, retorno

HEAD = "Nome;E-mail;Nota;Comentário;UF\n"
FIRST = HEAD + "".join(
    f"Cliente {i};c{i}@clientes.example;{i % 7};{'Atrasou e não chegou' if i % 2 else 'Veio a cor errada'};{'SP' if i % 3 else 'RJ'}\n"
    for i in range(24)
)
NEXT = HEAD + "Marina Alves;marina@clientes.example;1;Meu pedido atrasou de novo;SP\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop(tmp_path, monkeypatch)
    retorno("init", "--language", "en", "--name", "Ana")
    shop.takes(FIRST)
    yield shop


def words(t: Terminal, panel: str, text: str, *keys: str) -> None:
    """Wait for a panel, type, and press what takes it."""
    t.shows(panel)
    if text:
        t.type(text)
    t.keys(*keys)


def test_a_rule_set_is_built_by_keys_and_works_on_the_next_answer(shop: Shop) -> None:
    with Terminal(shop.folder, *RETORNO, size=(120, 36)) as t:
        t.shows("1 All")
        t.keys("S")
        t.shows("People and teams", "Autopilot")
        t.keys("j", "j", "j", "j", "j")
        t.shows("No rule sets yet")
        t.keys("Enter", "o")
        words(t, "Add a rule set", "Atraso na entrega", "F5")
        t.shows("When an answer", "nothing is done yet")
        t.keys("o")
        words(t, "And what must hold?", "words", "Enter")
        t.shows("The comment says")
        t.type("atras*")
        t.keys("F5")
        t.shows("“atras*”")
        t.keys("o")
        words(t, "And what must hold?", "attribute", "Enter")
        words(t, "Which attribute?", "UF", "Enter")
        words(t, "UF is …", "", "Enter")
        words(t, "UF any of …", "SP", "Enter", "F5")
        t.shows("UF is SP")
        t.keys("G", "o")
        words(t, "And what is done?", "priority", "Enter")
        words(t, "Which priority?", "", "Enter")
        t.shows("priority  high", "F5 saves")
        t.keys("o")
        words(t, "And what is done?", "tag", "Enter")
        words(t, "Which tags", "atraso", "Enter", "F5")
        t.shows("tag       atraso", "would touch 8 of 24 answers")
        t.keys("F6")
        t.shows("open its ticket", "Atrasou e não chegou")
        t.keys("Escape")
        t.shows("F8 switch on")
        t.keys("F8")
        t.shows("● on", "it runs on every answer that comes in")
        shop.takes(NEXT)
        t.keys("L")
        t.shows("Log of Atraso na entrega", "1 of 1")
        t.keys("Enter")
        t.shows("Marina Alves", "because", "priority high", "tag atraso")
    tagged = shop.rows("SELECT t.subject FROM tickets t WHERE t.priority = 1")
    assert tagged == [("Meu pedido atrasou de novo",)]
