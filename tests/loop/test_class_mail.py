"""Which text an answer gets, what is missing of it, and how it reads (A4, M2, M3)."""

import dataclasses

import pytest

from domain.refusals import Refusal
from loop import class_mail, surveys, templates
from loop.automatic import Letter
from loop.class_mail import Unwritten, letter, preview, samples, states
from loop.setup_views import Saved
from mail.templates import OUTPUT_LIMIT, TemplateTrouble, render
from tests.loop.conftest import Shop
from tests.loop.ruled import newest, praised, text
from tests.loop.test_templates import survey_of


def setting(shop: Shop, **values: bool) -> None:
    with shop.desk.db.write() as work:
        for name, value in values.items():
            work.run(f"UPDATE surveys SET {name} = :v", {"v": value})


def written(shop: Shop, answer: int, send: str | int = "class", **more: int) -> Letter | Unwritten:
    return letter(shop.desk.db.rows, shop.desk, answer, send, **more)


def test_a4_the_accounts_text_knows_the_name_and_the_surveys_replaces_it(shop: Shop) -> None:
    answer = praised(shop, attributes={"Loja": "Natal"})
    assert written(shop, answer) == Unwritten("no template")
    text(shop)
    assert written(shop, answer) == Letter("Obrigado", "Olá, Marina!", "Loja")
    body = "{{ customer.name }}, {{ answer.score }} em {{ answer.attributes.Loja }}, {{ survey.name }}"
    text(shop, survey=survey_of(shop), body=body)
    assert written(shop, answer).body == "Olá, Marina!", "until the survey says so"  # type: ignore[union-attr]
    setting(shop, own_templates=True)
    assert written(shop, answer).body == "Marina Alves, 10 em Natal, Pós-compra"  # type: ignore[union-attr]
    setting(shop, sends_mail=False)
    assert written(shop, answer) == Unwritten("survey sends none")


def test_a4_a_survey_that_replaces_the_accounts_text_and_has_none_sends_none(shop: Shop) -> None:
    answer = praised(shop)
    text(shop)
    setting(shop, own_templates=True)
    assert written(shop, answer) == Unwritten("no template")


def test_a4_only_what_is_whole_is_sent(shop: Shop) -> None:
    answer = praised(shop)
    made = text(shop, sender_name="", body=" ")
    assert written(shop, answer) == Unwritten("incomplete", ("sender name", "text"))
    templates.change(
        shop.desk, made, {"sender_name": "Loja", "body": "{% if customer.name == 'x' %}a{% endif %}"}, actor=shop.ana
    )
    assert written(shop, answer) == Unwritten("incomplete", ("text",)), "conditions that leave nothing"


def test_m2_what_is_missing_is_named_and_withholds_it(shop: Shop) -> None:
    answer = praised(shop, name="")
    text(shop)
    assert written(shop, answer) == Unwritten("missing", ("customer.first_name",))
    setting(shop, own_templates=True)
    text(shop, survey=survey_of(shop), subject="{{ ticket.number }}", body="{{ agent.name }} {{ customer.email }}")
    assert written(shop, answer) == Unwritten("missing", ("ticket.number", "agent.name"))


def test_a4_on_a_ticket_all_variables_work(shop: Shop, started: int) -> None:
    setting(shop, own_templates=True)
    text(
        shop,
        survey=survey_of(shop),
        klass="detractor",
        body="#{{ ticket.number }} {{ agent.first_name }} {{ ticket.flow }}",
    )
    done = written(shop, newest(shop), ticket=started)
    assert isinstance(done, Letter) and done.ticket == started
    assert done.body == f"#{started} Bia Detratores"


def test_a4_a_chosen_text_by_id_or_by_name(shop: Shop) -> None:
    answer = praised(shop)
    made = text(shop, name="Cupom", klass="", subject="Cupom {{ customer.first_name }}", body="{{ survey.name }}")
    assert written(shop, answer, made) == written(shop, answer, "cupom") == Letter("Cupom Marina", "Pós-compra", "Loja")
    assert written(shop, answer, made + 1) == Unwritten("no template")


def test_r7_a_value_is_never_read_as_a_template_and_makes_no_header(shop: Shop) -> None:
    answer = praised(shop, name="{{ ticket.number }}\r\nBcc: x@y.example \x1b[31m")
    text(shop, subject="Oi {{ customer.name }}", body="{{ customer.name }}")
    done = written(shop, answer)
    assert isinstance(done, Letter) and done.subject.startswith("Oi {{ ticket.number }}")
    assert "\n" not in done.subject and "\x1b" not in done.subject + done.body


def test_a4_states_say_what_each_tab_lacks_and_which_counts(shop: Shop) -> None:
    praised(shop)
    text(shop, sender_name="")
    text(shop, survey=survey_of(shop), klass="neutral")
    found = {(s.survey_name, s.klass): s for s in states(shop.desk, actor=shop.caio)}
    assert len(found) == 6 and states(shop.desk, actor=shop.bia) == ()
    assert found["", "promoter"].missing == ("sender name",) and "sender name" in found["", "promoter"].said
    assert found["", "detractor"].missing == class_mail.PARTS and found["", "detractor"].template is None
    assert found["Pós-compra", "neutral"].complete and found["Pós-compra", "neutral"].said == ""
    assert [found["", "promoter"].counts, found["Pós-compra", "promoter"].counts] == [True, False]
    setting(shop, own_templates=True)
    again = {(s.survey_name, s.klass): s.counts for s in states(shop.desk, actor=shop.caio)}
    assert [again["", "promoter"], again["Pós-compra", "promoter"]] == [False, True]
    setting(shop, sends_mail=False)
    assert not any(s.counts for s in states(shop.desk, actor=shop.caio))


def test_p3_preview_and_samples_show_only_answers_in_sight(shop: Shop, ticket: int) -> None:
    mine = newest(shop)
    free = praised(shop, email="bento@clientes.example", name="Bento")
    done = preview(shop.desk, "{{ answer.score }}", "#{{ ticket.number }}", mine, actor=shop.bia)
    assert not isinstance(done, Refusal) and (done[0].text, done[1].text) == ("2", f"#{ticket}")
    done = preview(shop.desk, "Oi", "#{{ ticket.number }} {{ customer.name }}", free, actor=shop.caio)
    assert not isinstance(done, Refusal) and done[1].missing == ("ticket.number",)
    done = preview(shop.desk, "Oi", "{{ answer.score }}", free, actor=shop.caio, of_account=True)
    assert not isinstance(done, Refusal) and done[1].missing == ("answer.score",)
    for answer, actor in ((mine, shop.davi), (free, shop.bia), (999, shop.ana)):
        assert isinstance(preview(shop.desk, "a", "b", answer, actor=actor), Refusal)
    assert [id for id, __ in samples(shop.desk, actor=shop.ana)] == [free, mine]
    assert samples(shop.desk, actor=shop.caio, klass="promoter") == ((free, "Bento · 10 · Ótimo"),)
    assert [id for id, __ in samples(shop.desk, actor=shop.bia)] == [mine]
    assert samples(shop.desk, actor=shop.davi) == ()


def test_p3_an_answer_whose_ticket_went_into_another_is_not_one_without_a_ticket(shop: Shop) -> None:
    """Elogios is out of caio's sight, and so are its merged tickets."""
    assert shop.answer(10, name="Rita", email="rita@x.example")
    merged = shop.answer(10, name="Rita", email="rita@x.example", comment="Outra")
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET merged_into = number - 1 WHERE number = :n", {"n": merged})
    assert isinstance(preview(shop.desk, "a", "{{ customer.name }}", newest(shop), actor=shop.caio), Refusal)
    assert samples(shop.desk, actor=shop.caio) == ()
    done = preview(shop.desk, "a", "{{ customer.name }}", newest(shop), actor=shop.davi)
    assert not isinstance(done, Refusal) and done[1].text == "Rita"


class Trap:
    """What a template must never get hold of."""

    touched = False

    def __getattr__(self, name: str) -> object:
        Trap.touched = True
        return self

    def __str__(self) -> str:
        Trap.touched = True
        return "secret"

    __call__ = __getattr__  # type: ignore[assignment]


@dataclasses.dataclass
class Held:
    secret: str = "s3cret"


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.__class__ }}", "{{ customer.__class__.__mro__ }}", "{{ customer['__init__'] }}", "{{ thing }}", "{{ held.secret }}",
        "{{ customer.keys }}", "{{ customer.name.upper }}", "{{ customer.name.__class__ }}", "{{ self }}", "{{ thing.a.b.c }}",
        "{{ none }}", "{{ true }}", "{% if thing %}x{% endif %}", "{{ held }}", "{{ customer }}",
    ],
)  # fmt: skip
def test_m2_a_template_reads_no_attribute_of_anything(source: str) -> None:
    """Values are mappings, texts and numbers; whatever else is among them is missing, and is not touched."""
    Trap.touched = False
    try:
        done = render(source, {"customer": {"name": "Ana"}, "thing": Trap(), "held": Held()})
    except TemplateTrouble:
        return
    assert not Trap.touched
    shown = "".join(p.text for p in done.pieces if p.kind != "missing")
    assert not any(bad in shown for bad in ("s3cret", "secret", "class", "method", "object"))


@pytest.mark.parametrize("name", ["customer.name.__doc__", "score.real", "score.numerator", "score.__doc__"])
def test_m2_what_texts_and_numbers_have_by_themselves_is_missing(name: str) -> None:
    """M2: only mappings are gone into."""
    done = render(f"a {{{{ {name} }}}}", {"customer": {"name": "Ana"}, "score": 9})
    assert done.missing == (name,)


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in customer %}x{% endfor %}", "{{ customer.name() }}", "{{ 'a' * 9999 }}", "{{ 9 ** 9 ** 9 }}", "{{ [1, 2] }}",
        "{{ customer.name ~ 'x' }}", "{% set a = 1 %}", "{% include 'x' %}", "{% import 'os' as os %}", "{% macro a() %}{% endmacro %}",
        "{{ customer.name | safe }}", "{{ customer.name | list }}", "{{ customer.name | format(1) }}", "{{ customer.name | attr('x') }}", "{{ customer.name | center(99999999) }}", "{{ range(9) }}",
        "{{ customer['a' + 'b'] }}", "{{ customer[0] }}", "{% raw %}{{ x }}{% endraw %}", "{{ lipsum() }}", "{{ customer.name[0:1] }}",
        "{% if 1 is defined %}x{% endif %}", "{{ x if y }}", "{% call a() %}{% endcall %}", "{{ {'a': 1} }}", "{% block a %}{% endblock %}",
        "{% if a %}" * 60 + "{% endif %}" * 60, "{{" + "(" * 500 + "a" + ")" * 500 + "}}", "{{ a }}" * 10_000,
    ],
)  # fmt: skip
def test_m2_nothing_is_looped_called_multiplied_or_set(source: str) -> None:
    with pytest.raises(TemplateTrouble):
        render(source, {"customer": {"name": "Ana"}})


def test_m2_a_text_cannot_grow_without_bound() -> None:
    """However often a long value is put in, what it becomes has an end."""
    with pytest.raises(TemplateTrouble):
        render("{{ a.b }}" * 1000, {"a": {"b": "x" * 1000}})
    assert len(render("{{ a.b }}" * 10, {"a": {"b": "x" * 1000}}).text) == 10_000 < OUTPUT_LIMIT


def test_a4_a_text_is_complete_once_nothing_is_empty_and_nothing_unknown(shop: Shop) -> None:
    """A4: until then its tab shows `!`."""
    praised(shop)
    survey = survey_of(shop)
    for klass, lacks in (("detractor", "sender_name"), ("neutral", "subject"), ("promoter", "body")):
        text(shop, klass=klass, survey=survey, **{lacks: " "})
    text(shop)
    assert [s.complete for s in states(shop.desk, actor=shop.ana)] == [False, False, True, False, False, False]
    # Kept before it was known what such a text may name: the account's knows the customer's name only.
    with shop.desk.db.write() as work:
        work.run("UPDATE templates SET sender_name = 'Loja', body = 'Oi', subject = '{{ answer.score }} {{ a.b }}'", {})
    found = {(s.survey_name, s.klass): (s.complete, s.bad) for s in states(shop.desk, actor=shop.ana)}
    assert found["", "promoter"] == (False, ("answer.score", "a.b"))
    assert found["Pós-compra", "promoter"] == (False, ("a.b",))


def test_a4_a_chosen_text_is_the_surveys_own_before_the_accounts_before_anothers_and_nobodys_own(shop: Shop) -> None:
    answer = praised(shop)
    own, other = survey_of(shop), surveys.create(shop.desk, "Entrega", actor=shop.ana)
    assert isinstance(other, Saved)
    made = {
        whose: text(shop, name="Cupom", klass="", body=whose, **place)
        for whose, place in (
            ("another's", {"survey": other.id}), ("the account's", {"account": True}), ("its own", {"survey": own})
        )
    }  # fmt: skip
    for whose in ("its own", "the account's", "another's"):
        assert written(shop, answer, "CUPOM").body == whose  # type: ignore[union-attr]
        templates.remove(shop.desk, made[whose], actor=shop.ana)
    for place in ({}, {"flow": shop.flow}):
        mine = templates.add(shop.desk, "Cupom", sender_name="Loja", subject="Oi", body="x", actor=shop.ana, **place)  # type: ignore[arg-type]
        assert isinstance(mine, Saved)
        assert written(shop, answer, "Cupom") == written(shop, answer, mine.id) == Unwritten("no template")


def test_a4_the_accounts_text_of_a_class_has_the_name_only_however_it_was_kept(shop: Shop) -> None:
    answer = praised(shop)
    made = text(shop)
    with shop.desk.db.write() as work:
        work.run(
            "UPDATE templates SET subject = '{{ survey.name }}', body = '{{ customer.name }} {{ answer.score }}'", {}
        )
    assert written(shop, answer) == Unwritten("missing", ("survey.name", "answer.score"))
    assert written(shop, answer, made) == written(shop, answer), "chosen by hand it is the same text"
    rows = shop.desk.db.rows
    assert class_mail.chosen(rows, "class", survey_of(shop), None) == Unwritten("no class")


def test_a4_a_survey_that_sends_none_sends_no_chosen_text_either(shop: Shop) -> None:
    """A text that cannot be read, however it was kept, does not leave and says why."""
    answer = praised(shop)
    made = text(shop, klass="")
    assert isinstance(written(shop, answer, made), Letter)
    setting(shop, sends_mail=False)
    assert written(shop, answer, made) == Unwritten("survey sends none")
    setting(shop, sends_mail=True)
    for field in ("subject", "body"):
        with shop.desk.db.write() as work:
            work.run("UPDATE templates SET subject = 'Oi', body = 'Oi'", {})
            work.run(f"UPDATE templates SET {field} = 'Oi {{% for x in y %}}'", {})
        done = written(shop, answer, made)
        assert isinstance(done, Unwritten) and (done.why, len(done.names)) == ("bad template", 1)
