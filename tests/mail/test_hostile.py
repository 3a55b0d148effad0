"""R7, M8: whatever bytes come, parsing answers, soon, and nothing it says can steer a terminal."""

import dataclasses
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.attachments import MAX_NAME_BYTES, safe_name
from mail.mime import MAX_DEPTH
from mail.parse import fingerprint, parse

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)


def check(raw: bytes) -> None:
    got = parse(raw)
    assert not [s for s in strings(got) if UNSAFE.search(s)]
    for one in (got.subject, got.message_id, got.sender.name, got.sender.address, *(a.name for a in got.attachments)):
        assert "\n" not in one
    for attachment in got.attachments:
        assert attachment.name and not re.search(r"[/\\]|^\.", attachment.name)
    assert len(fingerprint(raw)) == 64


PIECES = st.sampled_from(
    [b"From: ", b"Subject: ", b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n", b"--b--", b"\n", b"\r\n", b"\n\n", b"=?utf-8?q?=1b?=", b"=?utf-16?b?G1sx?=",
     b"\x1b[31m", b"\xe2\x80\xae", b"Content-Type: text/html\n\n", b"<p>&#27;&#x202e;", b"</p><blockquote>", b"Content-Transfer-Encoding: base64\n", b"G1szMW0=\n", b"a@b.c", b"<", b">",
     b'"', b"(", b";", b"Content-Disposition: attachment; filename*=utf-8''%1b%2f..\n", b"Content-Type: message/rfc822\n\n", b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; \x1b@x\nAction: failed\n",
     b"Content-Type: text/plain; charset=utf-7\n\n+ABs-", b"Date: ", b"References: <\x9b@x>\n", b"On Mon, 1 Jan 2026 at 10:00, a <a@b.c> wrote:\n> ", b"Message-ID: <\x1b[2J>\n", b"begin 644 ../x\nM\nend\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=30)), max_size=25).map(b"".join))
def test_no_bytes_make_parsing_raise_or_leave_control_characters(raw: bytes) -> None:
    check(raw)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_name_of_a_file_is_a_path_or_a_device(name: str) -> None:
    safe = safe_name(name, "application/pdf")
    assert safe and not re.search(r"[/\\:]|^\.|[. ]$", safe) and not UNSAFE.search(safe)
    assert not re.match(r"(?i)(con|nul|aux|prn|com\d|lpt\d)(\.|$)", safe)
    assert len(safe.encode("utf-8", "replace")) <= 200


HEAD = b"From: a@c.example\nSubject: x\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
        b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\n",
        b"From: " + b"(" * 200_000 + b"\n\n",
        b"From: " + b'"\\' * 100_000 + b"\n\n",
        b"References: " + b"<" * 100_000 + b"\n\n",
        b"Content-Type: text/plain; " + b"a=b; " * 50_000 + b"\n\n",
        b"X: y\n" * 20_000 + b"\nx",
        HEAD + NESTED,
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Disposition: attachment\n\nx\n" * 10_000,
        HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=" * 1_000_000,
        HEAD + b"\n" + b"begin 644 x\n" * 50_000,
        b"From: mailer-daemon@c.example\nSubject: Undelivered mail\n\n" + b"a@b.example " * 50_000,
        b"\0" * 500_000,
        b"".join(name + b": a" + b" " * 30_000 + b"z\n" for name in (b"Subject", b"From", b"To", b"Date")) + b"\nx",
        HEAD + b"\n" + (b"*" * 199 + b"\n") * 3_000,
    ],
    ids=[
        "words",
        "open-words",
        "comments",
        "quotes",
        "references",
        "parameters",
        "headers",
        "depth",
        "parts",
        "padding",
        "uu",
        "addresses",
        "nul",
        "spaces",
        "stars",
    ],
)
def test_a_bomb_costs_no_more_than_seconds(raw: bytes) -> None:
    start = time.process_time()
    check(raw)
    assert time.process_time() - start < 4


def test_what_a_limit_cut_is_told() -> None:
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Disposition: attachment\n\nx\n" * 3_000
    )
    assert any("parts" in t for t in parse(raw).trouble)


def test_one_bad_field_costs_only_that_field() -> None:
    got = parse(b"From: Ana <ana@c.example>\nDate: nunca\nMessage-ID: <" + b"x" * 5000 + b">\nSubject: ok\n\ntexto")
    assert (got.date, got.message_id, got.subject, got.text, got.error) == (None, "", "ok", "texto", "")


@pytest.mark.parametrize("sender", [b"", b"<>", b"undisclosed:;", b"@", b"a@", b")", b'"'])
def test_a_sender_that_cannot_be_read_is_none(sender: bytes) -> None:
    assert parse(b"From: " + sender + b"\n\nx").sender.address == ""


def test_m10_parts_within_parts_are_opened_to_a_depth_and_the_rest_is_told() -> None:
    raw = b"From: a@c.example\nSubject: x\n"
    for n in range(MAX_DEPTH + 5):
        raw += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
    mail = parse(raw + b"Content-Type: text/plain\n\nfundo\n")
    assert "parts nested too deep were not opened" in mail.trouble and not mail.error
    assert "fundo" in mail.text, "nothing is dropped"


def test_m10_a_long_name_is_cut_between_letters_and_keeps_its_extension() -> None:
    name = safe_name("ação" * 100 + ".pdf")
    assert len(name.encode()) <= MAX_NAME_BYTES and name.startswith("açãoação") and name.endswith(".pdf")
    assert len(safe_name("x." + "y" * 500).encode()) <= MAX_NAME_BYTES
