"""What the simulated customers write, as mail that any program must be able to read."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from demo.answers import people, samples
from demo.customers import Customers, Person
from demo.letters import Behaviour

SHOP = "sac@lojaaroeira.example"
# Longer than a header line may be: a signed id is, and must come back whole.
OURS = "<" + "t12.m9.abcdefghijklmnopqrstuvwxyz234567" * 3 + "@lojaaroeira.example>"
ADDRESS = "cliente@correio.example"


def ours(subject: str = "Re: Entrega atrasada", **headers: str) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "Loja Aroeira <sac@lojaaroeira.example>"
    mail["To"] = ADDRESS
    mail["Subject"] = subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Olá!\n\nSentimos muito pelo atraso.\n\nAna")
    return f"Message-ID: {OURS}\r\n".encode() + mail.as_bytes()


def answer(behaviour: Behaviour, raw: bytes | None = None, times: int = 1) -> EmailMessage:
    customers = Customers({ADDRESS: Person("Zé Antônio", behaviour)}, delay=(0, 0))
    for _time in range(times):
        delivery = customers.receive(raw or ours(), ADDRESS, SHOP)
    assert delivery is not None
    return email.message_from_bytes(delivery.raw, policy=email.policy.default)


PEOPLE = [Behaviour.THANKS, Behaviour.ANGER, Behaviour.QUESTION, Behaviour.OUTLOOK, Behaviour.PHOTO]


@pytest.mark.parametrize("behaviour", PEOPLE)
def test_a_reply_threads_by_our_message_id_and_quotes_us_in_portuguese(behaviour: Behaviour) -> None:
    mail = answer(behaviour)
    assert mail["In-Reply-To"].strip() == OURS
    assert mail["References"].split()[-1] == OURS
    assert mail["Subject"] == "Re: Entrega atrasada"
    assert mail["From"].addresses[0].addr_spec == ADDRESS
    assert mail["From"].addresses[0].display_name == "Zé Antônio"
    assert mail["Auto-Submitted"] is None
    text = mail.get_body(("plain",)).get_content()
    assert "Sentimos muito pelo atraso." in text
    assert "escreveu:" in text or "Enviado:" in text
    assert text.index("Sentimos") > text.index("escreveu:" if "escreveu:" in text else "Enviado:")


def test_references_grow_by_what_we_referred_to() -> None:
    mail = answer(Behaviour.THANKS, ours(References="<a@x.example> <b@x.example>"))
    assert mail["References"].split() == ["<a@x.example>", "<b@x.example>", OURS]


def test_the_question_quotes_the_history_in_two_levels() -> None:
    lines = answer(Behaviour.QUESTION).get_content().split("\n")
    assert any(x.startswith("> ") for x in lines)
    assert any(x.startswith((">>", "> >")) for x in lines)


@pytest.mark.parametrize(
    ("behaviour", "mark"), [(Behaviour.THANKS, 'class="gmail_quote"'), (Behaviour.OUTLOOK, 'id="divRplyFwdMsg"')]
)
def test_html_carries_its_clients_own_mark(behaviour: Behaviour, mark: str) -> None:
    assert mark in answer(behaviour).get_body(("html",)).get_content()


def test_html_shows_our_markup_as_text() -> None:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["Subject"] = SHOP, "<b>x</b>"
    mail.set_content("<script>alert(1)</script>")
    for behaviour in (Behaviour.THANKS, Behaviour.OUTLOOK):
        html = answer(behaviour, mail.as_bytes()).get_body(("html",)).get_content()
        assert "<script>" not in html
        assert "<b>x</b>" not in html


def test_the_picture_is_a_png() -> None:
    (attachment,) = answer(Behaviour.PHOTO).iter_attachments()
    assert attachment.get_content_type() == "image/png"
    assert attachment.get_content().startswith(b"\x89PNG\r\n")


def test_out_of_office_is_marked_automatic_and_the_person_answers_the_next_mail() -> None:
    mail = answer(Behaviour.AWAY)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Subject"].startswith("Resposta automática: Fora do escritório")
    assert mail["In-Reply-To"].strip() == OURS
    later = answer(Behaviour.AWAY, times=2)
    assert later["Auto-Submitted"] is None
    assert later["Subject"] == "Re: Entrega atrasada"


def test_a_bounce_is_a_report_that_names_address_status_and_our_message() -> None:
    mail = answer(Behaviour.BOUNCE)
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "delivery-status"
    assert mail["Return-Path"] == "<>"
    _words, status, original = mail.iter_parts()
    fields = status.get_payload()[1]
    assert fields["Final-Recipient"] == f"rfc822; {ADDRESS}"
    assert (fields["Action"], fields["Status"]) == ("failed", "5.1.1")
    assert OURS in original.get_payload()


@pytest.mark.parametrize("header", ["auto-replied", "auto-generated (rejected)"])
def test_nobody_answers_automatic_mail(header: str) -> None:
    customers = Customers({ADDRESS: Person("Zé", Behaviour.THANKS)})
    assert customers.receive(ours(Auto_Submitted=header), ADDRESS, SHOP) is None
    assert customers.receive(ours(), ADDRESS, "") is None, "the empty envelope sender is a server's own mail"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\r\n\r\n\x00",
        b'Subject: =?utf-8?q?=ff?=\r\nFrom: "\r\n\r\n',
        b"From: a\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xe9\xe9",
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nx",
    ],
)
@pytest.mark.parametrize("behaviour", [b for b in Behaviour if b is not Behaviour.SILENT])
def test_whatever_is_sent_is_answered_with_a_mail(raw: bytes, behaviour: Behaviour) -> None:
    customers = Customers({ADDRESS: Person("Zé", behaviour)}, delay=(0, 0))
    delivery = customers.receive(raw, ADDRESS, SHOP)
    assert delivery is not None
    head = delivery.raw.split(b"\r\n\r\n", 1)[0]
    assert b"\nMessage-ID: <" in head
    assert all(x[:1] in (b" ", b"\t") or b":" in x for x in head.split(b"\r\n"))


def test_customers_behave_the_same_each_run_and_answer_within_the_delay() -> None:
    first, second = Customers(people(), delay=(2, 6)), Customers(people(), delay=(2, 6))
    for address in [*people(), "quem.sera@correio.example"]:
        assert first.person(address) == second.person(address)
        one, two = first.receive(ours(), address, SHOP), second.receive(ours(), address, SHOP)
        assert one is not None and two is not None
        assert one.after == two.after
        assert 2 <= one.after <= 6


def test_the_sample_answers_show_every_behaviour_and_every_gap() -> None:
    rows = samples()
    assert len(rows) > 80
    assert {Behaviour(r.behaves) for r in rows if r.email} >= set(Behaviour) - {Behaviour.SILENT}
    assert all(r.email == r.email.lower() and r.email.endswith(".example") for r in rows if r.email)
    assert any(not r.email and r.phone for r in rows), "somebody who left only a telephone (I4)"
    assert any(not r.email and not r.phone for r in rows), "somebody who cannot be reached (I3)"
    assert [r.score for r in rows if r.name == "Marina Alves"] == [7, 5, 2]
    assert len({r.id for r in rows}) == len(rows)
