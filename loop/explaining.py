"""`mail explain`: what the reader of mail makes of a file, for people and for measuring (M10)."""

from pathlib import Path
from typing import Any


def explain(path: str) -> dict[str, Any]:
    """What is in the mail of that file; `error` says what could not be read. Never raises for a bad file or mail."""
    from mail.explain import explain as explain_mail

    try:
        raw = Path(path).read_bytes()
    except OSError as e:
        return explain_mail(path, b"") | {"error": e.strerror or str(e)}
    return explain_mail(path, raw)
