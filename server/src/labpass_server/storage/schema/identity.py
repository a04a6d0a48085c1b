"""Tables of who someone is: people, sessions, codes, clients, keys, events.

Secrets are stored as SHA-256 of 256 random bits; passwords as argon2id; signing keys sealed.
"""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage.schema import Moment, metadata

installation: Final = sa.Table(
    "installation",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(32), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("set_up_hash", sa.LargeBinary(32)),
    sa.Column("set_up_used_at", Moment),
)

people: Final = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("handle", sa.String(63), nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("password_hash", sa.Text),
    sa.Column("password_is_temporary", sa.Boolean, nullable=False),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

browsers: Final = sa.Table(
    "browsers",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("authenticated_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

sign_ins: Final = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("authorization", sa.Text, nullable=False),
    sa.Column("machine", sa.Text),
    sa.Column("asked_from", sa.String(64)),
    sa.Column("network", sa.String(64), nullable=False, index=True),
    sa.Column("browser_hash", sa.LargeBinary(32)),
    sa.Column("browser_id", sa.String(32)),
    sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id")),
    sa.Column("authenticated_at", Moment),
    sa.Column("is_fresh", sa.Boolean, nullable=False),
    sa.Column("is_confirmed", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

codes: Final = sa.Table(
    "codes",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("authorization", sa.Text, nullable=False),
    sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("browser_id", sa.String(32)),
    sa.Column("authenticated_at", Moment, nullable=False),
    sa.Column("session_id", sa.String(32)),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("used_at", Moment),
)

remote_codes: Final = sa.Table(
    "remote_codes",
    metadata,
    sa.Column("challenge", sa.String(43), primary_key=True),
    sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
    sa.Column("cancel_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

sessions: Final = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("client_id", sa.String(128), nullable=False, index=True),
    sa.Column("browser_id", sa.String(32), index=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("authenticated_at", Moment, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("ended_at", Moment),
    sa.Column("ended_because", sa.String(32)),
)

refresh_tokens: Final = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("session_id", sa.String(32), sa.ForeignKey("sessions.id"), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.Column("salt", sa.LargeBinary(32)),
    sa.Index("ix_refresh_tokens_session_id", "session_id"),
)

access_tokens: Final = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column(
        "session_id", sa.String(32), sa.ForeignKey("sessions.id"), nullable=False, index=True
    ),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

entries: Final = sa.Table(
    "entries",
    metadata,
    sa.Column("session_id", sa.String(32), sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("cluster_id", sa.String(32), primary_key=True),
)

devices: Final = sa.Table(
    "devices",
    metadata,
    sa.Column("hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("person_id", sa.String(32), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

clients: Final = sa.Table(
    "clients",
    metadata,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_confidential", sa.Boolean, nullable=False),
    sa.Column("secret_hash", sa.LargeBinary(32)),
    sa.Column("redirect_uris", sa.Text, nullable=False),
    sa.Column("post_logout_redirect_uris", sa.Text, nullable=False),
    sa.Column("requires_pkce", sa.Boolean, nullable=False),
    sa.Column("created_by", sa.String(63), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)

keys: Final = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("algorithm", sa.String(8), nullable=False),
    sa.Column("public_jwk", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("published_at", Moment, nullable=False),
    sa.Column("signs_from", Moment),
    sa.Column("retired_at", Moment),
)

events: Final = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(63)),
    sa.Column("subject", sa.Text),
    sa.Column("address", sa.String(64)),
    sa.Column("detail", sa.Text, nullable=False),
)

throttle: Final = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", sa.LargeBinary(32), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", Moment, nullable=False, index=True),
)
