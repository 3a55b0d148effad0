"""What a report about a mail says, and how addresses and codes look in one."""

import re
from dataclasses import dataclass

MAX_RECIPIENTS = 50
MAX_TEXT = 60_000


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One address that could not be reached."""

    address: str
    status: str
    """RFC 3463, as in 5.1.1; '' when unknown."""
    permanent: bool
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a report about a mail says."""

    kind: str
    """'bounce', 'delayed', 'delivered' or 'complaint'."""
    reason: str
    recipients: tuple[BouncedRecipient, ...] = ()
    original_message_id: str = ""


STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<![\d.-])([45]\d\d)(?=[ -])")
ADDRESS = re.compile(
    r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}|\"[^\"\s@]{1,80}\")@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){0,6}[A-Za-z0-9-]{1,62}"
)
RETURNED = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
    "text/rfc822",
    "message/partial",
)
REPORTS = ("message/delivery-status", "message/global-delivery-status")
