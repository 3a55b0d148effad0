"""Cells that a spreadsheet would run: written so that it does not, and read back exactly (I8).

A comment such as `=HYPERLINK(…)` or a number such as `+5581…` is a formula to Excel and its kin. In files that Retorno
writes, such a cell gets an apostrophe before it; reading a file with Retorno's own column of reasons takes one away.
"""

import re

_RUN = r"[=+\-@\t\r\n＝＋－＠]"
_RISKY = re.compile(rf"'*{_RUN}")
_WORN = re.compile(rf"''*{_RUN}")
_NEGATIVE = re.compile(r"-\d{1,15}(?:[.,]\d{1,10})?")


def dressed(cell: str) -> str:
    """`cell` as it can stand in a file that a spreadsheet opens; a plain negative number stays one."""
    return "'" + cell if _RISKY.match(cell) and not _NEGATIVE.fullmatch(cell) else cell


def bare(cell: str) -> str:
    """What `dressed` was given."""
    return cell[1:] if cell[:1] == "'" and _WORN.match(cell) and not _NEGATIVE.fullmatch(cell[1:]) else cell
