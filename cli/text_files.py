"""Text that a command is given: a file, or standard input."""

import sys
from pathlib import Path

from cli.exits import CommandTrouble, Exit
from domain.text import _, line

LARGEST = 4_000_000
"""Bytes that are read."""


def read_text(name: str, largest: int = LARGEST) -> str:
    """The text of a file, or of standard input for '-', of so many bytes; CommandTrouble for one that cannot be read or is no UTF-8."""
    shown = line(name, 120)
    try:
        data = sys.stdin.buffer.read(largest + 1) if name == "-" else _bytes(Path(name), largest)
        if len(data) > largest:
            raise CommandTrouble(_("{file} is too large.").format(file=shown), Exit.INPUT)
        return data.decode("utf-8-sig")
    except OSError as why:
        reason = why.strerror or type(why).__name__
        raise CommandTrouble(_("{file} cannot be read: {why}.").format(file=shown, why=reason), Exit.INPUT) from why
    except ValueError as why:
        raise CommandTrouble(_("{file} is not text in UTF-8.").format(file=shown), Exit.INPUT) from why


def _bytes(path: Path, largest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(largest + 1)
