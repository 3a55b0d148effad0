"""What leaves: right for every mail client, and nothing from outside gets into the headers (M1, M11)."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.compose import Outgoing, as_html, compose, shortened

PLAIN = Outgoing(
    message_id="rtn.abc@shop.example",
    sender_name="Loja Exemplo",
    sender_address="sac@shop.example",
    to=(("Ana Souza", "ana@cliente.example"),),
    cc=(),
    subject="Sobre a sua compra",
    body="Olá, Ana!\n\nObrigado pelo retorno.\n",
    date=datetime(2026, 3, 2, 14, 5, tzinfo=timezone(timedelta(hours=-3))),
)


def parsed(outgoing: Outgoing) -> EmailMessage:
    raw = compose(outgoing)
    head = raw.partition(b"\r\n\r\n")[0]
    assert raw.isascii() and b"\0" not in raw, "pure 7 bit"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "CRLF only"
    assert all(len(row) <= 998 for row in raw.split(b"\r\n")), "RFC 5322 2.1.1"
    assert all(len(row) <= 78 or b" " not in row.partition(b": ")[2] for row in head.split(b"\r\n")), "folded"
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert not [part.defects for part in message.walk() if part.defects]
    assert [name for name, value in message.items() if getattr(value, "defects", None)] == []
    return message


def text(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_the_whole_of_a_simple_message() -> None:
    message = parsed(PLAIN)
    assert message["From"] == "Loja Exemplo <sac@shop.example>"
    assert message["To"] == "Ana Souza <ana@cliente.example>"
    assert message["Subject"] == "Sobre a sua compra"
    assert message["Message-ID"] == "<rtn.abc@shop.example>"
    assert message["Date"].datetime == PLAIN.date
    assert message["Cc"] is message["Reply-To"] is message["In-Reply-To"] is message["References"] is None
    assert text(message) == PLAIN.body
    assert message.get_content_type() == "multipart/alternative"
    assert "Obrigado pelo retorno." in message.get_body(("html",)).get_content()


def test_the_same_message_is_the_same_bytes() -> None:
    """M5: a second try sends what the first did."""
    assert compose(PLAIN) == compose(replace(PLAIN))


def test_only_automatic_mail_is_marked() -> None:
    """M11 and handbook: an agent's reply carries no automatic mark."""
    marks = {"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"}
    assert not marks & set(parsed(PLAIN).keys())
    message = parsed(replace(PLAIN, automatic=True))
    assert [message[mark] for mark in sorted(marks)] == ["auto-generated", "bulk", "All"]


anything = st.text(st.characters(), max_size=80)
nasty = st.sampled_from(
    [
        "x\r\nBcc: evil@x.example",
        "x\nX-A: b",
        "a\x00b",
        "\x1b[31m",
        "\u202egnp.exe",
        "=?utf-8?q?x?=",
        '"',
        "\\",
        "a, b <c@d>",
        "x" * 300,
        "é" * 300,
        "😀" * 80,
        "\r\n\r\nbody",
        "\u2028Bcc: y",
        "\x85Bcc: z",
        "�",
    ]
)


@given(st.one_of(anything, nasty), st.one_of(anything, nasty), st.one_of(anything, nasty))
def test_no_text_gets_out_of_its_header(subject: str, name: str, sender: str) -> None:
    """R7: no header, line or control character can be added by a subject or a name."""
    message = parsed(replace(PLAIN, subject=subject, to=((name, "ana@cliente.example"),), sender_name=sender))
    assert message.keys() == parsed(PLAIN).keys()
    assert [a.addr_spec for a in message["To"].addresses] == ["ana@cliente.example"]
    assert [a.addr_spec for a in message["From"].addresses] == ["sac@shop.example"]
    shown = message["Subject"] + message["To"].addresses[0].display_name + message["From"].addresses[0].display_name
    assert not re.search("[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", shown)


def test_what_looks_encoded_stays_as_it_is() -> None:
    """A customer's name cannot speak in encoded words."""
    words = "=?utf-8?q?=E2=80=AE=0D=0ABcc:_x?="
    message = parsed(replace(PLAIN, subject=words, sender_name=words))
    assert message["Subject"] == message["From"].addresses[0].display_name == words


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=100))
def test_names_and_subjects_arrive_as_written(words: str) -> None:
    message = replace(PLAIN, subject=words, to=((words, "ana@cliente.example"),))
    # Python's new parser puts blanks between the encoded words of a name, its old one does not.
    name = parseaddr(email.message_from_bytes(compose(message))["To"])[0]
    assert str(make_header(decode_header(name))) == parsed(message)["Subject"]
    assert parsed(message)["Subject"] == re.sub("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\x7f-\x9f]", "", words)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z"]), max_size=500))
def test_bodies_arrive_as_written(words: str) -> None:
    body = re.sub("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", "", words).rstrip("\n") + "\n"
    assert text(parsed(replace(PLAIN, body=words))) == body


def test_dots_trailing_blanks_and_long_lines_survive() -> None:
    body = ".\n..\n. x\n-- \nFrom me\n" + "palavra " * 400 + "\n" + "x" * 5000 + "\n\ttab \n"
    message = parsed(replace(PLAIN, body=body))
    assert text(message) == body
    assert text(parsed(replace(PLAIN, body="你好。\n" * 50))) == "你好。\n" * 50


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "@x.example",
        "a b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "a@x\x00.example",
        "josé@x.example",
        "a@x.example, b@x.example",
        "<a@x.example>",
        "a@-x.example",
        "a@" + "x" * 300,
        "a@x..example",
        "a@\u202ex.example",
    ],
)
def test_what_is_no_address_does_not_leave(address: str) -> None:
    for change in ({"to": (("", address),)}, {"cc": (("", address),)}, {"sender_address": address}):
        with pytest.raises(ValueError, match="address"):
            compose(replace(PLAIN, **change))


def test_a_domain_in_letters_leaves_in_ascii() -> None:
    message = parsed(replace(PLAIN, to=(("", "ana@bücher.example"),)))
    assert message["To"].addresses[0].addr_spec == "ana@xn--bcher-kva.example"


def test_nobody_no_date_no_id() -> None:
    for change in (
        {"to": ()},
        {"date": None},
        {"date": datetime(2026, 1, 1)},
        {"message_id": ""},
        {"message_id": "a b"},
    ):
        with pytest.raises(ValueError, match="a message needs"):
            compose(replace(PLAIN, **change))


def test_many_recipients_are_folded() -> None:
    people = tuple((f"Pessoa, {n}", f"p{n}@cliente.example") for n in range(60))
    message = parsed(replace(PLAIN, to=people, cc=(*people, ("Zé", "ze@cliente.example"))))
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == list(people)
    assert message["Cc"].addresses[-1].display_name == "Zé"


def test_references_are_first_and_newest_within_1500() -> None:
    """Handbook: relays refuse header blocks over 4 KB."""
    ids = [f"{n}.{'x' * 60}@cliente.example" for n in range(100)]
    message = parsed(replace(PLAIN, in_reply_to=ids[-1], references=tuple(f"<{i}>" for i in ids)))
    kept = message["References"].split()
    assert len(" ".join(kept)) <= 1500 < len(" ".join(kept)) + 90
    assert kept == [f"<{ids[0]}>", *(f"<{i}>" for i in ids[-len(kept) + 1 :])]
    assert message["In-Reply-To"] == f"<{ids[-1]}>"


def test_a_parent_is_always_the_last_reference() -> None:
    message = parsed(replace(PLAIN, in_reply_to="b@x", references=("a@x", "bad id", "a@x", "c\r\nBcc:d@x", "é@x")))
    assert message["References"] == "<a@x> <b@x>"


@given(st.lists(st.text("abc@.", min_size=1, max_size=400)), st.integers(1, 2000))
def test_shortened_keeps_first_and_order(ids: list[str], limit: int) -> None:
    kept = shortened(ids, limit)
    assert kept[:1] == ids[:1]
    assert len(kept) <= 1 or len(" ".join(kept)) <= limit
    assert kept[1:] == ids[len(ids) - len(kept) + 1 :]


def test_long_message_ids_stay_whole() -> None:
    """The standard library would make encoded words of them."""
    long = "y" * 200 + "@cliente.example"
    raw = compose(replace(PLAIN, message_id="x" * 200 + "@shop.example", in_reply_to=long))
    assert b"In-Reply-To: <" + long.encode() + b">\r\n" in raw
    assert b"Message-ID: <" + b"x" * 200 + b"@shop.example>\r\n" in raw


def test_reply_to() -> None:
    assert parsed(replace(PLAIN, reply_to="sac+t1.abc@shop.example"))["Reply-To"] == "sac+t1.abc@shop.example"


def test_attachments_arrive_with_their_names() -> None:
    """RFC 2231 names; content byte by byte."""
    files = (
        ("nota fiscal.pdf", "application/pdf", bytes(range(256)) * 10),
        ("orçamento – versão final.xlsx", "application/vnd.ms-excel", b""),
        ("文" * 100 + ".txt", "text/plain", b"x"),
        ('a";filename="b.exe', "bad type", b"y"),
        ("../../etc/passwd", "message/rfc822", b"Subject: x\r\n\r\n"),
        ("C:\\temp\\a.txt\r\nX-Evil: 1", "text/html; x=y", b"z"),
        ("\u202egnp.exe", "image/png\r\nX-Evil: 1", b"z"),
        ("", "image/png", b"z"),
    )
    message = parsed(replace(PLAIN, attachments=files))
    parts = list(message.iter_attachments())
    assert [part.get_payload(decode=True) for part in parts] == [content for _n, _t, content in files]
    names = [part.get_filename() for part in parts]
    assert names[:2] == ["nota fiscal.pdf", "orçamento – versão final.xlsx"]
    assert names[2].startswith("文" * 90)
    assert names[3:] == ['a";filename="b.exe', "passwd", "a.txt X-Evil: 1", "gnp.exe", "file"]
    types = [part.get_content_type() for part in parts]
    assert types[:3] == ["application/pdf", "application/vnd.ms-excel", "text/plain"]
    assert types[3:] == ["application/octet-stream"] * 4 + ["image/png"]
    assert all(part.get_content_disposition() == "attachment" for part in parts)
    assert text(message) == PLAIN.body


def test_without_html() -> None:
    assert parsed(replace(PLAIN, html=False)).get_content_type() == "text/plain"
    assert text(parsed(replace(PLAIN, html=False, automatic=True))) == PLAIN.body


def test_html_escapes_all_and_links_only_the_web() -> None:
    """R7: text of a customer that an agent quotes is text."""
    shown = as_html(
        '<script>alert(1)</script> & "x"\n> javascript:alert(1) <b>\n> dois\nhttps://a.example/?a=1&b=<2>.\n'
    )
    assert "<script" not in shown and "<b>" not in shown and 'href="javascript' not in shown
    assert '<blockquote type="cite">' in shown and shown.count("<blockquote") == shown.count("</blockquote>") == 1
    assert '<a href="https://a.example/?a=1&amp;b=">https://a.example/?a=1&amp;b=</a>&lt;2&gt;.' in shown
    assert as_html("(veja http://a.example).").count('href="http://a.example"') == 1


def test_utc_is_fine() -> None:
    assert parsed(replace(PLAIN, date=datetime(2026, 3, 2, tzinfo=UTC)))["Date"] == "Mon, 02 Mar 2026 00:00:00 +0000"
