"""Files that go with a draft, messages that leave later, and how many left a minute"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "draft_files",
        sa.Column("id", number, primary_key=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("ticket", sa.BigInteger(), sa.ForeignKey("tickets.number"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("blob", sa.String(), sa.ForeignKey("blobs.hash"), nullable=False),
    )
    op.create_index("ix_draft_files_draft", "draft_files", ["user_id", "ticket"])
    op.add_column("outbox", sa.Column("later_at", sa.BigInteger(), nullable=True))
    # How many an account handed over within the last minute.
    op.create_index("ix_outbox_claimed", "outbox", ["mailbox_id", "claimed_at"])
