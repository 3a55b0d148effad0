"""Signed tokens: genuine ones are read back, nothing else is believed (M7)."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail.tokens import (
    Forged,
    NoticeToken,
    Token,
    TokenKey,
    message_id,
    new_key,
    notice_id,
    plus_address,
    read_message_id,
    read_notice_id,
    read_plus_address,
    read_subject_tag,
)

KEY = TokenKey(7, b"k" * 32)
KEYS = {7: KEY, 8: TokenKey(8, b"l" * 32)}
numbers = st.integers(0, 2**56 - 1)


@given(numbers, numbers, st.integers(0, 2**21 - 1), st.binary(min_size=1, max_size=40))
@example(2**56 - 1, 2**56 - 1, 2**21 - 1, b"x")
def test_what_was_signed_is_read(ticket: int, message: int, key_id: int, secret: bytes) -> None:
    """M7: ticket and message come back; the local part keeps to the 64 octets of RFC 5321."""
    key = TokenKey(key_id, secret)
    value = message_id(key, ticket, message, "shop.example")
    assert len(value.partition("@")[0]) <= 64
    assert value == value.lower() and value.isascii()
    assert read_message_id(value, {key_id: key}) == Token(ticket, message)


def test_each_message_id_is_new() -> None:
    assert message_id(KEY, 1, 2, "shop.example") != message_id(KEY, 1, 2, "shop.example")


@given(numbers, numbers, st.randoms())
def test_case_and_brackets_do_not_matter(ticket: int, message: int, random) -> None:
    """Handbook: a local part loses its case on the way."""
    value = message_id(KEY, ticket, message, "Shop.Example")
    mixed = "".join(random.choice([c.upper(), c]) for c in value)
    assert read_message_id(f" <{mixed}> ", KEYS) == Token(ticket, message)


letters = st.one_of(st.sampled_from(string.ascii_lowercase + string.digits + ".@-+=_ \n\0Kſı"), st.characters())


@given(st.data(), numbers, numbers)
def test_any_one_character_changed_is_not_believed(data: st.DataObject, ticket: int, message: int) -> None:
    """M7: not a ticket, message, key, random byte, signature or domain can be changed."""
    value = message_id(KEY, ticket, message, "shop.example")
    place, letter = data.draw(st.integers(0, len(value) - 1)), data.draw(letters)
    changed = value[:place] + letter + value[place + 1 :]
    if not (letter.isascii() and letter.lower() == value[place]):
        assert not isinstance(read_message_id(changed, KEYS), Token), changed


@given(st.data(), st.integers(1, 10**6))
def test_any_one_character_changed_in_a_plus_address(data: st.DataObject, ticket: int) -> None:
    value = plus_address(KEY, "sac@shop.example", ticket)
    place, letter = data.draw(st.integers(0, len(value) - 1)), data.draw(letters)
    changed = value[:place] + letter + value[place + 1 :]
    if not (letter.isascii() and letter.lower() == value[place]):
        assert not isinstance(read_plus_address(changed, KEYS), Token), changed


def test_every_last_letter_is_checked() -> None:
    """The last letter of base32 holds loose bits; only its one right spelling counts."""
    for message in range(40):
        value = (
            message_id(KEY, 5, 10**message, "shop.example") if message < 16 else plus_address(KEY, "a@b.cc", message)
        )
        local, _at, domain = value.partition("@")
        read = read_message_id if message < 16 else read_plus_address
        right = [
            c for c in string.ascii_lowercase + "234567" if isinstance(read(f"{local[:-1]}{c}@{domain}", KEYS), Token)
        ]
        assert right == [local[-1]]


def test_a_token_with_a_wrong_signature_is_named_forged() -> None:
    """Handbook: not ours: go on and log."""
    value = message_id(TokenKey(7, b"guess"), 1, 1, "shop.example")
    assert read_message_id(value, KEYS) == Forged(value)
    value = message_id(TokenKey(99, b"x"), 1, 1, "shop.example")
    assert read_message_id(value, KEYS) == Forged(value)
    assert isinstance(read_message_id("rtn.aaaa@shop.example", KEYS), Forged)
    assert isinstance(read_plus_address("sac+t1.aaaa@shop.example", KEYS), Forged)


def test_a_key_signs_for_one_purpose() -> None:
    """Handbook: keys are bound to one purpose."""
    value = message_id(KEY, 1, 2, "shop.example", purpose="unsubscribe")
    assert isinstance(read_message_id(value, KEYS), Forged)
    assert read_message_id(value, KEYS, purpose="unsubscribe") == Token(1, 2)


def test_old_keys_verify_for_ever() -> None:
    old, new = new_key(1), new_key(2)
    value = message_id(old, 3, 4, "shop.example")
    assert read_message_id(value, {1: old, 2: new}) == Token(3, 4)
    assert old.secret != new.secret and old.secret.hex() not in repr(old) and str(old.secret) not in repr(old)


@pytest.mark.parametrize("value", ["", "<>", "abc@mail.gmail.com", "rtn@x", "rtn.@x", "rtn.aaaa@", "x" * 10**6])
def test_what_is_not_ours_is_none(value: str) -> None:
    assert read_message_id(value, KEYS) is None
    assert read_plus_address(value, KEYS) is None


@given(st.text(max_size=400))
def test_nothing_from_outside_raises(value: str) -> None:
    """Nothing from outside is trusted: no crash."""
    for text in (value, f"rtn.{value}@x.y", f"a+t1.{value}@x.y", f"a+t{value}.aaaa@x.y", f"[#{value}]"):
        assert not isinstance(read_message_id(text, KEYS), Token)
        assert not isinstance(read_plus_address(text, KEYS), Token)
        read_subject_tag(text)


@given(st.integers(1, 2**56 - 1), st.randoms())
def test_plus_address_comes_back(ticket: int, random) -> None:
    """M7: the second carrier, for clients that drop References."""
    value = plus_address(KEY, "Sac+lojas@Shop.example", ticket)
    assert len(value.partition("@")[0]) <= 64 and f"+t{ticket}." in value
    mixed = "".join(random.choice([c.upper(), c]) for c in value)
    assert read_plus_address(mixed, KEYS) == Token(ticket, 0)


def test_plus_address_is_bound_to_its_mailbox() -> None:
    value = plus_address(KEY, "sac@shop.example", 1)
    assert isinstance(read_plus_address(value.replace("sac+", "vip+"), KEYS), Forged)
    assert isinstance(read_plus_address(value.replace("shop.", "evil."), KEYS), Forged)


@pytest.mark.parametrize(
    "address", ["", "sac", "@x.y", "sac@", "a b@x.y", "sac@x.y\r\nBcc: z@x.y", "é@x.y", "x" * 60 + "@x.y"]
)
def test_an_address_that_cannot_carry_a_ticket(address: str) -> None:
    with pytest.raises(ValueError, match="carry a ticket"):
        plus_address(KEY, address, 1)


@pytest.mark.parametrize("domain", ["", "a b", "x>\r\nBcc: y", "é.example", "a@b", "d" * 300])
def test_a_malformed_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        message_id(KEY, 1, 1, domain)


@pytest.mark.parametrize(
    ("subject", "ticket"),
    [
        ("Re: [#1042] Pedido", 1042),
        ("[#7]", 7),
        ("[#1] [#2]", 1),
        ("#1042", None),
        ("[#0]", None),
        ("[#١]", None),
        ("[#" + "9" * 50 + "]", None),
        ("", None),
    ],
)
def test_subject_tags(subject: str, ticket: int | None) -> None:
    assert read_subject_tag(subject) == ticket
    assert ticket is None or f"[#{ticket}]" in subject


people = st.integers(0, 2**28 - 1)


@given(people, people, people, st.randoms())
def test_what_was_signed_for_a_notification_is_read_in_any_case(ticket: int, message: int, person: int, random) -> None:
    """N2: ticket, message and reader come back; the local part keeps to the 64 octets of RFC 5321."""
    value = notice_id(KEY, ticket, message, person, "Shop.Example")
    mixed = "".join(random.choice([c.upper(), c]) for c in value)
    assert len(value.partition("@")[0]) <= 64
    assert read_notice_id(f"<{mixed}>", KEYS) == NoticeToken(ticket, message, person)


@given(st.data(), people, people, people)
def test_any_one_character_of_a_notifications_id_changed(
    data: st.DataObject, ticket: int, message: int, person: int
) -> None:
    """N2: nobody makes of a notification another ticket's, another message's or another person's."""
    value = notice_id(KEY, ticket, message, person, "shop.example")
    place, letter = data.draw(st.integers(0, len(value) - 1)), data.draw(letters)
    changed = value[:place] + letter + value[place + 1 :]
    if not (letter.isascii() and letter.lower() == value[place]):
        assert not isinstance(read_notice_id(changed, KEYS), NoticeToken), changed


@given(people, people, people)
def test_neither_kind_of_message_id_stands_in_for_the_other(ticket: int, message: int, person: int) -> None:
    """N2: purposes are apart, so that what a customer holds never speaks for a colleague, nor the other way round."""
    assert isinstance(read_notice_id(message_id(KEY, ticket, message, "shop.example"), KEYS), Forged)
    assert isinstance(read_message_id(notice_id(KEY, ticket, message, person, "shop.example"), KEYS), Forged)
    for purpose in ("mail", "plus", "notice"):
        assert not isinstance(
            read_notice_id(message_id(KEY, ticket, message, "shop.example", purpose), KEYS), NoticeToken
        )
