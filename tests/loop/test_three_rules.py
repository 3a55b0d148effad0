"""A shop's export and three rule sets built on it (A1–A6): the figures are those of a count over the file itself.

Late deliveries get high priority and their state's agent, a wrong product gets category and tag, promoters a thank-you mail.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.refusals import Refusal
from domain.rules import Condition, RuleSet, Says, Then, When
from loop import autopilot, flows, importing, labels, managers, rules
from loop.rule_mail import said, write_due
from loop.rule_rehearsal import rehearse
from loop.rule_views import Ran, Rehearsal
from loop.setup_views import Saved
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.ruled import text

HEADINGS = [
    "Código",
    "Nome",
    "E-mail",
    "Telefone",
    "Nota",
    "Comentário",
    "Data da resposta",
    "Cidade",
    "UF",
    "Categoria do produto",
    "Vendedor",
    "Situação do pedido",
    "Dias de atraso",
]
NAMES = ("Lívia Araújo", "Caio Prado", "Débora Nunes", "João Véras", "Íris Moura", "Otávio Sá")
PLACES = (("Natal", "RN"), ("São Paulo", "SP"), ("Niterói", "RJ"), ("Campinas", "sp"), ("Ilhéus", "BA"), ("", ""))
SAID = (
    "Demorou demais, ainda não chegou!", "Veio o PRODUTO ERRADO, pedi azul", "Ótima loja; recomendo", "", "Mandaram errado\ne ninguém responde",
    "Chegou antes do prazo, nada de atraso", 'Atrasou. Disseram "amanhã" três vezes', "O tamanho veio errado mas trocaram",
)  # fmt: skip
LATE = ("-12", "0", "3", "1,5", "", "12 dias", "21")
DAY = 86_400_000


def export(path: Path, n: int = 180, start: int = 0) -> list[dict[str, str]]:
    """An export as a Brazilian shop's spreadsheet saves it: semicolons, code page 1252, day first; its rows."""
    rows = []
    for i in range(start, start + n):
        city, state = PLACES[i * 5 % 6]
        values = (
            f"P{i:05}", NAMES[i % 6], "" if i % 29 == 3 else f"c{i}@clientes.example", "" if i % 2 else f"(84) 98{i:03}-{1000 + i}", str(1 + i * 7 % 5),
            SAID[i * 3 % 8], f"{1 + i % 17:02}/11/2026 {i % 24:02}:05", city, state, "perfumaria", f"v{i % 4}", "entregue", LATE[i * 11 % 7],
        )  # fmt: skip
        rows.append(dict(zip(HEADINGS, values, strict=True)))
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode("cp1252"))
    return rows


def plain(words: str) -> str:
    bare = unicodedata.normalize("NFKD", words.lower())
    return " ".join(re.findall(r"\w+", "".join(c for c in bare if not unicodedata.combining(c))))


def is_late(row: dict[str, str]) -> bool:
    days = row["Dias de atraso"].replace(",", ".")
    by_days = bool(re.fullmatch(r"-?[\d.]+", days)) and float(days) > 0
    words = plain(row["Comentário"])
    return int(row["Nota"]) <= 3 and (by_days or "nao chegou" in words or bool(re.search(r"\batras", words)))


def is_wrong(row: dict[str, str]) -> bool:
    return bool(re.search(r"\berrad", plain(row["Comentário"])))


def is_promoter(row: dict[str, str]) -> bool:
    return int(row["Nota"]) >= 4


def is_fresh(row: dict[str, str]) -> bool:
    """Answered within the seven days before the 20th, midnight in Greenwich, by the clock of São Paulo (A5)."""
    at = datetime.strptime(row["Data da resposta"], "%d/%m/%Y %H:%M").replace(tzinfo=ZoneInfo("America/Sao_Paulo"))
    return at >= datetime(2026, 11, 13, tzinfo=UTC)


LATE_RULES = (
    RuleSet(None, "Atraso pelos dias", When(scores=(1, 2, 3), groups=((Condition("dias de atraso", ">", ("0",)),),)), Then(priority=1, by_table="Estados")),
    RuleSet(None, "Atraso pelas palavras", When(scores=(1, 2, 3), says=Says(("não chegou", "atras*"))), Then(priority=1, by_table="Estados")),
)  # fmt: skip
WRONG = RuleSet(
    None,
    "Produto errado",
    When(says=Says(("errad*",))),
    Then(categories=("Produto / Errado",), tags=("produto errado",)),
)
THANKS = RuleSet(None, "Obrigado", When(classes=("promoter",)), Then(send="class"))


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """Managers of the states, a category, texts; promoters get no ticket."""
    flow = flows.plan(shop.desk, shop.other_flow, actor=shop.ana)
    assert not isinstance(flow, Refusal)
    flows.save(shop.desk, replace(flow, active=False), actor=shop.ana)
    parent = labels.create_category(shop.desk, "Produto", actor=shop.ana)
    assert isinstance(parent, Saved)
    labels.create_category(shop.desk, "Errado", parent_id=parent.id, actor=shop.ana)
    states = {"SP": "bia", "RN": "caio", "RJ": "bia"}
    assert isinstance(managers.save_table(shop.desk, None, "Estados", "UF", states, actor=shop.ana), Saved)
    text(shop)
    shop.clock.now = 1_795_132_800_000  # 20 November 2026, midnight UTC
    return shop


def bring(shop: Shop, path: Path) -> Any:
    return importing.import_file(shop.desk, path, "Pós-compra", actor=shop.ana, kind="csat")


def switched(shop: Shop, plan: RuleSet) -> RuleSet:
    saved = rules.save(shop.desk, plan, actor=shop.ana)
    assert isinstance(saved, Saved)
    assert not isinstance(why := rules.switch(shop.desk, saved.id, True, actor=shop.ana), Refusal), str(why)
    return replace(plan, id=saved.id, position=saved.id, active=True)


def has_ticket(row: dict[str, str]) -> bool:
    return not is_promoter(row) and bool(row["E-mail"] or row["Telefone"])


def figures(shop: Shop, plan: RuleSet) -> Rehearsal:
    found = rehearse(shop.desk, plan, days=None, actor=shop.ana)
    assert isinstance(found, Rehearsal)
    return found


COUNTS: list[tuple[RuleSet, Callable[[dict[str, str]], bool]]] = [
    (LATE_RULES[0], lambda r: has_ticket(r) and int(r["Nota"]) <= 3 and r["Dias de atraso"] in ("3", "1,5", "21")),
    (LATE_RULES[1], lambda r: has_ticket(r) and bool(re.search(r"nao chegou|\batras", plain(r["Comentário"])))),
    (WRONG, lambda r: has_ticket(r) and is_wrong(r)),
    (THANKS, is_promoter),
]


def test_a6_the_figures_of_three_rules_are_those_of_the_file(ready: Shop, tmp_path: Path) -> None:
    rows = export(tmp_path / "respostas.csv")
    report = bring(ready, tmp_path / "respostas.csv")
    assert (report.imported, report.tickets, report.refused) == (len(rows), sum(map(has_ticket, rows)), ())
    for plan, holds in COUNTS:
        found = figures(ready, plan)
        expected = [r for r in rows if holds(r)]
        assert (found.answers, found.touched) == (len(rows), len(expected)), plan.name
        assert len(expected) > 10
    thanks = figures(ready, THANKS)
    fresh = [r for r in rows if is_promoter(r) and is_fresh(r)]
    named = [r for r in fresh if r["E-mail"]]
    assert thanks.mails == len(named)
    assert dict(thanks.unsent).get(said("old")) == sum(map(is_promoter, rows)) - len(fresh)
    assert thanks.would_open == thanks.with_ticket == 0 and thanks.without_ticket == thanks.touched


def test_a1_a3_the_past_becomes_what_the_rehearsal_said(ready: Shop, tmp_path: Path) -> None:
    rows = export(tmp_path / "respostas.csv")
    bring(ready, tmp_path / "respostas.csv")
    for plan, holds in COUNTS:
        kept = switched(ready, plan)
        told = figures(ready, kept)
        ran = autopilot.run_past(ready.desk, kept.id or 0, actor=ready.ana)
        assert isinstance(ran, Ran)
        assert (ran.touched, ran.undone) == (told.touched, told.undone)
        assert ran.touched == sum(map(holds, rows))
    as_it_should_be(ready, rows)


def test_a1_a3_new_answers_get_the_same_as_they_come_in(ready: Shop, tmp_path: Path) -> None:
    """And what was there before stays as it was: not on the past unless asked (A5)."""
    export(tmp_path / "velhas.csv", 30, 1000)
    bring(ready, tmp_path / "velhas.csv")
    for plan, __ in COUNTS:
        switched(ready, plan)
    rows = export(tmp_path / "novas.csv")
    assert bring(ready, tmp_path / "novas.csv").imported == len(rows)
    as_it_should_be(ready, rows)
    old = ready.desk.db.rows(
        "SELECT COUNT(*) FROM rule_hits h JOIN answers a ON a.id = h.about WHERE a.external_id >= 'P01'"
    )
    assert old[0][0] == 0


def as_it_should_be(shop: Shop, rows: list[dict[str, str]]) -> None:
    """Every ticket of the file is what the three rules, read by hand, make of it."""
    agent = {"SP": "bia", "RN": "caio", "RJ": "bia"}
    there = {
        code: (priority, login, number)
        for code, priority, login, number in shop.desk.db.rows(
            "SELECT a.external_id, t.priority, u.login, t.number FROM tickets t JOIN answers a ON a.id = t.answer_id"
            " LEFT JOIN users u ON u.id = t.assignee_id WHERE a.external_id < 'P01'"
        )
    }
    tags, categories = (
        {n for (n,) in shop.desk.db.rows(f"SELECT x.ticket FROM {table} x JOIN {label} l ON l.id = x.{column} WHERE l.name = :n", {"n": name})}
        for table, label, column, name in (("ticket_tags", "tags", "tag_id", "produto errado"), ("ticket_categories", "categories", "category_id", "Errado"))
    )  # fmt: skip
    assert set(there) == {r["Código"] for r in rows if has_ticket(r)}
    for row in filter(has_ticket, rows):
        priority, login, number = there[row["Código"]]
        assert priority == (1 if is_late(row) else 2), row
        assert login == (agent.get(row["UF"].upper()) if is_late(row) else None), row
        assert (number in tags, number in categories) == (is_wrong(row), is_wrong(row)), row
    write_due(shop.desk, MAILBOX, limit=1000)
    became = Counter(
        mail
        for (mail,) in shop.desk.db.rows(
            "SELECT h.mail FROM rule_hits h JOIN answers a ON a.id = h.about WHERE h.mail <> '' AND a.external_id < 'P01'"
        )
    )
    fresh = [r for r in rows if is_promoter(r) and is_fresh(r)]
    assert became["sent"] == sum(bool(r["E-mail"]) for r in fresh)
    assert sum(became.values()) == sum(map(is_promoter, rows))
