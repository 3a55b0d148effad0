"""Which mails are only headers yet, what people did with a mail, and the other addresses that belong to a customer"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound", sa.Column("partial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("inbound", sa.Column("acts", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("contacts", sa.Column("other_emails", sa.JSON(), nullable=False, server_default="[]"))
    op.execute("UPDATE inbound SET partial = true WHERE reason LIKE '%over the size limit%'")
    # The ledger of one mailbox, newest first.
    op.create_index("ix_inbound_mailbox", "inbound", ["mailbox_id", "outcome", "id"])
