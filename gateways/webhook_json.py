"""JSON from strangers: nothing twice, nothing endless, no number that is none."""

import json
import math
from typing import Any

from domain.text import _


class BadJson(Exception):
    """The text is not JSON that can be meant; says why in one sentence."""


def read(body: bytes) -> Any:
    """What `body` says; BadJson for what is not UTF-8, not JSON, names a key twice, or holds NaN or an endless number."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise BadJson(_("The body is not UTF-8.")) from None
    except RecursionError:
        raise BadJson(_("The body is nested too deeply.")) from None
    except ValueError:
        raise BadJson(_("The body is not JSON.")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(_("The body names a key twice."))
    return found


def _no_number(_name: str) -> None:
    raise BadJson(_("The body holds a number that is none."))


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadJson(_("The body holds a number without end."))
    return value
