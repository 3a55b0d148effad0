"""What a survey answer is, what its score means, and what its ticket is called (I1, I2, I6)."""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.text import _, line

SUBJECT_CELLS = 80
_PLAIN = re.compile("[ -~\xa1-\xac\xae-\u02ff]*")
"""Characters of one cell each, as most comments have only; asking for each takes as long as all else that a subject needs."""


class ScoreClass(StrEnum):
    """What a score says of its customer (I2); a list's *health*."""

    DETRACTOR = "detractor"
    NEUTRAL = "neutral"
    PROMOTER = "promoter"


@dataclass(frozen=True)
class Scale:
    """Which scores a survey takes and where its classes end (I2). ValueError if the limits make no sense."""

    kind: Literal["nps", "csat"]
    low: int
    """The lowest score that can be given."""
    high: int
    """The highest."""
    detractor_max: int
    """The highest score that is still a detractor's."""
    promoter_min: int
    """The lowest score that is a promoter's; what lies between is neutral and may be nothing."""

    def __post_init__(self) -> None:
        if self.kind not in ("nps", "csat"):
            raise ValueError(_("A survey is NPS or CSAT, not “{kind}”.").format(kind=line(str(self.kind), 40)))
        limits = (self.low, self.high, self.detractor_max, self.promoter_min)
        if any(type(limit) is not int or not 0 <= limit <= 100 for limit in limits):
            raise ValueError(_("The limits of a scale are whole numbers from 0 to 100."))
        if not self.low <= self.detractor_max < self.promoter_min <= self.high:
            raise ValueError(
                _(
                    "On a scale from {low} to {high}, detractors must end below where promoters begin and both must "
                    "lie on it; they end at {detractor_max} and begin at {promoter_min}."
                ).format(low=self.low, high=self.high, detractor_max=self.detractor_max, promoter_min=self.promoter_min)
            )

    def __contains__(self, score: int) -> bool:
        return self.low <= score <= self.high

    def classify(self, score: int) -> ScoreClass:
        """The class of `score`; ValueError if it is off the scale."""
        if score not in self:
            raise ValueError(
                _("{score} is not on the scale from {low} to {high}.").format(score=score, low=self.low, high=self.high)
            )
        if score <= self.detractor_max:
            return ScoreClass.DETRACTOR
        return ScoreClass.PROMOTER if score >= self.promoter_min else ScoreClass.NEUTRAL


NPS = Scale("nps", low=0, high=10, detractor_max=6, promoter_min=9)
CSAT = Scale("csat", low=1, high=5, detractor_max=2, promoter_min=4)


@dataclass(frozen=True, slots=True)
class Answer:
    """One survey answer as read from outside, every text cleaned (I1, R7)."""

    external_id: str
    """The id that the source gave; '' if it gave none: then `content_hash` is the id."""
    score: int
    """On the survey's scale; whoever reads answers refuses the others."""
    comment: str
    """What the customer wrote, with its line breaks; may be ''."""
    answered_at: datetime
    """Aware, in UTC."""
    name: str = ""
    email: str = ""
    """As `contacts.fold_email` leaves it; '' if none is known."""
    phone: str = ""
    """E.164, or ''."""
    customer_id: str = ""
    """The customer's id in the shop's own books, or ''."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Store, seller, product, region...: (name, value), in the order of the source."""
    questions: tuple[tuple[str, str], ...] = ()
    """(question, answer), in the order asked."""
    dated: bool = True
    """False if the source gives no times: `answered_at` is then that of the file, and no part of the content."""
    line: int = field(default=0, compare=False)
    """Where it stands in its file, from 1; 0 for an answer that came otherwise. No part of the content."""


def content_hash(answer: Answer) -> str:
    """SHA-256 in hex over what `answer` says, its id aside.

    The id of an answer without one, and how "differs" is told (I1). The order of attributes does not count.
    """
    content = (
        answer.score,
        unicodedata.normalize("NFC", answer.comment),
        answer.answered_at.isoformat() if answer.dated else "",
        answer.name,
        answer.email,
        answer.phone,
        answer.customer_id,
        sorted(answer.attributes),
        answer.questions,
    )
    return hashlib.sha256(_encode(content).encode("utf-8", "replace")).hexdigest()


_encode = json.JSONEncoder(ensure_ascii=False).encode
"""Made once: `json.dumps` makes one each time."""


def subject_for(comment: str, survey: str, score: int) -> str:
    """What a ticket is called at birth: the start of the comment, else survey and score (I6).

    One line of at most 80 cells, cut between words where it can be.
    """
    start = line(comment[: SUBJECT_CELLS * 20])
    if any(c.isalnum() for c in start) or _has_symbol(start):
        return _fit(start, SUBJECT_CELLS)
    return _fit(line(survey, SUBJECT_CELLS), SUBJECT_CELLS - 6) + f" · {score}"


def _has_symbol(text: str) -> bool:
    """A comment of nothing but an emoji says something; one of dots and dashes says nothing."""
    return any(unicodedata.category(c) == "So" for c in text)


def _cells(char: str) -> int:
    """Terminal cells of one character, at most: U+FE0F can make the one before it wide."""
    if char == "\ufe0f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fit(text: str, cells: int) -> str:
    if len(text) * 2 <= cells:
        return text
    if _PLAIN.fullmatch(text, 0, cells + 1):
        if len(text) <= cells:
            return text
        end = cells - 2
    else:
        width = end = 0
        for end, char in enumerate(text):  # noqa: B007
            width += _cells(char)
            if width > cells:
                break
        else:
            return text
        while width > cells - 1 and end:  # room for the ellipsis
            width -= _cells(text[end])
            end -= 1
    kept = text[: end + 1]
    space = kept.rfind(" ")
    if text[end + 1] != " " and space > len(kept) // 2:
        kept = kept[:space]
    else:
        while kept and (_cells(text[len(kept)]) == 0 or text[len(kept)] == "\ufe0f" or kept[-1] == "\u200d"):
            kept = kept[:-1]  # never between a letter and its accent, nor inside an emoji
    return kept.rstrip(" ,;:-–—") + "…"
