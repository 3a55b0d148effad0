"""Names of attachments made safe, whatever the mail says (R7): no path, no device, no trick."""

import re
from pathlib import PurePosixPath

from domain.text import clean

MAX_NAME_BYTES = 180

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
# Zero-width and other format characters that hide what a name says, and variation tags.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|$)", re.I)
_EXTENSIONS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv", "text/enriched": ".txt",
    "message/rfc822": ".eml", "message/delivery-status": ".txt", "message/global": ".eml", "text/rfc822-headers": ".txt",
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/pgp-signature": ".asc", "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m", "audio/mpeg": ".mp3", "audio/basic": ".au", "video/mp4": ".mp4",
    "application/ms-tnef": ".dat",
}  # fmt: skip


def safe_name(name: str, content_type: str = "") -> str:
    """A file name that can be shown and saved anywhere; never empty.

    Directories, drive letters, control and bidi characters, leading dots and dashes, trailing dots
    and spaces and the names that Windows reserves are dropped; the extension survives a cut.
    """
    text = _HIDDEN.sub("", clean(name.replace("\x00", ""))).replace("\n", " ").replace("\t", " ")
    text = re.split(r"[/\\]", text.rstrip("/\\ "))[-1]
    text = _FORBIDDEN.sub("_", text)
    text = re.sub(r"\s+", " ", text).strip().lstrip(".-~ ").rstrip(". ")
    if _RESERVED.match(text):
        text = "_" + text
    if len(text.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        suffix = PurePosixPath(text).suffix[:16]
        room = MAX_NAME_BYTES - len(suffix.encode("utf-8", "replace"))
        text = (
            text[: len(text) - len(suffix)].encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip(". ")
            + suffix
        )
    return text or "attachment" + _EXTENSIONS.get(content_type, ".bin")


def distinct(name: str, taken: set[str]) -> str:
    """`name`, or `name (2)` and so on, so that no two in `taken` differ only by case; adds it to `taken`."""
    wanted, n = name, 1
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    while wanted.casefold() in taken:
        n += 1
        wanted = f"{stem} ({n}){suffix}"
    taken.add(wanted.casefold())
    return wanted
