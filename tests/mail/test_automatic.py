"""M9, M11: what no person wrote is recognised, and people are not taken for machines."""

import pytest

from mail.parse import parse


def kind(*header: str, sender: str = "Ana <ana@c.example>", subject: str = "Pedido") -> str:
    return parse("\n".join([f"From: {sender}", f"Subject: {subject}", *header, "", "Volto dia 10."]).encode()).kind


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; x=y", "Auto-Submitted: Auto-Notified (test)", "Return-Path: <>",
     "Precedence: bulk", "X-Precedence: auto_reply", "List-Id: <l.example>", "List-Unsubscribe: <mailto:u@l.example>", "Feedback-ID: 1:2:3:x",
     "X-Autoreply: yes", "X-Autorespond: x", "X-FC-MachineGenerated: true", "Delivered-To: Autoresponder", "X-Cron-Env: <A=b>",
     "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "Content-Type: text/calendar"],
)  # fmt: skip
def test_each_header_of_a_machine_is_enough(header: str) -> None:
    assert kind(header) == "automatic"


@pytest.mark.parametrize(
    "subject",
    ["Resposta automática: Pedido", "Fora do escritório", "Ausência: Pedido", "Automatic reply: Order", "Out of Office: Order", "Respuesta automática: x",
     "Réponse automatique : x", "Automatische Antwort: x", "Abwesenheitsnotiz: x", "Risposta automatica: x", "Automatisch antwoord: x", "Autosvar: x",
     "[Resposta automática] Pedido", "Resposta de férias", "Aviso de ausência", "Ausente do escritório: Pedido", "Férias: Re: Pedido", "Ausente: RES: Pedido", "Autorresposta",
     "AUTO: Ana está fora do escritório (retorno 10/01)", "Ana Lima is out of the office", "Out of office until 10 January", "Ich bin im Urlaub", "Abwesend: AW: x", "En congés : RE: x",
     "Ausente de la oficina", "Afwezigheidsmelding", "Trả lời tự động: x", "Lido: Pedido", "Não lida: Pedido", "Leído: x", "Recibo de leitura: x",
     "Automatyczna odpowiedź: x", "Автоответ: x", "自動返信: x", "自动回复: x", "=?utf-8?q?Resposta_autom=C3=A1tica?="],
)  # fmt: skip
def test_subjects_of_absence_notices_are_known(subject: str) -> None:
    assert kind(subject=subject) == "automatic"


@pytest.mark.parametrize(
    "sender", ["no-reply@c.example", "MAILER-DAEMON@c.example", "Loja <noreply@c.example>", "nao-responda@c.example"]
)
def test_senders_that_nobody_reads_are_machines(sender: str) -> None:
    assert kind(sender=sender) == "automatic"


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Auto-Submitted: no", "Pedido"),
        ("X-Auto-Response-Suppress: All", "Pedido"),
        ("Return-Path: <ana@c.example>", "Pedido"),
        ("X-Original-Sender: ana@c.example\nList-Id: <sac.loja.example>", "Pedido"),
        ("X-A: b", "Re: a vossa resposta automática não ajuda"),
        ("X-A: b", "Auto-estima e outras coisas"),
        ("X-A: b", "Ausência de parafusos na caixa"),
    ],
)
def test_people_are_people(header: str, subject: str) -> None:
    assert kind(header, subject=subject) == "message"


def test_the_reason_names_the_sign() -> None:
    assert parse(b"From: a@c.example\nAuto-Submitted: auto-replied\n\nx").reason == "Auto-Submitted: auto-replied"


@pytest.mark.parametrize(
    "subject",
    ["Férias estragadas: mala partida", "Ausência de resposta", "Fora do escritório ninguém atende", "Estou de férias e preciso mudar a entrega", "Estou ausente no dia da entrega",
     "Mensagem automática recebida, e agora?", "Resposta automática do chat errada", "Auto: farol partido", "Auto reply came, but no answer", "Automatic reply feature request",
     "I'm out of office supplies", "I am on holiday next week", "Out of office chair 77", "Nieobecność kuriera", "Absence de réponse", "Vacaciones arruinadas", "Urlaub: Koffer kaputt",
     "Confirmação de recebimento do produto", "Recusado: o meu cartão", "Lida dura com o atendimento", "Lu et approuvé", "O técnico está de férias?"],
)  # fmt: skip
def test_what_people_write_of_holidays_and_machines_is_theirs(subject: str) -> None:
    assert kind(subject=subject) == "message"
