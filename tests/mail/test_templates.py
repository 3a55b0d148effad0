"""Texts with variables (M2): what they may hold, what is put in, what is missing, and that none of them can do harm."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.templates import FILTERS, OUTPUT_LIMIT, SOURCE_LIMIT, TemplateTrouble, fill, render, variables

VALUES = {
    "customer": {
        "name": "marina alves d'ávila",
        "first_name": "Marina",
        "phone": "  ",
        "attributes": {"store": "Natal", "Loja SP": "sim", "items": "3"},
    },
    "answer": {"score": 2, "class": "detractor"},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Olá {{ customer.first_name }},", "Olá Marina,"),
        ("{{customer.attributes['Loja SP']}} {{ customer.attributes.items }}", "sim 3"),
        ("{{ customer.name | title }} {{ customer.name | first_word | upper }}", "Marina Alves D'ávila MARINA"),
        ("{{ customer.phone | default('—') }}{{ customer.phone or customer.first_name }}", "—Marina"),
        ("a{% if customer.phone %} tel{% elif answer.score <= 2 %} nota {{ answer.score }}{% endif %}.", "a nota 2."),
        ("{% if answer.class == 'detractor' and not customer.phone %}\nDesculpe.\n{% endif %}\nFim", "Desculpe.\nFim"),
        (
            "a {% if customer.name %}b{% endif %}\nc\n  {% if 1 == 1 %}  \nd\n{% endif -%}\n {# x #}\ne\n",
            "a b\nc\nd\ne\n",
        ),
        ("{{ '' or customer.first_name }} {{ (answer.score == 9) or 'x' }}", "Marina x"),
        ("{# for us #}x {{ '{{' }}", "x {{"),
        ("100% {sure} } }} %} [/red]", "100% {sure} } }} %} [/red]"),
    ],
)
def test_m2_variables_fallbacks_and_conditions(source: str, text: str) -> None:
    done = render(source, VALUES)
    assert (done.text, done.missing) == (text, ())


def test_m2_all_that_is_missing_or_empty_is_named_each_once() -> None:
    done = render(
        "{{ customer.phone }} {{ shop.name | upper }} {{ customer.attributes['Loja RJ'] }} {{ shop.name }} "
        "{{ customer.x or ticket.y }} {% if ticket.z %}{{ never.said }}{% endif %}{{ customer }}",
        VALUES,
    )
    assert done.missing == (
        "customer.phone", "shop.name", 'customer.attributes["Loja RJ"]', "customer.x", "ticket.y", "customer",
    )  # fmt: skip
    assert [p.text for p in done.pieces if p.kind == "missing"][:2] == [
        "{{ customer.phone }}",
        "{{ shop.name | upper }}",
    ]


def test_m2_a_fallback_that_is_written_empty_is_meant() -> None:
    assert render("a{{ customer.phone | default('') }}b", VALUES).missing == ()


def test_troubles_name_the_line() -> None:
    with pytest.raises(TemplateTrouble, match="line 4"):
        render("{% if a %}\n{# x #}\n{% endif %}\n{{ a() }}", VALUES)


def test_m2_variables_of_a_text() -> None:
    source = "{% if a.b %}{{ c['d e'] | default(f) }}{% endif %}{{ a.b }}"
    assert variables(source) == ("a.b", 'c["d e"]', "f")


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in customer %}{{ x }}{% endfor %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}{% import 'x' as y %}",
        "{% raw %}x{% endraw %}",
        "{% if customer.name() %}{% endif %}",
        "{{ ''.join(customer) }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'a' * 999999999 }}",
        "{{ customer.name ~ customer.name }}",
        "{{ customer | attr('x') }}",
        "{{ customer | map('upper') }}",
        "{{ customer.name | upper(1) }}",
        "{{ customer.name | default }}",
        "{{ customer.name | default(value='x') }}",
        "{{ customer[0] }}{{ customer[customer.name] }}",
        "{{ customer.name[1:2] }}",
        "{{ 'a' if customer else 'b' }}",
        "{{ customer is defined }}",
        "{{ 'a' in customer.name }}",
        "{{ -answer.score }}",
        "{{ customer.name",
        "{% if customer.name %}",
        "{% endif %}",
        "{{ }}",
        "{# never closed",
        "{{ 1 + 1 }}",
    ],
)
def test_m2_whatever_else_jinja_offers_is_refused(source: str) -> None:
    with pytest.raises(TemplateTrouble):
        render(source, VALUES)


@pytest.mark.parametrize("name", ["__class__", "__init__", "items", "get", "format", "mro"])
def test_no_attribute_of_an_object_is_reached(name: str) -> None:
    """A name leads into the mappings that are given, and nowhere else."""
    for variable in (f"customer.{name}", f"customer.name.{name}", f"answer.score.{name}", f"customer['{name}']"):
        assert render("{{ " + variable + " }}", VALUES).missing


@pytest.mark.parametrize(
    "source",
    [
        "{{" * 20_000,
        "{" * 49_000,
        "{{ " + "(" * 20_000 + "a" + ")" * 20_000 + " }}",
        "{{ " + "(" * 180 + "a" + ")" * 180 + " }}",
        "{{ " + "not " * 95 + "a }}",
        "{{ a" + ".b" * 20_000 + " }}",
        "{% if a %}" * 4_900,
        "{% if a %}" + "{% elif b %}" * 4_000 + "{% endif %}",
        "{{a}}" * 9_999,
        "{#" * 20_000,
        "{% raw %}" * 5_000,
        "{{" + " " * 49_000,
        "{{ '" + "\\" * 40_000,
        "{{ " + "9" * 399 + " }}",
        "{{ '}}' " * 5_000,
        "x" * (SOURCE_LIMIT + 1) + "{{ a }}",
    ],
)
def test_no_text_takes_long(source: str) -> None:
    began = time.process_time()
    with contextlib.suppress(TemplateTrouble):
        render(source, {"a": "1"})
    assert time.process_time() - began < 2


def test_a_text_that_is_too_long_is_refused_and_one_just_as_long_is_not() -> None:
    longest = "x" * (50_000 - 7) + "{{ a }}"
    assert render(longest, {"a": "1"}).text.endswith("x1")
    with pytest.raises(TemplateTrouble, match="50"):
        render("x" + longest, {"a": "1"})


def test_no_text_becomes_too_long() -> None:
    with pytest.raises(TemplateTrouble):
        render("{{ a }}" * 100, {"a": "x" * (OUTPUT_LIMIT // 50)})


def test_r7_nothing_that_moves_the_cursor_comes_out() -> None:
    assert render('{{ "\\u001b[31m" }}{{ a }}', {"a": "\x1b]0;x\x07y"}).text == "[31m]0;xy"


def test_what_a_customer_is_called_is_never_read_as_a_template() -> None:
    """A filled draft is read once more when it leaves: a name that looks like a variable stays a name."""
    hostile = {
        "customer": {"name": "{{ agent.email }}", "zip": "{", "more": "{% if x %}"},
        "agent": {"email": "secret"},
    }
    source = "Olá {{ customer.name }}{{ customer.zip }}{{ customer.none }} {{ customer.more }}{{ customer.zip }}"
    draft = fill(source, hostile)
    again = render(draft, {"agent": {"email": "secret"}})
    assert again.missing == ("customer.none",)
    assert again.text == "Olá {{ agent.email }}{{{ customer.none }} {% if x %}{"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab.{}%#|()[]'\"\\ \n-+~:,=<>019_é"), max_size=80))
def test_any_text_is_read_or_refused_with_a_sentence(source: str) -> None:
    try:
        done = render(source, {"a": "{{ b }}", "b": {"a": "x"}})
    except TemplateTrouble as trouble:
        assert str(trouble)
        return
    assert len(done.text) <= 20 * (len(source) + 10)


pieces = st.sampled_from(
    ["{{ a }}", "{{ b.c }}", "{{ none.x | upper }}", "{", "}", "texto ", "\n", "{{ d | default('y') }}"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=8), st.text(alphabet="{}%#ab \n", max_size=8), st.text(alphabet="{%x", max_size=4))
def test_filling_and_then_reading_is_reading(source: list[str], one: str, other: str) -> None:
    """What is filled in a draft leaves as the template itself would have."""
    values = {"a": one, "b": {"c": other}}
    text = "".join(source)
    try:
        at_once = render(text, values)
    except TemplateTrouble:
        return
    again = render(fill(text, values), values)
    assert (again.text.strip(), again.missing) == (at_once.text.strip(), at_once.missing)


def test_every_filter_takes_any_text() -> None:
    for name, filter in FILTERS.items():
        assert isinstance(filter("ǅ ß ﬁ 😀\n"), str), name


@pytest.mark.parametrize("nothing", ["", "  \n", None, "\x1b\x07"])
def test_m2_what_is_empty_is_missing_unless_something_stands_in(nothing: str | None) -> None:
    """An attribute that was imported as blanks must not leave as "Olá ,"."""
    values = {"customer": {"name": nothing}}
    assert render("Olá {{ customer.name }},", values).missing == ("customer.name",)
    stood_in = render('Olá {{ customer.name | default("cliente") }},', values)
    assert (stood_in.text, stood_in.missing) == ("Olá cliente,", ())
