"""Leases: what only one may do at a time, over processes and machines (M6).

A lease is a row with a holder and an end, both judged by the database's clock; a holder that dies
loses it when the end has passed.
"""

from storage.database import Database


def take(database: Database, name: str, holder: str, seconds: float) -> bool:
    """Take or renew a lease; False while somebody else holds it.

    One that reaches further than such leases do was taken before the database's clock was set back: it holds nobody up.
    """
    with database.write() as work:
        return bool(
            work.run(
                f"""INSERT INTO leases (name, holder, until) VALUES (:name, :holder, {database.now_sql} + :ms)
                    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                    WHERE leases.holder = excluded.holder OR leases.until < {database.now_sql}
                        OR leases.until > {database.now_sql} + :ms + 60000""",
                {"name": name, "holder": holder, "ms": int(seconds * 1000)},
            )
        )


def holder(database: Database, name: str) -> str:
    """Who holds a lease; '' when nobody ever did."""
    found = database.rows("SELECT holder FROM leases WHERE name = :name", {"name": name})
    return found[0][0] if found else ""


def release(database: Database, name: str, holder: str) -> None:
    """Give a lease back, so that the next need not wait for its end."""
    with database.write() as work:
        work.run("DELETE FROM leases WHERE name = :name AND holder = :holder", {"name": name, "holder": holder})
