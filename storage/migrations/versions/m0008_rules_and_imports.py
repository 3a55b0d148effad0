"""Rule sets, what they did, tables of managers, and imports that are staged first"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _key() -> sa.Column:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _of(name: str, target: str, *, null: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(target), nullable=null)


def _part_of(name: str, target: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(target), nullable=False)


def upgrade() -> None:
    op.add_column("surveys", sa.Column("own_templates", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("surveys", sa.Column("rule_sets", sa.JSON(), nullable=True))
    with_out = sa.text("last_out_at IS NOT NULL")
    op.create_index(
        "ix_tickets_out", "tickets", ["archived", "last_out_at"], sqlite_where=with_out, postgresql_where=with_out
    )
    # Most addresses are in their customer's key already.
    learnt = sa.text("email <> '' AND key <> 'e:' || email")
    op.drop_index("ix_contacts_email", "contacts")
    op.create_index("ix_contacts_learnt_email", "contacts", ["email"], sqlite_where=learnt, postgresql_where=learnt)
    op.create_table(
        "rule_sets",
        _key(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("on_since", sa.BigInteger(), nullable=True),
        sa.Column("off_since", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "manager_tables",
        _key(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "rule_runs",
        _key(),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        _of("actor_id", "users.id", null=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_rule_runs_at", "rule_runs", ["at"])
    op.create_table(
        "rule_run_sets",
        _part_of("run_id", "rule_runs.id"),
        _part_of("rule_set_id", "rule_sets.id"),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("undone", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "rule_set_id"),
    )
    op.create_index("ix_rule_run_sets_rule_set_id", "rule_run_sets", ["rule_set_id"])
    op.create_table(
        "rule_hits",
        _part_of("rule_set_id", "rule_sets.id"),
        sa.Column("about", sa.BigInteger(), nullable=False, autoincrement=False),
        _of("run_id", "rule_runs.id"),
        _of("ticket", "tickets.number", null=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("did", sa.JSON(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("rule_set_id", "about"),
    )
    with_mail = sa.text("mail <> ''")
    op.create_index(
        "ix_rule_hits_mail", "rule_hits", ["mail", "at"], sqlite_where=with_mail, postgresql_where=with_mail
    )
    op.create_index("ix_rule_hits_run", "rule_hits", ["run_id", "rule_set_id"])
    op.create_index("ix_rule_hits_about", "rule_hits", ["about"])
    op.create_index("ix_rule_hits_ticket", "rule_hits", ["ticket"])
    op.create_table(
        "imports",
        _key(),
        sa.Column("survey", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _of("actor_id", "users.id", null=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("scale", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "import_pieces",
        _part_of("import_id", "imports.id"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "place"),
    )
    op.create_table(
        "import_refused",
        _part_of("import_id", "imports.id"),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line"),
    )
