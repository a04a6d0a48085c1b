"""Tables of who may do what where: clusters, projects, rules, and what the reconciler remembers."""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage.schema import Moment, metadata

clusters: Final = sa.Table(
    "clusters",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("audience", sa.String(80), nullable=False, unique=True),
    sa.Column("installation", sa.String(32), nullable=False),
    sa.Column("server", sa.Text),
    sa.Column("certificate_authority", sa.Text),
    sa.Column("username_prefix", sa.String(64), nullable=False),
    sa.Column("groups_prefix", sa.String(64), nullable=False),
    sa.Column("algorithm", sa.String(8), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

connections: Final = sa.Table(
    "connections",
    metadata,
    sa.Column(
        "cluster_id",
        sa.String(32),
        sa.ForeignKey("clusters.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("certificate_authority", sa.Text),
    sa.Column("sealed_token", sa.LargeBinary, nullable=False),
    sa.Column("token_expires_at", Moment, nullable=False),
    sa.Column("token_renewed_at", Moment, nullable=False),
    sa.Column("kubernetes_version", sa.String(64), nullable=False),
    sa.Column("installed_definition", sa.String(128), nullable=False),
)

passes: Final = sa.Table(
    "passes",
    metadata,
    sa.Column(
        "cluster_id",
        sa.String(32),
        sa.ForeignKey("clusters.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("at", Moment, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("is_reachable", sa.Boolean, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
)

projects: Final = sa.Table(
    "projects",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("is_hidden", sa.Boolean, nullable=False),
    sa.Column("pod_security", sa.String(16), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

placements: Final = sa.Table(
    "placements",
    metadata,
    sa.Column(
        "project_id",
        sa.String(32),
        sa.ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "cluster_id",
        sa.String(32),
        sa.ForeignKey("clusters.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("namespace", sa.String(63), nullable=False),
    sa.UniqueConstraint("cluster_id", "namespace"),
)

rules: Final = sa.Table(
    "rules",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("subject_kind", sa.String(16), nullable=False),
    sa.Column("subject_name", sa.String(63), nullable=False, index=True),
    sa.Column("role", sa.String(40), nullable=False),
    # Without a project the rule counts in the whole organisation.
    sa.Column(
        "project_id",
        sa.String(32),
        sa.ForeignKey("projects.id", ondelete="CASCADE"),
        index=True,
    ),
    sa.Column("ends_at", Moment, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)

revisions: Final = sa.Table(
    "revisions",
    metadata,
    # One row: counts every change that the reconciler has to see.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
)

leases: Final = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)
