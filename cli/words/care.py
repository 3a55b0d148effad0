"""Commands about what is done with tickets beyond their phases: subject, due, tags, activities, merging, customers."""

from collections.abc import Callable

from cli.parsing import Parser

Add = Callable[..., Parser]


def commands(add: Add) -> None:
    """Add them to the command line."""
