"""Conditions on attributes: any of a set of values, comparisons of numbers, filled or empty (A2)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from domain.rules import Condition
from domain.text import fold

_KEPT_VALUES = 1_000


class AttributeTest:
    """A condition on an attribute, made ready; it remembers what it said of values, as most come again and again."""

    __slots__ = ("_said", "attribute", "condition", "number", "values")

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.attribute = flat(condition.attribute)
        self.values = {folded: value for value in condition.values if (folded := flat(value))}
        self.number = number_of(condition.values[0]) if len(condition.values) == 1 else None
        self._said: dict[str, list[Any] | None] = {}

    def held(self, attributes: Mapping[str, list[str]]) -> list[Any] | None:
        """Attribute, op, the rule's values and which of them, or which number, it was; None if it does not hold.

        An attribute that an answer lacks, or has empty, is in no set of values and is no number. Not to be changed.
        """
        given = attributes.get(self.attribute, [])
        if len(given) != 1:
            return self._asked(given)
        said = self._said
        if given[0] not in said:
            if len(said) >= _KEPT_VALUES:
                self._said = said = {}
            said[given[0]] = self._asked(given)
        return said[given[0]]

    def _asked(self, given: list[str]) -> list[Any] | None:
        op = self.condition.op
        if op == "in":
            value = next((self.values[f] for v in given if (f := flat(v)) in self.values), None)
        elif op == "not in":
            value = "" if all(flat(v) not in self.values for v in given) else None
        elif op in ("filled", "empty"):
            value = "" if any(map(str.strip, given)) == (op == "filled") else None
        else:
            value = next((v.strip() for v in given if self._compares(number_of(v))), None)
        return None if value is None else [self.condition.attribute, op, list(self.condition.values), value]

    def _compares(self, given: float | None) -> bool:
        if given is None or self.number is None:
            return False
        op = self.condition.op
        if op == ">":
            return given > self.number
        if op == ">=":
            return given >= self.number
        return given < self.number if op == "<" else given <= self.number


def held(group: tuple[AttributeTest, ...], attributes: Mapping[str, list[str]]) -> list[list[Any]] | None:
    """What held, if all conditions of a group do."""
    found = []
    for test in group:
        why = test.held(attributes)
        if why is None:
            return None
        found.append(why)
    return found


def flat(text: str) -> str:
    """A value as it is compared: without case, accents, and space at its ends or more than one blank within."""
    if text.isascii():
        text = text.lower()
        return " ".join(text.split()) if " " in text or not text.isprintable() else text
    return " ".join(fold(text).split())


_PLAIN = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)
        (?: (?P<whole>[0-9]{1,3}(?:(?P<mark>[.,'\x20])[0-9]{3})(?:(?P=mark)[0-9]{3})*)  # 1.234  1 234 567
          | (?P<digits>[0-9]*) )
        (?:(?P<point>[.,])(?P<decimals>[0-9]+))?""",
    re.VERBOSE,
)
_ODD = str.maketrans({"\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " ",
                      "\N{RIGHT SINGLE QUOTATION MARK}": "'"})  # fmt: skip


@lru_cache(maxsize=10_000)
def number_of(text: str) -> float | None:
    """The number that a text is, and nothing else: “7”, “-1.234,5”, “1,234.50”, “12,5”; None for “12 dias” and “R$ 5”.

    One mark before exactly three digits is one of thousands (“1.234” is 1234), unless what stands before it is 0.
    """
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return float(text)
    if not text or len(text) > 40:
        return None
    found = _NUMBER.fullmatch(text.translate(_ODD))
    if not found:
        return None
    whole, mark, digits = found["whole"], found["mark"], found["digits"] or ""
    decimals = found["decimals"] or ""
    if whole and (whole[0] == "0" or found["point"] == mark):
        # “0.123”, and “1.234.5”, which is no number of any language.
        if found["point"] or mark in (" ", "'") or whole.count(mark) > 1:
            return None
        return float(found["sign"] + whole.replace(mark, "."))
    whole = re.sub("[^0-9]", "", whole) if whole else digits
    if not whole and not decimals:
        return None
    return float(f"{found['sign']}{whole or '0'}.{decimals or '0'}")
