"""The least that a Textual program can be, to compare with."""

from textual.app import App, ComposeResult
from textual.widgets import Static

SAYS = "bare and painted"


class Bare(App[None]):
    """One widget with a few words."""

    def compose(self) -> ComposeResult:
        yield Static(SAYS)


if __name__ == "__main__":
    Bare().run()
