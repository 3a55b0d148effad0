"""How an answer file is laid out, and what is said of what could not be read (I8)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from domain.text import _, line

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


class FileTrouble(Exception):
    """The file as a whole cannot be read; its text is one sentence for the person who named it."""


@dataclass(frozen=True)
class Refused:
    """A row that was not taken, and why."""

    line: int
    """Where it begins in the file, from 1."""
    reason: str


@dataclass(frozen=True)
class Layout:
    """How to read a file: guessed, shown, corrected by hand, remembered per survey."""

    format: Literal["csv", "jsonl"]
    encoding: str = "utf-8"
    delimiter: str = ";"
    """One character; of no meaning in JSONL."""
    date_order: Literal["dmy", "mdy", "ymd"] = "dmy"
    """How 01/02/2026 is meant. A date that begins with the year is always read as one."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """One of `FIELDS` to the heading of its column, or in JSONL to its key (`contact.email`). Other columns are
    attributes under their heading, or questions where the heading is one."""
    decimal_comma: bool = False
    """Whether numbers are written 4,0; scores are read either way."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values that JSON can carry."""
        return {**asdict(self), "columns": dict(self.columns)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Layout":
        """The layout that `to_dict` gave; FileTrouble if it is not one."""
        try:
            made = cls(**{**values, "columns": {str(k): str(v) for k, v in dict(values.get("columns", {})).items()}})
        except (TypeError, ValueError) as error:
            raise FileTrouble(_("This is not a file layout: {error}.").format(error=line(str(error), 120))) from None
        made.check()
        return made

    def check(self) -> None:
        """FileTrouble if this layout could read nothing."""
        if self.format not in ("csv", "jsonl"):
            raise FileTrouble(_("A file is read as csv or jsonl, not as “{format}”.").format(format=_cut(self.format)))
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


def _cut(value: object) -> str:
    return line(str(value), 40)
