"""`retorno template`: texts to write with, from a shell (M2, R5)."""

from tests.cli.conftest import Run


def test_a_template_is_made_shown_changed_tried_and_removed(run: Run, shop: object) -> None:
    made = run("template", "add", "Desculpas", "--flow", "Customers", "--body", "-", "--json", stdin="Olá {{ customer.first_name }}\n{{ customer.attributes.bairro }}")  # fmt: skip
    assert made.code == 0
    assert run("template", "change", "desculpas", "--subject", "Sobre {{ ticket.subject }}", "--class", "detractor").code == 0  # fmt: skip
    (row,) = run("template", "list", "--json").json
    assert (row["level"], row["of"], row["class"], row["complete"]) == ("flow", "Customers", "detractor", False)
    assert "Desculpas" in run("template", "list", "--ticket", "1").out
    assert "{{ customer.first_name }}" in run("template", "show", str(row["id"])).out
    tried = run("template", "preview", "Desculpas", "1")
    assert tried.code == 1
    assert "customer.attributes.bairro" in tried.err and "{{ customer.first_name }}" not in tried.out
    assert run("template", "preview", "Desculpas", "1", "--json").json["missing"] == ["customer.attributes.bairro"]
    assert run("template", "remove", "Desculpas").code == 0
    assert run("template", "list", "--json").json == []


def test_m2_what_cannot_be_a_template_ends_with_1_and_the_reason(run: Run, shop: object) -> None:
    said = run("template", "add", "x", "--body", "{{ customer.nane }}")
    assert said.code == 1 and "customer.nane" in said.err
    said = run("template", "add", "x", "--body", "a\n{% for y in z %}")
    assert said.code == 1 and "line 2" in said.err
    assert run("template", "change", "x").code == 2
    assert "There is no “x”" in run("template", "remove", "x").err
