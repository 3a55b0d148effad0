"""What the server that took a mail found out about its sender (Authentication-Results, RFC 8601).

Anybody can write such a header. Only those that name the host which the account trusts count, since that host takes
strangers' headers of its own name out.
"""

import re
from collections.abc import Iterable

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,500}"')
_HOST = re.compile(r'\s*([^\s;()"]*)')
_RESULT = re.compile(r"\s*+(?<![a-z0-9-])([a-z0-9-]++)\s*+(?:/\s*+\d++\s*+)?=\s*+([a-z]+)", re.IGNORECASE)
_DEPTH = 5


def verdicts(headers: Iterable[str], host: str, method: str = "dmarc") -> tuple[str, ...]:
    """The results of a method (pass, fail, none…) in the headers of a host, lower case; empty where it said nothing.

    In a header that cannot be read well a failure that is written anywhere counts: part of it is the sender's.
    """
    found: list[str] = []
    for header in headers:
        text = _QUOTED.sub("", header)
        for __ in range(_DEPTH):  # comments may stand in comments
            text = _COMMENT.sub(" ", text)
        if not host or _HOST.match(header)[1].casefold() != host.strip().casefold():  # type: ignore[index]
            continue
        read = [one for result in text.split(";")[1:] if (one := _RESULT.match(result))]
        said = [one[2].casefold() for one in read if one[1].casefold() == method]
        found += said or [one[2].casefold() for one in _RESULT.finditer(header) if _fails(one, method)]
    return tuple(found)


def _fails(result: re.Match[str], method: str) -> bool:
    return result[1].casefold() == method and result[2].casefold() == "fail"
