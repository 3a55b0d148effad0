"""The key that signs our Message-IDs and plus-addresses, changed: the new one signs, the old ones verify for ever (M7)."""

import secrets
from dataclasses import dataclass

from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_see_ledger
from loop import audit
from loop.desk import Desk
from storage.tables import TokenKeyRow


@dataclass(frozen=True)
class Rotated:
    """The new key, without its secret."""

    key: int
    keys: int
    """How many there are now."""


def rotate(desk: Desk, *, actor: Actor) -> Rotated | Refusal:
    """Make a new key for mail. Replies to what was sent before still find their tickets."""
    if why := may_see_ledger(actor):
        return why
    with desk.db.write() as work:
        work.alone("token_keys")
        row = work.add(TokenKeyRow(purpose="mail", secret=secrets.token_bytes(32), created_at=desk.now()))
        keys = int(work.rows("SELECT COUNT(*) FROM token_keys WHERE purpose = 'mail'", {})[0][0])
        audit.note(
            work, actor=actor, at=desk.now(), what="created", target="signing key", target_id=row.id, name=f"#{row.id}",
            old={}, new={},
        )  # fmt: skip
        return Rotated(row.id, keys)
