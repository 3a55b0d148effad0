"""What people choose, what followers may see, what is audited, whose an answer was before customers were merged"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger()


def upgrade() -> None:
    op.add_column("users", sa.Column("prefs", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("followers", sa.Column("sees_from", _NUMBER, nullable=False, server_default="0"))
    op.add_column("categories", sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("categories", sa.Column("retired_at", _NUMBER, nullable=True))
    op.add_column("activities", sa.Column("created_at", _NUMBER, nullable=False, server_default="0"))
    op.add_column("audit", sa.Column("target", sa.String(), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("target_id", _NUMBER, nullable=True))
    op.add_column("audit", sa.Column("name", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_audit_target", "audit", ["target", "target_id", "id"])
    op.create_index("ix_notifications_unread", "notifications", ["user_id", "read_at", "id"])
    op.create_index("ix_tickets_answer_id", "tickets", ["answer_id"])
    # The audit of before said in one word what it was about.
    op.execute("UPDATE audit SET target = what, what = 'created'")
    for table, column, target in (
        ("notifications", "actor_id", "users.id"),
        ("answers", "own_contact_id", "contacts.id"),
        ("tickets", "own_contact_id", "contacts.id"),
    ):
        # SQLite takes a reference with a new column only when it is written with it, which Alembic would copy the table for.
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BIGINT REFERENCES {target.replace('.', '(')})")
        else:
            op.add_column(table, sa.Column(column, _NUMBER, sa.ForeignKey(target), nullable=True))
