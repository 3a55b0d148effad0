"""A mail is read from its bytes: who, when, what, and what hangs on it (M5, M7, M10)."""

import base64
import json
from datetime import UTC, datetime

import pytest

from mail.explain import explain
from mail.parse import Address, fingerprint, parse


def mail(*headers: str, body: str | bytes = "Olá") -> bytes:
    return "\n".join(headers).encode() + b"\n\n" + (body.encode() if isinstance(body, str) else body)


def test_people_dates_and_ids() -> None:
    got = parse(
        mail(
            "From: =?iso-8859-1?q?Jo=E3o_L=FAcio?= <joao@c.example>",
            'To: "Loja, Lda" <sac@loja.example>, b@loja.example',
            "Cc: grupo: c@loja.example;",
            "Reply-To: casa@c.example",
            "Date: Tue, 3 Mar 2026 09:12:00 -0300",
            "Message-ID: <m1@c.example>",
            "In-Reply-To: <t1@loja.example>",
            "References: <a@l.example>,<b@l.example>\n <t1@loja.example>",
            "Delivered-To: sac+t1042.k3x@loja.example",
        )
    )
    assert got.sender == Address("João Lúcio", "joao@c.example")
    assert [a.address for a in got.to + got.cc] == ["sac@loja.example", "b@loja.example", "c@loja.example"]
    assert got.to[0].name == "Loja, Lda"
    assert got.reply_to == Address("", "casa@c.example")
    assert got.date == datetime(2026, 3, 3, 12, 12, tzinfo=UTC)
    assert (got.message_id, got.in_reply_to) == ("m1@c.example", ("t1@loja.example",))
    assert got.references == ("a@l.example", "b@l.example", "t1@loja.example")
    assert got.recipients_seen == ("sac+t1042.k3x@loja.example",)
    assert got.kind == "message" and not got.error and not got.trouble


def test_only_the_twenty_newest_references_are_kept() -> None:
    got = parse(mail("References: " + " ".join(f"<r{n}@x.example>" for n in range(50))))
    assert got.references == tuple(f"r{n}@x.example" for n in range(30, 50))


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?B?UmVjbGFtYcOnw6Nv?=", "Reclamação"),
        ("=?UTF-8?Q?Reclama=C3?= =?UTF-8?Q?=A7=C3=A3o?=", "Reclamação"),
        ("=?windows-1252?q?=93ol=E1=94?=", "“olá”"),
        ("=?x-nada?q?ol=C3=A1?= fim", "olá fim"),
        ("Reclamação crua", "Reclamação crua"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?iso-8859-1?Q?Jos=E9?=", "José"),
        ("=?windows-1252?Q?Amanh=E3?=", "Amanhã"),
        ("dobra\n  da", "dobra da"),
    ],
)
def test_subjects(header: str, subject: str) -> None:
    assert parse(mail("Subject: " + header)).subject == subject


def test_a_raw_latin1_header_is_read() -> None:
    assert parse(b"Subject: Reclama\xe7\xe3o\n\nx").subject == "Reclamação"
    assert parse(b"Subject: Amanh\xe3\n\nx").subject == "Amanhã"


@pytest.mark.parametrize(
    ("charset", "words"),
    [("windows-1251", "Где мой заказ"), ("koi8-r", "Где мой заказ"), ("gb2312", "订单在哪里"), ("shift_jis", "注文はどこですか"),
     ("iso-8859-2", "Zamówienie źle"), ("iso-8859-7", "Πού είναι"), ("euc-kr", "주문은 어디"), ("utf-8", "Reclamação")],
)  # fmt: skip
def test_raw_headers_are_read_in_the_charset_of_the_text(charset: str, words: str) -> None:
    """What a header's bytes are, when they are no UTF-8, the text tells: programs that write raw headers use one charset."""
    data = words.encode(charset)
    got = parse(b"From: " + data + b" <a@c.example>\nSubject: " + data + b"\nContent-Type: text/plain; charset=" + charset.encode() + b"\n\nx")  # fmt: skip
    assert (got.subject, got.sender.name) == (words, words)
    inside = b"Subject: " + data + b"\n" + multipart("alternative", f"Content-Type: text/plain; charset={charset}\n\nx")
    assert parse(inside).subject == words


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("iso-8859-1", "“ação”".encode("cp1252"), "“ação”"),
        ("us-ascii", "ação".encode(), "ação"),
        ("nenhum", "ação".encode(), "ação"),
        ("zlib", b"ola", "ola"),
        ("utf-16", "ação".encode("utf-16"), "ação"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
        ("iso-2022-jp", "こんにちは".encode("iso-2022-jp"), "こんにちは"),
        ("utf-7", b"a+AOc-", "aç"),
    ],
)
def test_charsets(charset: str, data: bytes, text: str) -> None:
    raw = mail(
        f"Content-Type: text/plain; charset={charset}",
        "Content-Transfer-Encoding: base64",
        body=base64.encodebytes(data),
    )
    assert parse(raw).text == text


def multipart(kind: str, *parts: str) -> bytes:
    return mail(f"Content-Type: multipart/{kind}; boundary=b", body="".join(f"--b\n{p}\n" for p in parts) + "--b--\n")


def test_of_two_forms_the_plain_is_read_and_the_html_tells_what_is_old() -> None:
    got = parse(
        multipart(
            "alternative",
            "Content-Type: text/plain; charset=utf-8\n\nNovo\n\nVelho",
            'Content-Type: text/html; charset=utf-8\n\n<p>Novo</p><div id="divRplyFwdMsg"></div><p>Velho</p>',
        )
    )
    assert got.text == "Novo\n\nVelho"
    assert (got.new_text, got.folded) == ("Novo", ("Velho",))


def test_attachments_are_kept_with_safe_distinct_names() -> None:
    file = "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''..%2F..%2Ffatura%20%C3%A7.pdf\nContent-Transfer-Encoding: base64\n\nQUJD"
    got = parse(
        multipart(
            "mixed",
            "Content-Type: text/plain\n\nSegue",
            file,
            file,
            'Content-Type: image/png; name="CON"\nContent-ID: <i1>\nContent-Disposition: inline\n\nx',
        )
    )
    assert [a.name for a in got.attachments] == ["fatura ç.pdf", "fatura ç (2).pdf", "_CON"]
    assert [(a.content, a.size, a.type) for a in got.attachments[:1]] == [(b"ABC", 3, "application/pdf")]
    assert (got.attachments[2].inline, got.attachments[2].content_id) == (True, "i1")
    assert got.text == "Segue"


TEXT = "Content-Type: text/plain; charset=utf-8\n\nOlá"
PHOTO = "Content-Type: image/png; name=foto.png\nContent-Disposition: inline\n\nx"
NAMED = 'Content-Type: text/plain; charset=utf-8; name="{}.txt"{}\n\nOlá'
CLOSED = "\nContent-Disposition: attachment"


@pytest.mark.parametrize(
    ("raw", "text", "files"),
    [
        (multipart("mixed", TEXT, PHOTO, "Content-Type: text/plain\n\nfim"), "Olá\n\nfim", ["foto.png"]),
        (multipart("mixed", NAMED.format("corpo", ""), PHOTO), "Olá", ["foto.png"]),
        (multipart("mixed", NAMED.format("corpo", "")), "Olá", []),
        (multipart("mixed", NAMED.format("corpo", CLOSED), PHOTO), "", ["corpo.txt", "foto.png"]),
        (multipart("mixed", TEXT, NAMED.format("log", "\nContent-Disposition: inline")), "Olá", ["log.txt"]),
        (multipart("related", TEXT, NAMED.format("log", ""), PHOTO), "Olá", ["log.txt", "foto.png"]),
        (multipart("mixed", TEXT, "Content-Type: text/csv\n\na,b"), "Olá", ["attachment.csv"]),
        (multipart("mixed", "Content-Type: text/markdown\n\n*fim*"), "*fim*", ["attachment.bin"]),
        (multipart("mixed", "Content-Type: text/calendar\n\nBEGIN"), "", ["attachment.ics"]),
        (multipart("alternative", TEXT, "Content-Type: text/html\n\n<p>Olá", PHOTO), "Olá", ["foto.png"]),
        (multipart("alternative", TEXT, "Content-Type: text/html\n\n<p>Outra forma"), "Olá", []),
        (multipart("alternative", "Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p>Só aqui"), "Só aqui", []),
        (multipart("alternative", "Content-Type: text/plain\n\nView this in an HTML viewer.", "Content-Type: text/html\n\n<p>Aqui"), "Aqui", []),
        (multipart("digest", "\nSubject: um\n\nx", "\nSubject: dois\n\ny"), "", ["um.eml", "dois.eml"]),
        (multipart("mixed", TEXT + "\n\nbegin 644 a.bin\n#0V%T\n`\nend"), "Olá", ["a.bin"]),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_a_file(raw: bytes, text: str, files: list[str]) -> None:
    """RFC 8621 4.1.4, with the files that a text carries inside."""
    got = parse(raw)
    assert (got.text, [a.name for a in got.attachments]) == (text, files)


@pytest.mark.parametrize("said", ["zzz", "b;c", '""'])
def test_parts_are_found_although_their_boundary_was_lost(said: str) -> None:
    got = parse(multipart("mixed", TEXT, PHOTO).replace(b"boundary=b", b"boundary=" + said.encode()))
    assert (got.text, [a.name for a in got.attachments]) == ("Olá", ["foto.png"])


def test_m8_whatever_breaks_the_reader_is_an_error_of_that_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def deep(*_: object) -> None:
        raise RecursionError("fundo")

    monkeypatch.setattr("mail.parse.read", deep)
    got = parse(mail("Subject: x"))
    assert got.error == "RecursionError: fundo" and got.kind == "message"


@pytest.mark.parametrize(
    ("where", "what", "left"),
    [
        ("headers.date", "date", {"date": None}),
        ("headers.message_id", "message-id", {"message_id": ""}),
        ("automatic.reason", "automatic", {"kind": "message"}),
        ("bounce.report", "bounce", {"bounces": ()}),
        ("read_body", "body", {"text": ""}),
    ],
)
def test_m8_a_field_that_breaks_costs_only_that_field(
    monkeypatch: pytest.MonkeyPatch, where: str, what: str, left: dict[str, object]
) -> None:
    """Handbook: catch per field, so that one bad field costs only that field."""

    def breaks(*_: object, **__: object) -> None:
        raise LookupError("unknown encoding")

    monkeypatch.setattr(f"mail.parse.{where}", breaks)
    got = parse(mail("From: a@c.example", "Subject: Pedido", "Date: Tue, 3 Mar 2026 09:12:00 -0300"))
    assert (got.error, got.subject, got.sender.address) == ("", "Pedido", "a@c.example")
    assert got.trouble == (f"{what}: LookupError",) and all(getattr(got, name) == value for name, value in left.items())
    assert what == "body" or got.text == "Olá"


def test_a_multipart_without_parts_is_shown_as_it_came() -> None:
    assert parse(mail("Content-Type: multipart/mixed; boundary=b", body="Olá, só texto.")).text == "Olá, só texto."


def test_a_text_that_only_claims_to_be_base64_is_shown() -> None:
    raw = mail("Content-Transfer-Encoding: base64", body="Quero a minha mesa de volta e sem riscos")
    assert parse(raw).text == "Quero a minha mesa de volta e sem riscos"


def test_a_type_that_lost_its_semicolon_is_read() -> None:
    assert parse(mail('Content-Type: text/plain charset="iso-8859-1"', body="Olá".encode("latin-1"))).text == "Olá"


def test_a_page_that_says_it_is_plain_text_is_read_as_the_page() -> None:
    raw = mail("Content-Type: text/plain; charset=utf-8", body="<!DOCTYPE html>\n<html><body><p>Olá</p></body></html>")
    assert parse(raw).text == "Olá"


def test_signed_and_encrypted_parts_pass_through_with_a_label() -> None:
    signed = parse(
        multipart("signed", "Content-Type: text/plain\n\nTexto", "Content-Type: application/pgp-signature\n\nSIG")
    )
    assert (signed.label, signed.text, [a.label for a in signed.attachments]) == ("signed", "Texto", ["signed"])
    closed = parse(
        multipart(
            "encrypted",
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nXXX",
        )
    )
    assert (closed.label, [a.label for a in closed.attachments]) == ("encrypted", ["encrypted", "encrypted"])


def test_a_forwarded_mail_stays_a_file() -> None:
    got = parse(
        multipart("mixed", "Content-Type: text/plain\n\nVeja", "Content-Type: message/rfc822\n\nSubject: Antiga\n\nX")
    )
    assert [(a.name, a.type) for a in got.attachments] == [("Antiga.eml", "message/rfc822")]


def test_two_mailboxes_copies_have_one_fingerprint_and_other_words_another() -> None:
    one = b"Received: by a\nDelivered-To: a@l.example\nX-Spam: no\nSubject: x\nMessage-ID: <1@c>\n\ntexto\n"
    two = b"Return-Path: <c@c>\r\nReceived: by b\r\nSubject: x\r\nMessage-ID: <1@c>\r\n\r\ntexto\r\n"
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(one.replace(b"texto", b"outro"))


def test_explain_has_the_shape_that_scripts_rely_on() -> None:
    told = explain("a.eml", mail("From: Ana <ana@c.example>", "Subject: x"))
    assert list(told) == [
        "file", "subject", "from", "to", "cc", "date", "message_id", "in_reply_to", "references", "original_message_id",
        "kind", "reason", "bounce", "text", "new_text", "folded", "attachments", "error",
    ]  # fmt: skip
    assert told["from"] == {"name": "Ana", "address": "ana@c.example"} and told["bounce"] is None
    json.dumps(told)


def test_an_empty_mail_says_so() -> None:
    assert parse(b"\r\n").error


def test_what_is_larger_than_a_mail_may_be_is_read_as_far_as_that_and_says_so() -> None:
    head = mail(
        "From: a@c.example", "Content-Type: multipart/mixed; boundary=q", body="--q\nContent-Type: text/plain\n\nolá\n"
    )
    head += b"--q\nContent-Type: image/png; name=a.png\n\n"
    end = b"\n--q\nContent-Type: image/png; name=b.png\n\nx\n--q--\n"
    most = 60 * 1024 * 1024
    whole = parse(head + b"x" * (most - len(head) - len(end)) + end)
    assert [a.name for a in whole.attachments] == ["a.png", "b.png"] and not whole.trouble
    cut = parse(head + b"x" * (most - len(head)) + end)
    assert [a.name for a in cut.attachments] == ["a.png"] and cut.text == "olá" and "first" in cut.trouble[0]
