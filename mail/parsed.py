"""What is known of a mail once it is read: frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mail.addresses import Address
from mail.report import BouncedRecipient

Kind = Literal["message", "automatic", "bounce"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is kept as a file."""

    name: str
    """Safe to show and to save; distinct within its mail."""
    type: str
    content: bytes = field(repr=False)
    inline: bool = False
    content_id: str = ""
    """Without brackets; '' when none."""
    label: str = ""
    """'' or 'signed' or 'encrypted'; the bytes are as they came."""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as people and the program read it; every string is clean (R7)."""

    subject: str = ""
    sender: Address = Address("", "")  # noqa: RUF009 - frozen
    reply_to: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    """In UTC; None when missing or unreadable."""
    message_id: str = ""
    """Without brackets; '' when none."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """Oldest first; at most the 20 newest."""
    kind: Kind = "message"
    reason: str = ""
    """The header or rule that decided the kind."""
    bounces: tuple[BouncedRecipient, ...] = ()
    original_message_id: str = ""
    """Of a bounce, delay or complaint: the mail it is about, without brackets."""
    text: str = ""
    """All that a reader can read."""
    new_text: str = ""
    """What the sender wrote now (M10)."""
    folded: tuple[str, ...] = ()
    """Quotes and signatures, in order."""
    attachments: tuple[Attachment, ...] = ()
    error: str = ""
    """Why the mail could not be read at all; '' when it was."""
    trouble: tuple[str, ...] = ()
    """What was amiss and cost one field or less."""
    delayed: bool = False
    """A server says that it goes on trying: kind is 'bounce', but neither message nor address have failed."""
    complaint: bool = False
    """An abuse report (RFC 5965)."""
    authentication: tuple[str, ...] = ()
    """Authentication-Results as they came, topmost first."""
    recipients_seen: tuple[str, ...] = ()
    """Addresses of Delivered-To, X-Original-To and their like, for plus-addresses."""
    label: str = ""
    """'' or 'signed' or 'encrypted'."""
    hops: int = 0
    """Received headers; very many mean a loop."""
