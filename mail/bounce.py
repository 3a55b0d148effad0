"""Delivery failures: who could not be reached, for good or for now, and which mail of ours it was (M11).

The machine-readable report comes first (RFC 3464), then X-Failed-Recipients, then the text that
servers write for people. A delay is no bounce; an abuse report (RFC 5965) is a complaint.
"""

import re
from dataclasses import replace

from domain.text import clean, line
from mail.addresses import Address
from mail.bounce_words import by_header, by_text, from_machine
from mail.charsets import decode
from mail.headers import Headers, ids, split_block
from mail.mime import Limits, Part, read
from mail.report import (
    ADDRESS,
    MAX_RECIPIENTS,
    MAX_TEXT,
    REPLY_CODE,
    REPORTS,
    RETURNED,
    STATUS,
    BouncedRecipient,
    Report,
)

__all__ = ["BouncedRecipient", "Report", "report"]


def report(headers: Headers, parts: list[Part], sender: Address, subject: str, text: str) -> Report | None:
    """The report that this mail is, or None when it is none."""
    kinds = {p.type for p in parts}
    if "message/feedback-report" in kinds:
        return _complaint(parts)
    if "message/disposition-notification" in kinds and not kinds & set(REPORTS):
        return None
    for part in parts:
        if part.type in REPORTS:
            found = _machine(part.content(MAX_TEXT), "message/delivery-status")
            if found is not None:
                return _with_original(found, headers, parts, text)
    # A report whose type was lost on the way still has its fields.
    if (
        re.search(r"^(?:Final|Original)-Recipient:", text[:MAX_TEXT], re.I | re.M)
        and re.search(r"^Action:", text[:MAX_TEXT], re.I | re.M)
        and from_machine(headers, sender)
    ):
        found = _machine(text[:MAX_TEXT].encode("utf-8", "replace"), "delivery report in the text")
        if found is not None:
            return _with_original(found, headers, parts, text)
    found = by_header(headers, text) or _notification(text) or by_text(headers, parts, sender, subject, text)
    if (found is None or not found.recipients) and from_machine(headers, sender):
        found = _nested(parts) or found
    return None if found is None else _with_original(found, headers, parts, text)


# Machine-readable ---------------------------------------------------------------------------------


def _machine(data: bytes, where: str) -> Report | None:
    blocks = re.split(rb"\r?\n(?:(?:--)?[ \t]*\r?\n)+", data.strip())
    found: dict[str, BouncedRecipient] = {}
    actions: set[str] = set()
    for block in blocks[: MAX_RECIPIENTS * 2]:
        fields, _ = split_block(block.lstrip())
        action = re.split(r"[\s(;]", fields.raw("action").lower() + " ")[0]
        address = _failed_address(fields)
        if not address and not action:
            continue
        diagnostic = line(decode(b" ".join(fields.by_name.get("diagnostic-code", []))), 500)
        told = STATUS.search(fields.raw("status"))
        status = told[1] if told else ""
        exact = STATUS.search(diagnostic)
        if exact and (not status or status.endswith(".0.0")):
            status = exact[1]
        actions.add(action or "failed")
        if action in ("delivered", "relayed", "expanded"):
            continue
        if address and address.lower() not in found and len(found) < MAX_RECIPIENTS:
            permanent = action != "delayed" and _permanent(status, diagnostic)
            found[address.lower()] = BouncedRecipient(address, status, permanent, diagnostic)
    if "failed" in actions or (found and "delayed" not in actions):
        return Report("bounce", where, tuple(found.values()))
    if "delayed" in actions:
        return Report("delayed", f"{where}, Action: delayed", tuple(found.values()))
    return Report("delivered", f"{where}, Action: {min(actions)}") if actions else None


def _failed_address(fields: Headers) -> str:
    """The final recipient, unless that is no address of the outside world; then the original one."""
    final, original = _recipient(fields.raw("final-recipient")), _recipient(fields.raw("original-recipient"))
    if "@" in final and "." in final.rsplit("@", 1)[1]:
        return final
    return next(
        (a for a in (original, final, _recipient(fields.raw("x-actual-recipient"))) if "@" in a), final or original
    )


def _recipient(value: str) -> str:
    text = value.split(";", 1)[-1].strip() if ";" in value else value.strip()
    if text.startswith("@") and ":" in text:
        text = text.rsplit(":", 1)[1]  # a source route
    match = ADDRESS.search(text)
    return match[0] if match else clean(re.sub(r"[\s<>\"]+", "", text))[:320]


def _permanent(status: str, diagnostic: str) -> bool:
    if status:
        return status[0] == "5"
    reply = REPLY_CODE.search(diagnostic)
    return reply is None or reply[1][0] == "5"


def _complaint(parts: list[Part]) -> Report:
    who = ""
    for part in parts:
        if part.type == "message/feedback-report":
            fields, _ = split_block(part.content(MAX_TEXT).lstrip())
            who = _recipient(fields.raw("original-rcpt-to"))
    recipients = (BouncedRecipient(who, "", False, ""),) if who else ()
    return Report("complaint", "message/feedback-report", recipients, _original_from_parts(parts))


def _nested(parts: list[Part]) -> Report | None:
    """The machine-readable report inside a report that was wrapped once more on its way."""
    for part in parts[:20]:
        if part.type == "message/rfc822":
            inner = read(part.content(MAX_TEXT * 4).lstrip(), Limits(parts=20))
            for child in inner.children:
                if child.type in REPORTS and (
                    found := _machine(child.content(MAX_TEXT), "message/delivery-status, wrapped")
                ):
                    return found
    return None


_SES = re.compile(r"notificationType\W{1,12}(Bounce|Complaint)\b")
_SES_ADDRESS = re.compile(r'emailAddress\W{1,12}([^"\\\s]{3,320})')
_SES_STATUS = re.compile(r"status\W{1,12}([245]\.\d{1,3}\.\d{1,3})")
_SES_ID = re.compile(r"messageId\W{1,12}([\w.@-]{5,200})")


def _notification(text: str) -> Report | None:
    """Amazon SES tells of bounces in JSON, through SNS by mail."""
    kind = _SES.search(text[:MAX_TEXT])
    if kind is None or not text.lstrip().startswith("{"):
        return None
    permanent = bool(re.search(r"bounceType\W{1,12}Permanent", text))
    status = _SES_STATUS.search(text)
    people = list(dict.fromkeys(_SES_ADDRESS.findall(text[:MAX_TEXT])))[:MAX_RECIPIENTS]
    original = _SES_ID.search(text)
    return Report(
        "bounce" if kind[1] == "Bounce" else "complaint",
        "Amazon SES notification",
        tuple(
            BouncedRecipient(clean(a), status[1] if status else "", permanent, "")
            for a in people
            if ADDRESS.fullmatch(a)
        ),
        clean(original[1]) if original else "",
    )


# The original mail --------------------------------------------------------------------------------

_ID_LINE = re.compile(
    r"^[ \t>|:*]{0,12}(?:\[?(?:original-)?message-id\]?)[*\s]{0,3}:[\s*]{0,200}<?([^<>\s\"]{3,500}@?[^<>\s\"]{0,300})>?",
    re.I | re.M,
)


def _with_original(found: Report, headers: Headers, parts: list[Part], text: str) -> Report:
    original = _original_from_parts(parts) or found.original_message_id
    for part in parts:
        if not original and part.type in REPORTS:
            fields, _ = split_block(part.content(MAX_TEXT).lstrip())
            original = next(iter(ids(fields.raw("original-message-id") or fields.raw("x-original-message-id"))), "")
    if not original:
        bodies = [text] + [
            clean(decode(p.content(MAX_TEXT))) for p in parts[:20] if not p.children and p.type not in ("text/html",)
        ]
        for body in bodies:
            matches = [m[1] for m in _ID_LINE.finditer(body[:MAX_TEXT])]
            if matches:
                original = matches[0]
                break
    if not original:
        for name in ("x-original-message-id", "in-reply-to", "references"):
            if original := next(iter(ids(headers.raw(name), 1)), ""):
                break
    recipients = found.recipients
    if recipients and not any("@" in r.address for r in recipients):
        # A mailbox's path or a local name: whom the returned mail was for says more.
        recipients = (
            tuple(replace(r, address=p.address) for p in _returned_recipients(parts) for r in recipients[:1])
            or recipients
        )
    if not recipients and found.kind == "bounce":
        recipients = _returned_recipients(parts)
    return Report(found.kind, found.reason, recipients, clean(original).strip())


def _original_from_parts(parts: list[Part], wrapped: bool = True) -> str:
    for part in parts:
        if part.type in RETURNED or "rfc822" in part.type:
            content = part.content(MAX_TEXT).lstrip(b"\r\n \t")
            fields, _ = split_block(content)
            if wrapped and fields.raw("content-type").lower().startswith("multipart/report"):
                # A report on a report: what we sent is inside the inner one.
                inner = read(content, Limits(parts=20))
                if found := _original_from_parts(inner.children, wrapped=False):
                    return found
            for name in ("message-id", "x-original-message-id", "x-message-id"):
                if name in fields and (found := ids(fields.raw(name), 1)):
                    return found[0]
    for part in parts[1:] if wrapped else ():
        # The returned mail was put in as a part, its headers among those of the part.
        if "from" in part.headers and (found := ids(part.headers.raw("message-id"), 1)):
            return found[0]
    return ""


def _returned_recipients(parts: list[Part]) -> tuple[BouncedRecipient, ...]:
    """Whom the returned mail was for, when the report names nobody and the mail had one recipient."""
    for part in parts:
        if part.type in RETURNED:
            fields, _ = split_block(part.content(MAX_TEXT).lstrip(b"\r\n \t"))
            people = ADDRESS.findall(fields.raw("x-original-to") or fields.raw("to"))
            if len(people) == 1:
                return (BouncedRecipient(people[0], "", True, ""),)
    return ()
