"""Visible strings: every one is in the catalogue, translated, with the same places for values; the language is chosen (R6)."""

import gettext
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import languages, main
from domain import text
from domain.refusals import refuse
from tests.docs.test_docs import script

i18n = script("i18n")
CODE = i18n.extract()
CATALOGUES = sorted(i18n.LOCALES.glob("*/LC_MESSAGES/retorno.po"))
each_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parts[-3])
AGAIN = "make it again: make i18n"


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    text.use_language("C")


def places(sentence: str) -> set[str]:
    """The names of the values that a sentence has room for; other braces are the sentence's own."""
    return {
        name for _words, name, _format, _turned in string.Formatter().parse(sentence) if name and name.isidentifier()
    }


def test_there_is_portuguese() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["pt_BR"]


@each_catalogue
def test_the_catalogue_holds_the_strings_of_the_code(path: Path) -> None:
    there = i18n.read(path.read_text("utf-8"))
    assert {(e.one, e.many) for e in there} == {(e.one, e.many) for e in CODE}, AGAIN


@each_catalogue
def test_every_string_is_translated(path: Path) -> None:
    """Nothing empty, nothing that somebody has to look at again."""
    left = [e.one for e in i18n.read(path.read_text("utf-8")) if not e.complete]
    assert not left, AGAIN


@each_catalogue
def test_translations_have_room_for_the_same_values(path: Path) -> None:
    """A value that is missing would be lost, one too many would be a crash before the reader's eyes."""
    for e in i18n.read(path.read_text("utf-8")):
        assert places(e.said[-1]) == places(e.many or e.one), e.one
        assert places(e.said[0]) <= places(e.many or e.one), e.one


@each_catalogue
def test_blanks_and_ends_are_kept(path: Path) -> None:
    """Parts of sentences are put together: a blank at either end counts, and so does a line's end."""
    for e in i18n.read(path.read_text("utf-8")):
        for said in e.said:
            assert (said[:1] == " ", said[-1:] == " ") == (e.one[:1] == " ", e.one[-1:] == " "), e.one
            assert said.count("\n") == e.one.count("\n"), e.one


@each_catalogue
def test_the_compiled_catalogue_is_current(path: Path) -> None:
    """The .mo that is read is what the .po says, and gettext reads it so."""
    entries = i18n.read(path.read_text("utf-8"))
    compiled = path.with_suffix(".mo")
    assert compiled.read_bytes() == i18n.compile(entries, path.parts[-3]), AGAIN
    with compiled.open("rb") as file:
        words = gettext.GNUTranslations(file)
    for e in entries:
        if e.many:
            assert [words.ngettext(e.one, e.many, n) for n in (0, 1, 2)] == [e.said[0], e.said[0], e.said[1]]
        else:
            assert words.gettext(e.one) == e.said[0]


def test_a_string_that_changed_a_little_is_proposed_and_marked() -> None:
    old = [i18n.Entry("There is no ticket here.", said=("Não há ticket aqui.",))]
    new = [i18n.Entry("There is no ticket there."), i18n.Entry("Quite another thing")]
    near, other = i18n.merge(new, old)
    assert near.said == ("Não há ticket aqui.",) and near.fuzzy and not near.complete
    assert other.said == ("",) and not other.complete


def test_quotes_and_backslashes_come_back_from_a_file() -> None:
    entries = [i18n.Entry('say "\\n" {x}\tor\nnot', said=('diga "\\n" {x}\tou\nnão',), files=("a.py",))]
    assert i18n.read(i18n.write(entries, "pt_BR")) == entries


@pytest.mark.parametrize(
    ("environ", "first"),
    [
        ({}, "C"),
        ({"LANG": "pt_BR.UTF-8"}, "pt_BR.UTF-8"),
        ({"LANG": "pt_BR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en_US.UTF-8"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE", "LC_ALL": "pt_BR"}, "pt_BR"),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": ""}, "pt_BR.UTF-8"),
        ({"LC_ALL": "../../elsewhere"}, "C"),
        ({"LC_ALL": "pt/../../elsewhere"}, "C"),
    ],
)
def test_the_language_is_chosen_in_posix_order(environ: dict[str, str], first: str) -> None:
    assert languages(environ)[0] == first


@pytest.mark.parametrize("named", ["pt_BR.UTF-8", "pt_PT.UTF-8", "pt"])
def test_portuguese_is_spoken_where_it_is_asked_for(
    named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: environment, command line, catalogue."""
    monkeypatch.setenv("LC_ALL", named)
    assert main(["--help"]) == 0
    assert "Dê um retorno aos clientes" in capsys.readouterr().out


def test_others_read_english(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    assert main(["--help"]) == 0
    assert "Close the loop with customers" in capsys.readouterr().out


def test_a_refusal_is_said_in_the_language_of_its_reader() -> None:
    """It is a value: made once, said to each in their own words."""
    why = refuse("checklist", phase="Contato", missing=("Li a resposta",))
    text.use_language("pt_BR")
    assert str(why) == "O checklist de Contato é obrigatório. Ainda falta: Li a resposta."
    text.use_language("C")
    assert str(why) == "The checklist of Contato is mandatory. Still missing: Li a resposta."
