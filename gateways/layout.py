"""How an answer file is laid out, and what is said of what could not be read (I8)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from domain.text import _, fold, line

Role = Literal["field", "attribute", "question", "out"]
"""What a column is taken for: one of `FIELDS`, something about the answer, something that was asked, or nothing."""

FIELDS = (
    "external_id",
    "score",
    "comment",
    "answered_at",
    "time",
    "name",
    "email",
    "phone",
    "customer_id",
    "survey",
)
"""What a column can be. `time` is the hour where the date stands in a column of its own."""
REASONS = frozenset({"retorno: reason", "retorno: motivo"})
"""Headings of the column that says why a row was refused, in a file of refused rows: nothing that a customer said."""


def is_reason(heading: str) -> bool:
    """Whether this is our own column of reasons, which an import passes over (I8)."""
    return fold(heading).strip() in REASONS


def is_question(heading: str) -> bool:
    """Whether the heading is what the customer was asked, so that its cells are answers and not attributes."""
    return heading.endswith(("?", "？"))


class FileTrouble(Exception):
    """The file as a whole cannot be read; its text is one sentence for the person who named it."""


@dataclass(frozen=True)
class Refused:
    """A row that was not taken, and why."""

    line: int
    """Where it begins in the file, from 1; in a JSON array, its place there."""
    reason: str
    source: str = field(default="", compare=False)
    """The row as it stands in the file, of what could not even be parted into cells; '' of others, or if too long."""


@dataclass(frozen=True)
class Layout:
    """How to read a file: guessed, shown, corrected by hand, remembered per survey."""

    format: Literal["csv", "jsonl", "json"]
    """jsonl: one object a line; json: one array of objects, or objects over several lines."""
    encoding: str = "utf-8"
    delimiter: str = ";"
    """One character; of no meaning in JSON."""
    date_order: Literal["dmy", "mdy", "ymd"] = "dmy"
    """How 01/02/2026 is meant. A date that begins with the year is always read as one."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """One of `FIELDS` to the heading of its column, or in JSON to its key (`contact.email`). Other columns are
    attributes under their heading, or questions where the heading is one."""
    decimal_comma: bool = False
    """Whether numbers are written 4,0; scores are read either way."""
    out: tuple[str, ...] = ()
    """Headings of columns that are not brought in."""
    attributes: tuple[str, ...] = ()
    """Headings of attributes, though they look like questions."""
    questions: tuple[str, ...] = ()
    """Headings of questions, though they do not look like ones."""

    def role(self, heading: str) -> tuple[Role, str]:
        """What a column is taken for, and which of `FIELDS` it is where it is one."""
        for name, mapped in self.columns.items():
            if mapped == heading:
                return "field", name
        if heading in self.out or is_reason(heading):
            return "out", ""
        if heading in self.questions or (is_question(heading) and heading not in self.attributes):
            return "question", ""
        return "attribute", ""

    def taking(self, heading: str, role: Role, field: str = "") -> "Layout":
        """This layout with one column taken for something else; what was that field before is no longer it.

        FileTrouble for a field that is none of `FIELDS`.
        """
        columns = {name: mapped for name, mapped in self.columns.items() if mapped != heading}
        if role == "field":
            columns[field] = heading

        def but(names: tuple[str, ...], here: bool) -> tuple[str, ...]:
            return (*(name for name in names if name != heading), *([heading] if here else []))

        made = replace(
            self,
            columns=columns,
            out=but(self.out, role == "out"),
            attributes=but(self.attributes, role == "attribute" and is_question(heading)),
            questions=but(self.questions, role == "question" and not is_question(heading)),
        )
        made.check()
        return made

    def to_dict(self) -> dict[str, Any]:
        """As plain values that JSON can carry."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return {**asdict(self), "columns": dict(self.columns), **lists}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Layout":
        """The layout that `to_dict` gave; FileTrouble if it is not one."""
        try:
            columns = {str(k): str(v) for k, v in dict(values.get("columns", {})).items()}
            lists = {name: tuple(map(str, values.get(name, ()))) for name in _LISTS}
            made = cls(**{**values, "columns": columns, **lists})
        except (TypeError, ValueError) as error:
            raise FileTrouble(_("This is not a file layout: {error}.").format(error=line(str(error), 120))) from None
        made.check()
        return made

    def check(self) -> None:
        """FileTrouble if this layout could read nothing."""
        if self.format not in ("csv", "jsonl", "json"):
            raise FileTrouble(
                _("A file is read as csv, jsonl or json, not as “{format}”.").format(format=_cut(self.format))
            )
        if self.date_order not in ("dmy", "mdy", "ymd"):
            raise FileTrouble(
                _("The order of dates is dmy, mdy or ymd, not “{order}”.").format(order=_cut(self.date_order))
            )
        if not isinstance(self.delimiter, str) or len(self.delimiter) != 1 or self.delimiter in '\r\n" ':
            raise FileTrouble(
                _("Columns are parted by one character such as ; , or tab, not by “{delimiter}”.").format(
                    delimiter=_cut(self.delimiter)
                )
            )
        for name in self.columns:
            if name not in FIELDS:
                raise FileTrouble(
                    _("A column can be {fields}, not “{name}”.").format(fields=", ".join(FIELDS), name=_cut(name))
                )


_LISTS = ("out", "attributes", "questions")


def _cut(value: object) -> str:
    return line(str(value), 40)
