"""Answers that services send by HTTP, stored in both databases (I1, I8)."""

import base64
import dataclasses
import hmac
import http.client
import json
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from domain.refusals import Refusal
from domain.rules import Then, When
from gateways.webhook_config import SourceConfig, WebhookConfig
from gateways.webhook_maps import ANSWERS
from loop import surveys
from loop.desk import DeskTrouble
from loop.webhook import AGAIN_S, Webhook
from tests.loop.conftest import Shop
from tests.loop.piloted import head, hits, rows, switched_on

SECRET = "um segredo bem comprido"
KEY = b"chave de vinte e quatro "
ENVIRON = {"S": SECRET, "W": "whsec_" + base64.b64encode(KEY).decode()}
SOURCES = (
    SourceConfig("loja", "Pós-compra", secret_env="S"),
    SourceConfig("typeform", "Pesquisa", map="typeform", signature="typeform", secret_env="S"),
    SourceConfig("google", "Formulário", map="google", scale="csat", secret_env="S"),
    SourceConfig("formbricks", "Site", map="formbricks", signature="standard-webhooks", secret_env="W"),
    SourceConfig("delighted", "NPS", map="delighted", signature="delighted", secret_env="S"),
)


@dataclasses.dataclass
class Sender:
    """A service that sends, each in its own way."""

    webhook: Webhook
    said: list[tuple[bool, str]]
    again: str = ""
    """How many seconds the last reply told to wait before sending it again."""

    def post(self, source: str, payload: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.webhook.port, timeout=90)
        try:
            shown = _proof(source, body) if headers is None else headers
            connection.request("POST", f"/answers/{source}", body, {"Content-Type": "application/json"} | shown)
            reply = connection.getresponse()
            self.again = reply.headers.get("Retry-After", "")
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()


def _proof(source: str, body: bytes) -> dict[str, str]:
    if source == "typeform":
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, sha256).digest()).decode()
        return {"Typeform-Signature": f"sha256={signature}"}
    if source == "delighted":
        return {"X-Delighted-Webhook-Signature": "sha256=" + hmac.new(SECRET.encode(), body, sha256).hexdigest()}
    if source == "formbricks":
        at = str(int(time.time()))
        signature = base64.b64encode(hmac.new(KEY, f"msg_7.{at}.".encode() + body, sha256).digest()).decode()
        return {"webhook-id": "msg_7", "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
    return {"X-Retorno-Secret": SECRET}


@pytest.fixture
def sender(shop: Shop) -> Iterator[Sender]:
    said: list[tuple[bool, str]] = []
    shop.desk.config = dataclasses.replace(shop.desk.config, webhook=WebhookConfig(port=0, sources=SOURCES))
    webhook = Webhook(shop.desk, environ=ENVIRON, report=lambda ok, words: said.append((ok, words)))
    webhook.start()
    yield Sender(webhook, said)
    webhook.stop()


def answers(shop: Shop) -> list[dict[str, Any]]:
    """All answers, oldest first, with what their customer and ticket are."""
    rows = shop.desk.db.rows(
        "SELECT a.external_id, s.name, s.kind, a.score, a.comment, a.answered_at, a.questions, a.attributes, c.name, c.email,"
        " c.phone, c.customer_id, t.number FROM answers a JOIN surveys s ON s.id = a.survey_id"
        " LEFT JOIN contacts c ON c.id = a.contact_id LEFT JOIN tickets t ON t.answer_id = a.id ORDER BY a.id"
    )
    names = ("id", "survey", "kind", "score", "comment", "at", "questions", "attributes", "name", "email", "phone", "customer", "ticket")  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for one in found:
        for key in ("questions", "attributes"):
            one[key] = json.loads(one[key]) if isinstance(one[key], str) else one[key]
    return found


OURS = {
    "id": "r-1",
    "score": 2,
    "comment": "Chegou nove dias depois\nda data",
    "answered_at": "2026-11-20T10:00:00-03:00",
    "customer": {"name": "Marina Alves", "email": "Marina@Clientes.example", "phone": "11 98765-4321", "id": "c-9"},
    "attributes": {"Loja": "Natal", "Pedido": 4711, "Itens": ["caneca", "prato"], "vazio": "", "mais": {"x": 1}},
    "questions": [{"question": "Voltaria?", "answer": "Não"}, {"question": "Entrega", "answer": 1}],
}


def test_ours_becomes_a_ticket(shop: Shop, sender: Sender) -> None:
    """I1, I6: every part of the documented shape arrives, cleaned."""
    assert sender.post("loja", OURS) == (200, {"taken": 1, "known": 0, "differs": 0, "left": 0, "refused": []})
    (found,) = answers(shop)
    assert found["ticket"]
    assert (found["name"], found["email"], found["phone"], found["customer"]) == (
        "Marina Alves",
        "marina@clientes.example",
        "+5511987654321",
        "c-9",
    )
    assert (found["score"], found["comment"]) == (2, "Chegou nove dias depois\nda data")
    assert found["at"] == 1_795_179_600_000
    assert found["questions"] == [["Voltaria?", "Não"], ["Entrega", "1"]]
    assert found["attributes"] == {"Loja": "Natal", "Pedido": "4711", "Itens": "caneca, prato"}


def test_a6_n2_rules_run_on_it_once_and_the_log_says_by_which_way(shop: Shop, sender: Sender) -> None:
    """A2, A5, A6: the run is the webhook's, of that source; who gets the ticket is told, as it is news (N2)."""
    id = switched_on(shop, "Delega", When(classes=("detractor",)), Then(assignee="bia", tags=("x",)))
    for __ in range(2):
        assert sender.post("loja", OURS)[0] == 200
    assert rows(shop, "SELECT way, about, looked_at FROM rule_runs") == [("webhook", "loja", 1)]
    assert [(rule_set, mail) for rule_set, __, mail in hits(shop)] == [(id, "")]
    assert (head(shop, 1)["assignee_id"], head(shop, 1)["tags"]) == (shop.bia.id, ["x"])
    told_of = rows(shop, "SELECT user_id, kind, ticket FROM notifications")
    assert told_of == [(shop.bia.id, "assigned", 1)]


def test_the_same_twice_changes_nothing_and_other_words_differ(shop: Shop, sender: Sender) -> None:
    """I1: known the second time; what differs is told, and the first is kept."""
    sender.post("loja", OURS)
    assert sender.post("loja", OURS)[1]["known"] == 1
    status, said = sender.post("loja", OURS | {"comment": "Mudei de ideia"})
    assert (status, said["taken"], said["differs"]) == (200, 0, 1)
    (found,) = answers(shop)
    assert found["comment"].startswith("Chegou")


@pytest.mark.parametrize("wrapped", [False, True])
def test_several_at_once_are_taken_and_the_bad_ones_named(shop: Shop, sender: Sender, wrapped: bool) -> None:
    """One list, one transaction; a refused one has its place and its reason."""
    many = [OURS, {"id": "r-2", "score": 11}, {"id": "r-3", "score": 9, "email": "z@z.example"}, 7, {"score": 3}]
    status, said = sender.post("loja", {"answers": many} if wrapped else many)
    assert (status, said["taken"], len(answers(shop))) == (200, 2, 2)
    assert [one["at"] for one in said["refused"]] == [2, 4, 5]
    assert "scale from 0 to 10" in said["refused"][0]["reason"]


BAD: list[Any] = [
    {},
    [],
    [[]],
    {"score": True, "id": "x"},
    {"score": None, "id": "x"},
    {"score": 7.5, "id": "x"},
    {"score": 10**400, "id": "x"},
    {"score": [7, 8], "id": "x"},
    {"score": {"value": 7}, "id": "x"},
    {"score": 7},
    {"score": 7, "answered_at": "ontem"},
    {"score": 7, "answered_at": 10**15},
    {"score": 7, "id": "x" * 300},
    {"score": 7, "id": "x", "comment": "y" * 150_000},
]


def test_what_is_no_answer_is_refused(shop: Shop, sender: Sender) -> None:
    """No guess and no crash; nothing is stored."""
    for bad in BAD:
        status, said = sender.post("loja", bad)
        assert (status, bool(said["error"])) == (422, True), bad
    assert answers(shop) == []


def test_i8_more_answers_than_one_transaction_takes_are_refused_whole(shop: Shop, sender: Sender) -> None:
    many = [{"id": f"r-{n}", "score": 9, "answered_at": "2026-11-20"} for n in range(ANSWERS + 1)]
    assert sender.post("loja", many)[0] == 422 and answers(shop) == []
    assert sender.post("loja", many[1:])[1]["taken"] == ANSWERS


def test_nothing_from_outside_passes_uncleaned(shop: Shop, sender: Sender) -> None:
    """R7: control characters, lone surrogates and markup are texts like others, or gone."""
    nasty = "\u001b[31mA\u0000\ud800\u202e[bold]"
    body = OURS | {"comment": nasty, "customer": {"name": nasty, "email": "a@a.example"}, "attributes": {nasty: nasty}}
    assert sender.post("loja", body)[1]["taken"] == 1
    (found,) = answers(shop)
    for text in (found["comment"], found["name"], *found["attributes"], *found["attributes"].values()):
        assert not set(text) & {"\u001b", "\u0000", "\ud800", "\u202e"} and "A" in text


def test_an_answer_without_a_date_is_of_now_and_known_again(shop: Shop, sender: Sender) -> None:
    body = {"id": "sem-data", "score": 9, "comment": "Bom"}
    assert sender.post("loja", body)[1]["taken"] == 1
    shop.clock.now += 60_000
    assert sender.post("loja", body)[1] | {"known": 1, "taken": 0} == sender.post("loja", body)[1]
    assert answers(shop)[0]["at"] == shop.clock.now - 60_000


TYPEFORM = {
    "event_id": "ev1",
    "event_type": "form_response",
    "form_response": {
        "form_id": "F0RM",
        "token": "tok-1",
        "submitted_at": "2026-11-20T13:00:00Z",
        "hidden": {"loja": "Recife", "email": "otavio@clientes.example"},
        "calculated": {"score": 0},
        "definition": {
            "id": "F0RM",
            "title": "Como foi?",
            "fields": [
                {"id": "a1", "type": "opinion_scale", "title": "De 0 a 10, recomendaria?"},
                {"id": "a2", "type": "long_text", "title": "Por quê?"},
                {"id": "a3", "type": "multiple_choice", "title": "Por onde comprou?"},
                {"id": "a4", "type": "phone_number", "title": "Telefone"},
            ],
        },
        "answers": [
            {"type": "number", "number": 4, "field": {"id": "a1", "type": "opinion_scale", "ref": "r1"}},
            {"type": "text", "text": "Veio trocado", "field": {"id": "a2", "type": "long_text", "ref": "r2"}},
            {"type": "choices", "choices": {"labels": ["Site", "App"]}, "field": {"id": "a3", "type": "multiple_choice"}},
            {"type": "phone_number", "phone_number": "+5581987654321", "field": {"id": "a4", "type": "phone_number"}},
        ],
    },
}  # fmt: skip


def test_typeform_as_it_sends(shop: Shop, sender: Sender) -> None:
    assert sender.post("typeform", TYPEFORM)[1]["taken"] == 1
    assert sender.post("typeform", TYPEFORM)[1]["known"] == 1
    (found,) = answers(shop)
    assert (found["survey"], found["id"], found["score"], found["comment"]) == ("Pesquisa", "tok-1", 4, "Veio trocado")
    assert (found["email"], found["phone"]) == ("otavio@clientes.example", "+5581987654321")
    assert found["attributes"] == {"loja": "Recife"}
    assert found["questions"] == [
        ["De 0 a 10, recomendaria?", "4"],
        ["Por quê?", "Veio trocado"],
        ["Por onde comprou?", "Site, App"],
        ["Telefone", "+5581987654321"],
    ]


FORMBRICKS = [
    {
        "webhookId": "wh1",
        "event": "responseFinished",
        "data": {
            "id": "resp-1",
            "createdAt": "2026-11-20T13:00:00.507Z",
            "updatedAt": "2026-11-20T13:01:00.000Z",
            "surveyId": "sv",
            "finished": True,
            "contact": {"id": "ct", "userId": "u-77"},
            "contactAttributes": {"email": "clara@clientes.example", "plano": "ouro"},
            "data": {"q1": 9, "q2": "Gostei muito", "q3": ["Preço", "Prazo"]},
            "variables": {},
            "meta": {"url": "https://loja.example/"},
        },
    }
]


def test_formbricks_as_it_sends(shop: Shop, sender: Sender) -> None:
    """Only what is finished counts; what is on its way is taken note of."""
    begun = [FORMBRICKS[0] | {"event": "responseCreated"}]
    assert sender.post("formbricks", begun) == (200, {"taken": 0, "known": 0, "differs": 0, "left": 1, "refused": []})
    assert sender.post("formbricks", FORMBRICKS)[1]["taken"] == 1
    (found,) = answers(shop)
    assert (found["id"], found["score"], found["comment"]) == ("resp-1", 9, "Gostei muito")
    assert (found["email"], found["customer"], found["attributes"]) == (
        "clara@clientes.example",
        "u-77",
        {"plano": "ouro"},
    )
    assert found["questions"] == [["q1", "9"], ["q2", "Gostei muito"], ["q3", "Preço, Prazo"]]


DELIGHTED = {
    "event_type": "survey_response.created",
    "event_id": "ev",
    "event_data": {
        "id": "5435",
        "person": {"id": "59", "email": "joao@clientes.example", "name": "João Lima", "created_at": 1_795_000_000},
        "survey_type": "nps",
        "score": 1,
        "comment": "Nunca mais",
        "created_at": 1_795_000_060,
        "updated_at": 1_795_000_060,
        "person_properties": {"Loja": "Sul"},
        "notes": [],
        "tags": [],
        "additional_answers": [
            {
                "id": "4",
                "value": {"free_response": None, "scale": None, "select_one": None, "select_many": [{"id": "a", "text": "Prazo"}, {"id": "b", "text": "Preço"}]},
                "question": {"id": "q", "type": "select_many", "text": "O que pesou?"},
            }
        ],
    },
}  # fmt: skip


def test_delighted_as_it_sends(shop: Shop, sender: Sender) -> None:
    assert sender.post("delighted", DELIGHTED)[1]["taken"] == 1
    assert sender.post("delighted", {"event_type": "unsubscribe.created", "event_data": {}})[1]["left"] == 1
    (found,) = answers(shop)
    assert (found["id"], found["score"], found["comment"]) == ("5435", 1, "Nunca mais")
    assert (found["name"], found["at"]) == ("João Lima", 1_795_000_060_000)
    assert (found["attributes"], found["questions"]) == ({"Loja": "Sul"}, [["O que pesou?", "Prazo, Preço"]])


GOOGLE = {
    "id": "2_ABaOnu",
    "answered_at": "2026-11-20T13:00:00.000Z",
    "email": "bia@clientes.example",
    "items": [
        {"title": "Nota", "type": "SCALE", "answer": "2"},
        {"title": "Conte mais", "type": "PARAGRAPH_TEXT", "answer": "Frio"},
        {"title": "Nome", "type": "TEXT", "answer": "Beatriz"},
        {"title": "Onde?", "type": "CHECKBOX", "answer": ["Loja", "Site"]},
    ],
}


def test_google_forms_by_our_script(shop: Shop, sender: Sender) -> None:
    """A new survey is scored as its source says."""
    assert sender.post("google", GOOGLE)[1]["taken"] == 1
    (found,) = answers(shop)
    assert (found["kind"], found["score"], found["comment"], found["name"]) == ("csat", 2, "Frio", "Beatriz")
    assert found["questions"][-1] == ["Onde?", "Loja, Site"]


def test_another_shape_is_refused_and_not_taken_for_nothing(shop: Shop, sender: Sender) -> None:
    """A payload that the map cannot tell is no event to be left aside: whoever set it up must hear of it."""
    assert sender.post("typeform", OURS)[0] == 422
    assert sender.post("delighted", [DELIGHTED])[0] == 422
    assert answers(shop) == []


def test_a_known_survey_keeps_its_name_and_scale(shop: Shop, sender: Sender) -> None:
    """As with a file, whatever the case and accents in which the configuration names it."""
    shop.answer()
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET name = :name", {"name": "PÓS-COMPRA"})
    assert sender.post("loja", OURS | {"score": 10})[1]["taken"] == 1
    assert {(one["survey"], one["kind"]) for one in answers(shop)} == {("PÓS-COMPRA", "nps")}


def test_i3_a_survey_that_was_renamed_is_still_the_one_that_the_configuration_names(shop: Shop, sender: Sender) -> None:
    """Else a new one of the old name would be made, and answers of employees would open tickets."""
    shop.answer()
    ((id,),) = shop.desk.db.rows("SELECT id FROM surveys")
    for changes in ({"internal": True}, {"name": "Clima interno"}):
        assert not isinstance(surveys.change(shop.desk, id, changes, actor=shop.ana), Refusal)
    assert sender.post("loja", OURS)[1]["taken"] == 1
    assert shop.desk.db.rows("SELECT name FROM surveys") == [("Clima interno",)]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM tickets")[0][0] == 1


def test_the_same_answer_from_many_at_once_is_one(shop: Shop, sender: Sender) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(sender.post("loja", OURS))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(said["taken"] for __, said in found) == 1 and {status for status, __ in found} == {200}
    assert len(answers(shop)) == 1


def test_a_database_that_is_away_is_503_and_told_once(shop: Shop, sender: Sender) -> None:
    """2xx only after the commit; what went wrong is told by its kind, never with what was sent."""
    with shop.desk.db.write() as work:
        work.run("ALTER TABLE answers RENAME TO gone", {})
    for __ in range(2):
        status, said = sender.post("loja", OURS)
        assert (status, list(said), sender.again) == (503, ["error"], str(AGAIN_S))
    with shop.desk.db.write() as work:
        work.run("ALTER TABLE gone RENAME TO answers", {})
    assert sender.post("loja", OURS)[1]["taken"] == 1 and sender.again == ""
    assert [ok for ok, __ in sender.said] == [False, True]
    assert "Marina" not in str(sender.said) and "Chegou" not in str(sender.said)


def test_who_is_not_proven_stores_nothing(shop: Shop, sender: Sender) -> None:
    body = json.dumps(TYPEFORM).encode()
    assert sender.post("typeform", body + b" ", _proof("typeform", body))[0] == 403
    assert sender.post("typeform", body, {"X-Retorno-Secret": SECRET})[0] == 401
    assert answers(shop) == []


def test_it_does_not_start_without_sources_or_secrets(shop: Shop) -> None:
    """And a taken address is said in a sentence."""
    for config in (None, WebhookConfig(port=0, sources=())):
        shop.desk.config = dataclasses.replace(shop.desk.config, webhook=config)
        with pytest.raises(DeskTrouble, match="Nobody may send"):
            Webhook(shop.desk, environ=ENVIRON)
    shop.desk.config = dataclasses.replace(shop.desk.config, webhook=WebhookConfig(port=0, sources=SOURCES))
    with pytest.raises(DeskTrouble, match="S is not set"):
        Webhook(shop.desk, environ={})
    first = Webhook(shop.desk, environ=ENVIRON)
    first.start()
    try:
        taken = WebhookConfig(port=first.port, sources=SOURCES)
        shop.desk.config = dataclasses.replace(shop.desk.config, webhook=taken)
        with pytest.raises(DeskTrouble, match="cannot listen"):
            Webhook(shop.desk, environ=ENVIRON).start()
    finally:
        first.stop()


@pytest.mark.parametrize(("host", "proxy", "warned"), [("127.0.0.1", False, False), ("0.0.0.0", False, True), ("0.0.0.0", True, False)])  # fmt: skip
def test_an_open_address_without_a_proxy_is_warned_of(shop: Shop, host: str, proxy: bool, warned: bool) -> None:
    config = WebhookConfig(host, 0, proxy, sources=SOURCES)
    shop.desk.config = dataclasses.replace(shop.desk.config, webhook=config)
    assert bool(Webhook(shop.desk, environ=ENVIRON).warning()) == warned
