"""A sentence of the last line is read whole, on more lines where one is too short (ux: no cut sentences)."""

from tests.tui.conftest import Opened
from tui.widgets.flash import Tone

LONG = "The server does not know this address any more, so the message was kept as it is: r goes on with it."


async def test_a_long_sentence_stands_on_more_lines_and_moves_nothing(opened: Opened) -> None:
    """Where it fits it is on the last line alone; the next key takes it away."""
    async with opened((80, 24)) as screen:
        before = screen.text().splitlines()
        screen.queue.say(LONG, Tone.REFUSED)
        await screen.quiet()
        shown = screen.text().splitlines()
        assert shown[:22] == before[:22]
        assert " ".join(row.strip() for row in shown[22:]) == "· " + LONG
        await screen.pilot.resize_terminal(120, 24)
        await screen.quiet()
        assert screen.text().splitlines()[23].strip() == "· " + LONG
        await screen.pilot.resize_terminal(80, 24)
        await screen.quiet()
        screen.queue.unsay(now_or_never=True)
        await screen.quiet()
        assert screen.text().splitlines() == before


async def test_a_long_sentence_does_not_hide_what_one_types(opened: Opened) -> None:
    """`:` opens its line where the sentence stood."""
    async with opened((80, 24)) as screen:
        screen.queue.say(LONG, Tone.REFUSED)
        await screen.press("colon", "d", "u")
        assert LONG[-20:] not in screen.text()
        assert screen.text().splitlines()[23].lstrip().startswith(":")
