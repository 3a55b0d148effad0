"""What free words are looked for in, kept up to date when a ticket or its customer is edited (Q5)."""

from collections.abc import Iterable
from typing import Any

from domain.text import fold
from storage.tables import SearchText

LONGEST = 20_000
"""Characters that are kept of one ticket."""


def words_of(subject: str, comment: str, description: str, name: str, email: str) -> str:
    """The words of one ticket, folded; a description that only repeats the comment stands once."""
    said = comment if description == comment else f"{comment} {description}"
    return fold(f"{subject} {said} {name} {email}")[:LONGEST]


def reword(work: Any, numbers: Iterable[int]) -> None:
    """Write the words of some tickets anew, as their rows now are."""
    wanted = [int(n) for n in numbers]
    for start in range(0, len(wanted), 500):
        inside = ", ".join(map(str, wanted[start : start + 500]))
        for number, *parts in work.rows(
            f"""SELECT t.number, t.subject, COALESCE(a.comment, ''), t.description, COALESCE(c.name, ''), COALESCE(c.email, '')
                FROM tickets t LEFT JOIN answers a ON a.id = t.answer_id LEFT JOIN contacts c ON c.id = t.contact_id
                WHERE t.number IN ({inside}) ORDER BY t.number"""
        ):
            work.put(SearchText(ticket=number, words=words_of(*parts)))
