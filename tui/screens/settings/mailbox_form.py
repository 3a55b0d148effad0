"""The form of a mailbox: what of the configuration file most people need (R3)."""

from collections.abc import Mapping
from typing import Any

from domain.text import _, line
from tui.screens.picker import Option
from tui.widgets.form import Field, Kind


def fields(given: Mapping[str, Any], *, own: bool) -> tuple[Field, ...]:
    """The form's fields, filled with what the file says; `own`: the machine is the person's own."""
    why = "" if own else _("It names something of the machine, so it is written into the file by hand.")

    def text(id: str, label: str, about: str = "", *, needed: bool = False, why_not: str = "") -> Field:
        value = given.get(id) or ""
        shown = " ".join(map(_quoted, value)) if isinstance(value, list | tuple) else str(value)
        return Field(id, label, Kind.TEXT, shown, about=about, needed=needed, limit=300, why_not=why_not)

    def port(id: str, label: str) -> Field:
        about = _("Empty: the usual one.")
        return Field(id, label, Kind.NUMBER, given.get(id), about=about, low=1, high=65535)

    def security(id: str, label: str) -> Field:
        options = (Option("tls", "TLS"), Option("starttls", "STARTTLS"), Option("none", _("none: this machine only")))
        return Field(id, label, Kind.CHOICE, given.get(id, "tls"), options)

    secret = _("No password is kept here: say where it is. One of the three.")
    unknown = (Option("triage", _("triage")), Option("ticket", _("a ticket")))
    return (
        text("address", _("Address"), _("What mail leaves from and replies come to."), needed=True),
        text("name", _("Name"), _("How people here call it; empty: its address.")),
        text("sender_name", _("Sender's name"), _("Beside the address in what customers get.")),
        text("imap_host", _("IMAP server"), needed=True),
        security("imap_security", _("IMAP security")),
        port("imap_port", _("IMAP port")),
        text("imap_user", _("IMAP user"), _("Empty: the address.")),
        text("smtp_host", _("SMTP server"), needed=True),
        security("smtp_security", _("SMTP security")),
        port("smtp_port", _("SMTP port")),
        text("smtp_user", _("SMTP user"), _("Empty: the address, or no login without TLS.")),
        text("password_keyring", _("Keyring entry"), secret),
        text("password_env", _("Password variable"), secret),
        text("password_command", _("Password command"), secret, why_not=why),
        Field("xoauth2", _("OAuth2"), Kind.YESNO, bool(given.get("xoauth2")), about=_("What is given there is an access token, not a password.")),
        text("ca_file", _("CA certificate"), _("A PEM file with an authority of your own, the only one then trusted."), why_not=why),
        text("imap_folder", _("Folder that is read"), _("Empty: INBOX.")),
        text("sent_folder", _("Sent folder"), _("Where a copy of what was sent is put: “auto” for the server's own; empty for none.")),
        Field("plus_address", _("Plus-address"), Kind.YESNO, bool(given.get("plus_address")), about=_("Whether address+anything arrives here too; then Reply-To carries the ticket.")),
        Field("unknown_sender", _("Unknown senders"), Kind.CHOICE, given.get("unknown_sender", "triage"), unknown),
        Field("messages_per_minute", _("Messages a minute"), Kind.NUMBER, given.get("messages_per_minute"), about=_("The most that the server takes; empty: any number."), low=1, high=100_000),
    )  # fmt: skip


def values(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form gave, as the file keeps it; ValueError for a command with a quotation mark left open."""
    import shlex

    out = {key: line(value) if isinstance(value, str) else value for key, value in given.items()}
    if "password_command" in out:
        out["password_command"] = tuple(shlex.split(out["password_command"]))
    usual = {"imap_security": "tls", "smtp_security": "tls", "unknown_sender": "triage"}
    return {key: None if usual.get(key) == value else value for key, value in out.items()}


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)
