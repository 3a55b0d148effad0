"""A parsed mail as plain data: what `mail explain --json` prints, one object a file."""

from typing import Any

from domain.text import line
from mail.addresses import Address
from mail.parse import parse


def _person(someone: Address) -> dict[str, str]:
    return {"name": someone.name, "address": someone.address}


def explain(path: str, raw: bytes) -> dict[str, Any]:
    """The mail in `raw`, read from `path`, in the shape that scripts rely on; never raises."""
    mail = parse(raw)
    return {
        "file": line(path),
        "subject": mail.subject,
        "from": _person(mail.sender),
        "to": [_person(a) for a in mail.to],
        "cc": [_person(a) for a in mail.cc],
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "original_message_id": mail.original_message_id,
        "kind": mail.kind,
        "reason": mail.reason,
        "bounce": [{"address": b.address, "status": b.status, "permanent": b.permanent} for b in mail.bounces]
        if mail.kind == "bounce"
        else None,
        "text": mail.text,
        "new_text": mail.new_text,
        "folded": list(mail.folded),
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in mail.attachments],
        "error": mail.error,
    }
