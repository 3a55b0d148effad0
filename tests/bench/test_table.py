"""How measurements are asked for and shown."""

import pytest

from bench import worlds
from bench.__main__ import main
from bench.table import Table, figure
from bench.terminal import plain


def test_sizes_as_people_write_them() -> None:
    assert worlds.sizes("1k,100k, 1M,20") == [1_000, 100_000, 1_000_000, 20]
    assert [worlds.size_name(n) for n in (1_000, 100_000, 1_000_000, 20)] == ["1k", "100k", "1M", "20"]


@pytest.mark.parametrize("words", [["--sizes", "many"], ["--only", "sleep"]])
def test_what_cannot_be_measured_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before a world is made."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_table_has_a_column_for_each_size() -> None:
    table = Table(["1k", "1M"])
    table.put("Reads", "page", "1k", figure(0.5))
    table.put("Reads", "page", "1M", figure(1234.5))
    assert table.text().splitlines() == [
        "**Reads**", "", "|      |   1k |    1M |", "| ---- | ---: | ----: |", "| page | 0.50 | 1,234 |",
    ]  # fmt: skip


def test_sequences_are_no_text() -> None:
    """A known row is found on screen whatever colours it has."""
    assert plain(b"\x1b]0;t\x07\x1b[1;38;2;1;2;3m 12\x1b[0m Ana\x1b[?25l\x1b[3;4H!") == " 12 Ana!"
