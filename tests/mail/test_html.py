"""HTML becomes readable text: nothing fetched, nothing run, nothing hidden shown (M10, R7)."""

import time

import pytest

from mail.html import read


def text(source: str) -> str:
    return "\n".join(read(source).text)


def test_blocks_lists_and_tables_become_lines() -> None:
    assert text("<p>Um</p><ul><li>dois<li>três</ul><table><tr><td>a<td>b</table>").split() == [
        "Um",
        "-",
        "dois",
        "-",
        "três",
        "a",
        "b",
    ]


def test_entities_are_read_and_white_space_is_folded() -> None:
    assert text("<div>A&ccedil;&atilde;o &lt;b&gt;\n\n  &nbsp;x</div>") == "Ação <b> x"


def test_scripts_styles_comments_and_hidden_text_are_not_shown() -> None:
    source = "<style>p{}</style><script>alert(1)</script><!-- no --><p style='display:none'>no</p><p>Sim</p><span style='font-size:0px'>no</span>"
    assert text(source) == "Sim"


def test_a_link_that_shows_another_address_tells_where_it_leads() -> None:
    assert "https://mal.example/x" in text('<a href="https://mal.example/x">https://banco.example</a>')
    assert text('<a href="https://loja.example/">loja.example</a>') == "loja.example"
    assert text('<a href="https://loja.example/a?b">o pedido</a>') == "o pedido"


def test_quotations_carry_signs() -> None:
    assert "> velho" in text("novo<blockquote type=cite>velho</blockquote>")


def test_control_characters_written_as_entities_are_dropped() -> None:
    assert text("a&#27;[31mb&#x202e;c&#0;d") == "a[31mbc\ufffdd"


def test_a_tag_that_never_ends_swallows_only_itself() -> None:
    assert "olá" in text("<p <b>olá</b>")
    assert text("1 < 2 e 3 > 2") == "1 < 2 e 3 > 2"


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        '<a href="',
        "<!--",
        "<!-- x>",
        "<style>",
        "<div>",
        "</div>",
        "<blockquote>",
        "&",
        '<div class="gmail_quote">',
        "<pre>a\n",
    ],
)
def test_broken_html_is_read_in_linear_time(piece: str) -> None:
    start = time.process_time()
    read(piece * (300_000 // len(piece)))
    assert time.process_time() - start < 4  # seconds
