"""Who a note mentions (N1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mentions import begun, mentioned

LOGINS = ("ana", "bia", "ana.silva", "joão", "j-p", "Rui")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ana veja", ("ana",)),
        ("veja, @ana.", ("ana",)),
        ("(@ana/@bia) e @ANA!", ("ana", "bia")),
        ("'@ana's turn", ("ana",)),
        ("@ana.silva; @ana...", ("ana.silva", "ana")),
        ("@rui\n@joão?", ("Rui", "joão")),
        ("feito.@bia", ("bia",)),
        ("@ana.@bia", ("ana", "bia")),
        ("@j-p: ok", ("j-p",)),
        ("@joa\u0303o", ("joão",)),
        ("escreva para ana@bia.example e sac+@ana", ()),
        ("@anabela @ana.loja @ana-x @ana@bia.example", ()),
        ("https://loja.example/@ana", ()),
        ("@ @@ @. @ninguém", ()),
        ("@@ana", ("ana",)),
        ("", ()),
    ],
)
def test_n1_a_mention_is_a_login_and_no_address(text: str, found: tuple[str, ...]) -> None:
    assert mentioned(text, LOGINS) == found


def test_n1_logins_that_differ_by_case_alone_are_told_apart() -> None:
    assert mentioned("@Ana @ana", ("ana", "Ana")) == ("Ana", "ana")
    assert mentioned("@ANA", ("ana", "Ana")) == ("ana",)
    assert mentioned("@ana@x.example!", ("ana@x.example",)) == ("ana@x.example",), "a login may look like an address"


@pytest.mark.parametrize(
    ("before", "what"),
    [("oi @an", "an"), ("@", ""), ("ana@lo", None), ("oi @ana ", None), ("", None), ("(@Jo", "Jo")],
)
def test_n1_what_is_being_completed(before: str, what: str | None) -> None:
    assert begun(before) == what


@given(st.text(alphabet="@anbi.s-+ \n", max_size=60))
def test_n1_nobody_is_mentioned_twice_nor_anybody_who_is_not_there(text: str) -> None:
    found = mentioned(text, LOGINS)
    assert len(set(found)) == len(found) and set(found) <= set(LOGINS)
    for login in found:
        assert f"@{login}" in text.lower() or login == "Rui"
