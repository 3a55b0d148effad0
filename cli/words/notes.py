"""Commands about notes, followers, files and notifications."""

from collections.abc import Callable

from cli.parsing import Parser

Add = Callable[..., Parser]


def commands(add: Add) -> None:
    """Add them to the command line."""
