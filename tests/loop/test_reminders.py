"""Reminders of due dates are for who sees the ticket (N2, P3)."""

from loop import notifications
from tests.loop.conftest import Shop

HOUR = 3_600_000


def test_n2_who_cannot_be_told_is_not_tried_for_ever(shop: Shop, started: int) -> None:
    """An assignee without a right to the ticket is not counted as told, and no transaction is opened for them each minute."""
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET due_at = :d, rank = (rank / :m) * :m + :d WHERE number = :n",
                 {"d": shop.clock.now + HOUR, "m": 1 << 44, "n": started})  # fmt: skip
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.bia.id})
    assert notifications.remind(shop.desk) == 0
    with shop.desk.db.write() as work:
        work.run(
            "INSERT INTO flow_members (flow_id, user_id, role) VALUES (:f, :u, 'agent')",
            {"f": shop.flow, "u": shop.bia.id},
        )
    assert [notifications.remind(shop.desk), notifications.remind(shop.desk)] == [1, 0]
