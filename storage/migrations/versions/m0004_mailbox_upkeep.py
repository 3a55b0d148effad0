"""Copies for the Sent folder that are owed, mails that wait to be moved on the server, and what is wrong with a mailbox"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("copy_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("copy_tries", sa.Integer(), nullable=False, server_default="0"))
    owed = sa.text("copy_at IS NOT NULL")
    op.create_index("ix_outbox_copy", "outbox", ["mailbox_id", "copy_at"], sqlite_where=owed, postgresql_where=owed)
    op.add_column("inbound", sa.Column("to_move", sa.Boolean(), nullable=False, server_default=sa.false()))
    waits = sa.text("to_move = true")
    op.create_index("ix_inbound_move", "inbound", ["mailbox_id", "id"], sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "mailbox_troubles",
        sa.Column("mailbox_id", sa.Integer(), sa.ForeignKey("mailboxes.id"), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("mailbox_id", "part"),
    )
