"""Scores as people write them, and a row of cells as an answer (I1, I2)."""

import re
from datetime import datetime, tzinfo

from domain.answers import Answer, Scale
from domain.contacts import fold_email, fold_phone
from domain.text import _, clean, fold, line
from gateways.layout import Layout, Refused
from gateways.times import read_serial, read_time

CELL_LIMIT = 100_000
"""Characters of one cell; a row with a longer one is refused."""
NAME_LIMIT = 200
"""Characters of a name, an id, a heading; a longer one is refused, not cut: it is in the wrong column."""

_SCORE = re.compile(r"\+?(\d{1,3})(?:[.,]0{1,6})?")
# What a spreadsheet puts behind a date that has its hour in another column.
_DAY_ONLY = re.compile(r"(?<![ T])[ T]+00:00(?::00(?:[.,]0+)?)?$")


def tidy(text: str) -> str:
    """`text` safe and without blanks around it, its line breaks kept (R7)."""
    return text.strip() if text.isprintable() else clean(text).strip()


def flat(text: str) -> str:
    """`text` safe and on one line (R7)."""
    return text.strip() if text.isprintable() and "  " not in text else line(text)


def read_score(text: str) -> int | None:
    """4, +4, 4,0 or 4.0; None if it is not a whole number."""
    found = _SCORE.fullmatch(text)
    return int(found[1]) if found else None


class Maker:
    """Makes answers of rows; what it refuses is said in words."""

    def __init__(
        self, layout: Layout, *, scale: Scale, zone: tzinfo, survey: str, region: str, undated: datetime | None = None
    ) -> None:
        """`undated`: the time of the answers of a file without times; None if it has them."""
        self.scale, self.zone, self.region, self.undated = scale, zone, region, undated
        self.order = layout.date_order
        self.headings = layout.columns
        self.survey = fold(flat(survey))
        self._named: dict[str, bool] = {}

    def __call__(
        self, at: int, cells: dict[str, str], attributes: list[tuple[str, str]], questions: list[tuple[str, str]]
    ) -> Answer | Refused:
        """The answer of the row that begins at line `at`.

        `cells` is by field name, the rest by heading, all raw. An address or a number that cannot be one is not an
        answer's fault: it stays among the attributes, where a person can read and mend it.
        """
        for name, value in (*cells.items(), *attributes, *questions):
            if len(value) > CELL_LIMIT:
                return Refused(
                    at,
                    _("“{column}” holds {count} characters; {limit} is the most.").format(
                        column=line(name, 40), count=len(value), limit=CELL_LIMIT
                    ),
                )
        get = cells.get
        score = self._score(tidy(get("score", "")))
        if isinstance(score, str):
            return Refused(at, score)
        if self.undated is not None:
            when: datetime | None = self.undated
        else:
            day, hour = get("answered_at", ""), get("time", "")
            written = flat(f"{_DAY_ONLY.sub('', day)} {hour}") if hour else flat(day)
            when = read_time(written, self.order, self.zone) or read_serial(written, self.zone)
            if when is None:
                return Refused(at, self._no_date(written))
        texts = [flat(get(field, "")) for field in ("external_id", "name", "customer_id")]
        for text in texts:
            if len(text) > NAME_LIMIT:
                return Refused(at, _("“{text}” is too long for a name or an id.").format(text=line(text, 40)))
        kept = [(name, value) for name, raw in attributes if (value := flat(raw))]
        email, phone = get("email", ""), get("phone", "")
        folded_email = fold_email(email) if email else ""
        folded_phone = fold_phone(phone, self.region) if phone else ""
        if not folded_email and (odd := flat(email)):
            kept.append((self.headings["email"], odd))
        if not folded_phone and (odd := flat(phone)):
            kept.append((self.headings["phone"], odd))
        if (survey := flat(get("survey", ""))) and not self._is_ours(survey):
            kept.append((self.headings["survey"], survey))
        return Answer(
            external_id=texts[0],
            score=score,
            comment=tidy(get("comment", "")),
            answered_at=when,
            name=texts[1],
            email=folded_email,
            phone=folded_phone,
            customer_id=texts[2],
            attributes=tuple(kept),
            questions=tuple([(asked, said) for asked, raw in questions if (said := tidy(raw))]),
            dated=self.undated is None,
            line=at,
        )

    def _is_ours(self, survey: str) -> bool:
        """Whether a row names the survey that the file is brought in for, but for case and accents."""
        if survey not in self._named:
            if len(self._named) > 1000:
                self._named.clear()
            self._named[survey] = fold(survey) == self.survey
        return self._named[survey]

    def _score(self, text: str) -> int | str:
        """The score, or why there is none."""
        if not text:
            return _("There is no score.")
        score = read_score(text)
        if score is None:
            return _("The score “{value}” is not a whole number.").format(value=line(text, 40))
        if score not in self.scale:
            return _("The score “{value}” is not on the scale from {low} to {high}.").format(
                value=line(text, 40), low=self.scale.low, high=self.scale.high
            )
        return score

    def _no_date(self, text: str) -> str:
        if not text:
            return _("There is no date.")
        order = {"dmy": _("day/month/year"), "mdy": _("month/day/year"), "ymd": _("year-month-day")}[self.order]
        return _("“{value}” is not a date ({order}).").format(value=line(text, 40), order=order)
