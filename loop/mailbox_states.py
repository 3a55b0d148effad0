"""How each mailbox is doing, for whoever asks and wherever it is served: what is wrong, since when, what is tried next (M6)."""

from dataclasses import dataclass

from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_see_ledger
from domain.text import _, line
from loop.desk import Desk

ORPHANED = "orphaned"
"""The part whose trouble is that messages wait in a mailbox that nobody serves."""


@dataclass(frozen=True)
class PartTrouble:
    """What is wrong with one part of a mailbox's work."""

    part: str
    """poll, receive, send, copies, moves, lease; or `orphaned`."""
    said: str
    since: int | None
    """Unix ms."""
    next_at: int | None
    """When it is tried again; None where nothing is tried by itself."""

    @property
    def title(self) -> str:
        """What does not work, in a word or two."""
        return {
            "poll": _("fetching"),
            "receive": _("reading"),
            "send": _("sending"),
            "copies": _("copies of what was sent"),
            "moves": _("moving mails"),
            ORPHANED: _("waiting messages"),
        }.get(self.part, self.part)


@dataclass(frozen=True)
class MailboxState:
    """One mailbox, as the configuration and the database know it."""

    name: str
    address: str
    configured: bool
    """Whether the configuration that is read here has it."""
    imap: str
    """host:port; '' when it is not configured here."""
    smtp: str
    password: str
    """Where it comes from, in words."""
    served: bool
    """Whether some worker holds its lease."""
    polled_at: int | None
    """Unix ms of the last mail or good poll; None for never."""
    waiting: int
    """Messages that have not left."""
    copies: int
    """Copies that are owed to the Sent folder."""
    moves: int
    """Mails that wait to be moved on the server."""
    troubles: tuple[PartTrouble, ...]


def mailboxes(desk: Desk, *, actor: Actor) -> tuple[MailboxState, ...] | Refusal:
    """All mailboxes: the configured ones in their order, then those of before that messages still wait in."""
    if why := may_see_ledger(actor):
        return why
    from loop.mailbox_checks import whence

    known = _known(desk)
    out = []
    for config in desk.config.mailboxes:
        rest = known.pop(config.address, None) or _Known()
        out.append(
            MailboxState(
                config.name,
                config.address,
                True,
                f"{config.imap_host}:{config.imap_port}",
                f"{config.smtp_host}:{config.smtp_port}",
                whence(config),
                rest.served,
                rest.polled_at,
                rest.waiting,
                rest.copies,
                rest.moves,
                tuple(rest.troubles),
            )
        )
    for address, rest in known.items():
        if not (rest.waiting or rest.served):
            continue
        told = tuple(rest.troubles) if rest.served else (_orphaned(rest.waiting),)
        out.append(
            MailboxState(
                address, address, False, "", "", "", rest.served, rest.polled_at, rest.waiting, rest.copies, rest.moves, told
            )
        )  # fmt: skip
    return tuple(out)


@dataclass
class _Known:
    """What the database knows of a mailbox."""

    polled_at: int | None = None
    served: bool = False
    waiting: int = 0
    copies: int = 0
    moves: int = 0
    troubles: tuple[PartTrouble, ...] = ()


def _known(desk: Desk) -> dict[str, _Known]:
    found: dict[int, _Known] = {}
    by_address: dict[str, _Known] = {}
    for id, address, polled_at, served in desk.db.rows(
        f"""SELECT m.id, m.address, m.polled_at, l.name IS NOT NULL FROM mailboxes m
            LEFT JOIN leases l ON l.name = 'mailbox ' || m.address AND l.until > {desk.db.now_sql} ORDER BY m.id"""
    ):
        by_address[address] = found[id] = _Known(polled_at, bool(served))
    for id, waiting in desk.db.rows(
        "SELECT mailbox_id, COUNT(*) FROM outbox WHERE state IN ('queued', 'claimed', 'data', 'held') GROUP BY 1"
    ):
        found[id].waiting = waiting
    for id, owed in desk.db.rows("SELECT mailbox_id, COUNT(*) FROM outbox WHERE copy_at IS NOT NULL GROUP BY 1"):
        found[id].copies = owed
    for id, waiting in desk.db.rows("SELECT mailbox_id, COUNT(*) FROM inbound WHERE to_move = true GROUP BY 1"):
        found[id].moves = waiting
    for id, part, said, since, next_at in desk.db.rows(
        "SELECT mailbox_id, part, said, since, next_at FROM mailbox_troubles ORDER BY since"
    ):
        found[id].troubles += (PartTrouble(part, said, since, next_at),)
    return by_address


def _orphaned(waiting: int) -> PartTrouble:
    return PartTrouble(ORPHANED, orphans_said(waiting), None, None)


def orphans_said(waiting: int) -> str:
    """That messages wait for a mailbox that is gone."""
    return _("{n} messages wait for a mailbox that is not configured any more; put it back, or take them back").format(
        n=waiting
    )


def orphans(desk: Desk) -> dict[str, int]:
    """Messages that wait in mailboxes that neither this configuration has nor any worker serves, by address."""
    here = {config.address for config in desk.config.mailboxes}
    found = desk.db.rows(
        f"""SELECT m.address, COUNT(*) FROM outbox o JOIN mailboxes m ON m.id = o.mailbox_id
            WHERE o.state IN ('queued', 'claimed', 'data', 'held') AND NOT EXISTS
            (SELECT 1 FROM leases l WHERE l.name = 'mailbox ' || m.address AND l.until > {desk.db.now_sql})
            GROUP BY 1 ORDER BY 1"""
    )
    return {address: n for address, n in found if address not in here}


def remember(
    desk: Desk, mailbox_id: int, part: str, said: str, next_at: int | None = None, since: int | None = None
) -> None:
    """Keep that a part is in trouble, since when it first was; `said` '' is that it is well."""
    with desk.db.write() as work:
        if not said:
            work.run("DELETE FROM mailbox_troubles WHERE mailbox_id = :m AND part = :p", {"m": mailbox_id, "p": part})
            return
        work.run(
            "INSERT INTO mailbox_troubles (mailbox_id, part, said, since, next_at) VALUES (:m, :p, :s, :since, :next)"
            " ON CONFLICT (mailbox_id, part) DO UPDATE SET said = excluded.said, next_at = excluded.next_at",
            {"m": mailbox_id, "p": part, "s": line(said, 300), "since": since or desk.now(), "next": next_at},
        )


def forget(desk: Desk, mailbox_id: int) -> None:
    """Who begins to serve a mailbox knows of no trouble yet."""
    if desk.db.rows("SELECT 1 FROM mailbox_troubles WHERE mailbox_id = :m", {"m": mailbox_id}):
        with desk.db.write() as work:
            work.run("DELETE FROM mailbox_troubles WHERE mailbox_id = :m", {"m": mailbox_id})
