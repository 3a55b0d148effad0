"""Indexes by which merging looks at what was merged only, and counting what people have at no ticket's row"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    merged = sa.text("merged_into IS NOT NULL")
    for table in ("tickets", "contacts"):
        op.create_index(f"ix_{table}_merged_into", table, ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    op.drop_index("ix_tickets_assignee_id", "tickets")
    op.create_index("ix_tickets_assignee", "tickets", ["assignee_id", "status", "flow_id"])
