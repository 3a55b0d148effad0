"""The categories that tickets and activities can be given (T5–T7)."""

from collections.abc import Iterable
from typing import Any

from domain.refusals import Refusal, refuse


def categories_of(work: Any) -> dict[int, tuple[str, bool]]:
    """Every category by id: its whole name, “Parent / Child” for a subcategory, and whether it is still given."""
    if "categories" not in work.memo:
        work.memo["categories"] = {
            id: (name if parent is None else f"{parent} / {name}", retired is None)
            for id, name, parent, retired in work.rows(
                "SELECT c.id, c.name, p.name, COALESCE(c.retired_at, p.retired_at) FROM categories c LEFT JOIN categories p ON p.id = c.parent_id"
            )
        }
    return work.memo["categories"]


def offered(work: Any, ids: Iterable[int]) -> Refusal | None:
    """Why one of those categories cannot be given; None when all can."""
    known = categories_of(work)
    bad = next((id for id in ids if not known.get(id, ("", False))[1]), None)
    return None if bad is None else refuse("no category", category=bad)
