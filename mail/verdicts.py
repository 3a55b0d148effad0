"""What the server that took a mail found out about its sender (Authentication-Results, RFC 8601).

Anybody can write such a header. Only those that name the host which the account trusts count, since that host takes
strangers' headers of its own name out.
"""

import re
from collections.abc import Iterable

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,500}"')
_RESULT = re.compile(r"\s*([a-z0-9-]+)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_DEPTH = 5


def verdicts(headers: Iterable[str], host: str, method: str = "dmarc") -> tuple[str, ...]:
    """The results of a method (pass, fail, none…) in the headers of a host, lower case; empty where it said nothing."""
    found: list[str] = []
    for header in headers:
        text = _QUOTED.sub("", header)
        for __ in range(_DEPTH):  # comments may stand in comments
            text = _COMMENT.sub(" ", text)
        who, *results = text.split(";")
        if host and (who.split() or [""])[0].casefold() == host.strip().casefold():
            said = (_RESULT.match(result) for result in results)
            found += [one[2].casefold() for one in said if one and one[1].casefold() == method]
    return tuple(found)
