"""What the trusted server found out about a sender; everybody else's word for it counts nothing (N2, M7)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.verdicts import verdicts

HOST = "mx.loja.example"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("mx.loja.example; dmarc=pass header.from=loja.example", ("pass",)),
        ("MX.Loja.Example 1; spf=fail smtp.mailfrom=x; DMARC = FAIL (p=reject)", ("fail",)),
        ("mx.loja.example; dmarc/1=none", ("none",)),
        ("mx.loja.example(mail server); dmarc=fail", ("fail",)),
        ("mx.loja.example; none", ()),
        ("mx.loja.example", ()),
        ("mx.loja.example; dkim=pass (dmarc=fail); dmarc=pass", ("pass",)),
        ("mx.loja.example; dkim=pass ((nested) dmarc=fail); dmarc=pass", ("pass",)),
        ('mx.loja.example; spf=pass smtp.mailfrom="; dmarc=pass;"@x; dmarc=fail', ("fail",)),
        ('mx.loja.example; spf=pass (say "x) ; dmarc=fail (or "y)', ("fail",)),
        ("mx.loja.example; spf=pass smtp.mailfrom=a;dmarc=pass;@x; dmarc=fail", ("pass", "fail")),
        ("mx.evil.example; dmarc=fail", ()),
        ("mx.loja.example.evil.example; dmarc=pass", ()),
        ("", ()),
    ],
)
def test_the_results_of_the_named_host_are_read(header: str, said: tuple[str, ...]) -> None:
    """RFC 8601 2.2: host, then results, with comments and quoted words in between that are nobody's verdict."""
    assert verdicts([header], HOST) == said


def test_without_a_host_nobody_is_believed() -> None:
    assert verdicts(["; dmarc=fail", "dmarc=fail", " "], "") == ()


@given(st.lists(st.text(max_size=300), max_size=4))
def test_whatever_stands_there_is_read(headers: list[str]) -> None:
    verdicts(headers, HOST)


@pytest.mark.parametrize("piece", ["(", ")", '"', "\\", ";", "a=", "dmarc=", "(a", '"\\', "a"])
def test_long_headers_cost_little(piece: str) -> None:
    began = time.thread_time()
    verdicts([f"{HOST}; " + piece * 2000] * 10, HOST)
    assert time.thread_time() - began < 1
