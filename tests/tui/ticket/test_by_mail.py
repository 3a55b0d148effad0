"""A note that came by e-mail says so when it is unfolded (N2)."""

import pytest

from loop.views import Entry
from tests.tui.ticket.harness import NOW
from tui.widgets.ticket.entries import lay_out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, ""),
        ({"via": "mail"}, "by e-mail"),
        ({"via": "mail", "left": 2}, "by e-mail · 2 files were too much"),
    ],
)
def test_a_note_tells_how_it_came(data: dict[str, object], said: str) -> None:
    entry = Entry(1, NOW, "note", "caio", data, text="Pode deixar")
    assert not any("e-mail" in text for text, __ in lay_out(entry, 60).below), "folded it is a note as others are"
    below = lay_out(entry, 100, unfolded=True).below[0][0]
    assert below.endswith(said) and (bool(said) == ("e-mail" in below))
