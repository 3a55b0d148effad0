"""Who a customer is (I1, I3)."""

import random

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.contacts import customer_key, fold_email, fold_phone


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ana@loja.example", "ana@loja.example"),
        ("  Ana.Souza+sac@LOJA.Example\n", "ana.souza+sac@loja.example"),
        ("\ufeffana@loja.example\u200b", "ana@loja.example"),
        ("joa\u0303o@loja.example", "joão@loja.example"),
        ("JOÃO@AÇÚCAR.example", "joão@açúcar.example"),
        ("o'neill@loja.example", "o'neill@loja.example"),
        ("a@sub.xn--aca-1na.example", "a@sub.xn--aca-1na.example"),
    ],
)
def test_one_address_has_one_form(text: str, folded: str) -> None:
    """I1: a customer is one by folded e-mail, however it was typed."""
    assert fold_email(text) == folded


@pytest.mark.parametrize(
    "text",
    [
        "",
        "não tem",
        "ana",
        "ana@",
        "@loja.example",
        "ana@loja",
        "ana@@loja.example",
        "ana@loja.example, bia@loja.example",
        "ana souza@loja.example",
        "ana@loja.example\nBcc: x@y.example",
        "ana\x1b[31m@lo ja.example",
        "Ana <ana@loja.example>",
        "ana@loja..example",
        ".ana@loja.example",
        "ana..souza@loja.example",
        "ana@-loja.example",
        "ana@" + "a" * 64 + ".example",
        "a" * 65 + "@loja.example",
        "ana@" + "a.é" * 100 + ".example",
        "ana@" + "é" * 70 + ".example",
        '"ana"@loja.example',
        "x" * 1_000_000,
    ],
)
def test_what_cannot_be_an_address_is_none(text: str) -> None:
    """R7: nothing goes into a header that needs quotes, breaks the line or names two people."""
    assert fold_email(text) == ""


@given(st.text() | st.from_regex(r"\A[^@]{1,8}@[^@]{1,8}\.[^@]{1,4}\Z"))
@example("İ@İ.example")
@example("ᾴ@x.example")
def test_folding_an_address_twice_changes_nothing(text: str) -> None:
    """I1: the key of a customer is stable; and never anything that could split a header."""
    once = fold_email(text)
    assert fold_email(once) == once
    assert not once or (once.count("@") == 1 and once.isprintable() and not set(once) & set(' ,;<>"()'))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("+5511987654321", "+5511987654321"),
        ("(11) 98765-4321", "+5511987654321"),
        ("11 3456-7890", "+551134567890"),
        ("011 98765 4321", "+5511987654321"),
        ("55 11 98765-4321", "+5511987654321"),
        ("(55) 99123-4567", "+5555991234567"),
        ("+351 912 345 678", "+351912345678"),
        ("tel: +55 (21) 2345-6789 ramal 12", "+552123456789"),
        ("98765-4321", ""),
        ("(00) 00000-0000", ""),
        ("(11) 99999-9999", ""),
        ("não tenho", ""),
        ("", ""),
        ("+", ""),
        ("1" * 5000, ""),
        ("+55\x1b[2J", ""),
    ],
)
def test_numbers_are_e164(text: str, folded: str) -> None:
    """I1: a phone is known in E.164; a blank filled with one digit is nobody's number."""
    assert fold_phone(text) == folded


def test_a_number_is_dialled_in_its_region() -> None:
    """I1: the region decides what a number without a country is."""
    assert fold_phone("(202) 456-1111", "US") == "+12024561111"
    assert fold_phone("912 345 678", "PT") == "+351912345678"


def test_the_quick_way_for_brazil_takes_only_what_the_library_takes() -> None:
    """I1: two ways of reading a number never make two customers of one."""
    random.seed(7)
    for _again in range(3000):
        digits = "".join(random.choices("0123456789", k=random.choice((10, 11))))
        number = phonenumbers.parse(digits, "BR")
        valid = phonenumbers.is_valid_number(number)
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""
        assert fold_phone(digits) == expected, digits


@given(st.text(max_size=40) | st.text("+0123456789 ()-٣๓", max_size=20))
def test_any_text_folds_to_a_number_or_nothing(text: str) -> None:
    """R7: never an error, and never more than + and digits."""
    found = fold_phone(text)
    assert not found or (found[0] == "+" and found[1:].isascii() and found[1:].isdigit())
    assert fold_phone(found) == found


def test_the_key_is_address_then_number_then_id() -> None:
    """I1, I3: the best key that there is; without any there is nobody to get back to."""
    assert customer_key("a@b.example", "+5511987654321", "7") == "e:a@b.example"
    assert customer_key("", "+5511987654321", "7") == "p:+5511987654321"
    assert customer_key("", "", " 7\n") == "c:7"
    assert customer_key("", "", " ") is None
