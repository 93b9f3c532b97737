"""The raw tables: their columns, what files call them, and which columns tell tables apart."""

from __future__ import annotations

from dataclasses import dataclass, field

SOURCES = ("litellm", "otel", "retrieval", "business", "directory", "finance")
"""Source folders of data/raw, in the order they are loaded."""


@dataclass(frozen=True)
class Column:
    """A column of a raw table.

    `type` is text, bigint, integer, numeric(p,s), timestamp or json. `rule` says how a file's
    value becomes the column's (see `shape`): plain, api_key, email, tags, litellm_metadata,
    metadata, user_metadata, attributes, key_name, alias, or count (of the characters of bodies).
    `names` are the names in files, first match wins; empty means the column's own name.
    """

    name: str
    type: str = "text"
    rule: str = "plain"
    names: tuple[str, ...] = ()

    @property
    def file_names(self) -> tuple[str, ...]:
        """Names this column may have in a file."""
        return self.names or (self.name,)


@dataclass(frozen=True)
class Table:
    """A raw table and how to recognise its files.

    A file without one of `required` columns is refused as a whole; a row without a value in one
    of `identity` is rejected. `telling` columns are found in this table's files only, and
    `name_hints` are parts of file names that decide when the content does not.
    """

    source: str
    name: str
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    identity: tuple[str, ...]
    telling: frozenset[str] = frozenset()
    name_hints: tuple[str, ...] = ()
    bodies: tuple[str, ...] = field(default=())
    """File columns with message bodies: read to count characters, never written."""

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def file_names(self) -> frozenset[str]:
        """Every name a column of this table may have in a file, in lower case."""
        names = {name for column in self.columns for name in column.file_names}
        return frozenset(name.lower() for name in (*names, *self.bodies))


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _bigint(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "bigint") for name in names)


def _time(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "timestamp") for name in names)


LITELLM_SPEND_LOGS = Table(
    source="litellm",
    name="litellm_spend_logs",
    columns=(
        *_text("request_id", "call_type"),
        Column("api_key", rule="api_key"),
        Column("spend", "numeric(38,15)"),
        *_bigint("total_tokens", "prompt_tokens", "completion_tokens"),
        Column("start_time", "timestamp", names=("startTime", "start_time")),
        Column("end_time", "timestamp", names=("endTime", "end_time")),
        Column(
            "completion_start_time",
            "timestamp",
            names=("completionStartTime", "completion_start_time"),
        ),
        *_text("model", "model_id", "model_group", "custom_llm_provider"),
        Column("user_id", names=("user", "user_id")),
        Column("metadata", "json", rule="litellm_metadata"),
        Column("cache_hit"),
        Column("request_tags", "json", rule="tags"),
        *_text("team_id", "end_user", "session_id", "status", "mcp_namespaced_tool_name"),
        *_text("organization_id", "agent_id"),
        Column("request_duration_ms", "bigint"),
        Column("litellm_call_id"),
        Column("input_characters", "bigint", rule="count"),
        Column("output_characters", "bigint", rule="count"),
    ),
    required=("request_id", "start_time", "model", "prompt_tokens", "completion_tokens"),
    identity=("request_id",),
    telling=frozenset({"request_id", "call_type", "starttime", "prompt_tokens", "spend"}),
    name_hints=("spend",),
    bodies=("messages", "response", "proxy_server_request"),
)

LITELLM_TEAMS = Table(
    source="litellm",
    name="litellm_teams",
    columns=(
        *_text("team_id", "team_alias", "organization_id"),
        Column("metadata", "json", rule="metadata"),
        *_time("created_at", "updated_at"),
    ),
    required=("team_id", "team_alias"),
    identity=("team_id",),
    telling=frozenset({"team_alias", "members_with_roles", "admins"}),
    name_hints=("team",),
)

LITELLM_KEYS = Table(
    source="litellm",
    name="litellm_keys",
    columns=(
        Column("token", rule="api_key"),
        Column("key_name", rule="key_name"),
        *_text("key_alias", "user_id", "team_id", "project_id"),
        Column("metadata", "json", rule="user_metadata"),
        *_time("expires", "created_at", "updated_at"),
    ),
    required=("token",),
    identity=("token",),
    telling=frozenset({"token", "key_name", "key_alias"}),
    name_hints=("verificationtoken", "token", "key"),
)

LITELLM_USERS = Table(
    source="litellm",
    name="litellm_users",
    columns=(
        Column("user_id"),
        Column("user_alias", rule="alias"),
        Column("user_email", rule="email"),
        Column("team_id"),
        Column("teams", "json", rule="tags"),
        Column("metadata", "json", rule="user_metadata"),
        *_time("created_at", "updated_at"),
    ),
    required=("user_id",),
    identity=("user_id",),
    telling=frozenset({"user_email", "user_role", "user_alias", "sso_user_id"}),
    name_hints=("user",),
)

OTEL_SPANS = Table(
    source="otel",
    name="otel_spans",
    columns=(
        Column("trace_id", rule="hex_id"),
        Column("span_id", rule="hex_id"),
        Column("parent_span_id", rule="hex_id"),
        Column("span_name"),
        Column("span_kind", "integer"),
        *_time("start_time", "end_time"),
        Column("status_code", "integer"),
        *_text("scope_name", "scope_version"),
        Column("resource_attributes", "json", rule="attributes"),
        Column("attributes", "json", rule="attributes"),
        *_bigint("input_characters", "output_characters"),
    ),
    required=("trace_id", "span_id", "start_time", "attributes"),
    identity=("trace_id", "span_id"),
    telling=frozenset({"trace_id", "span_id", "resourcespans"}),
    name_hints=("span", "trace"),
)

RETRIEVAL_QUERIES = Table(
    source="retrieval",
    name="retrieval_queries",
    columns=(
        Column("query_id"),
        Column("queried_at", "timestamp"),
        *_text("store", "index_name", "operation"),
        Column("read_units", "numeric(38,9)"),
        Column("write_units", "numeric(38,9)"),
        Column("search_units", "numeric(38,9)"),
        *_bigint("result_count", "egress_bytes", "embed_tokens"),
        *_text("model", "trace_id", "status", "team", "feature", "project", "environment"),
        Column("user_id"),
        Column("api_key", rule="api_key"),
        Column("tags", "json", rule="tags"),
    ),
    required=("query_id", "queried_at", "store", "operation"),
    identity=("query_id",),
    telling=frozenset({"query_id", "queried_at", "read_units", "index_name"}),
    name_hints=("quer", "retriev", "vector"),
)

BUSINESS_OUTCOMES = Table(
    source="business",
    name="business_outcomes",
    columns=(
        *_text("outcome_id", "outcome_type"),
        Column("occurred_at", "timestamp"),
        *_text("team", "feature", "trace_id"),
        Column("quantity", "numeric(38,9)"),
        Column("value", "numeric(38,9)"),
        Column("currency"),
    ),
    required=("outcome_id", "outcome_type", "occurred_at"),
    identity=("outcome_id",),
    telling=frozenset({"outcome_id", "outcome_type", "occurred_at"}),
    name_hints=("outcome",),
)

DIRECTORY_USERS = Table(
    source="directory",
    name="directory_users",
    columns=(
        Column("user_id"),
        Column("user_name", rule="alias"),
        Column("team_id"),
        *_time("valid_from", "valid_to"),
    ),
    required=("user_id", "team_id", "valid_from"),
    identity=("user_id",),
    telling=frozenset({"user_name"}),
    name_hints=("user",),
)

DIRECTORY_API_KEYS = Table(
    source="directory",
    name="directory_api_keys",
    columns=(
        Column("api_key", rule="api_key"),
        *_text("key_alias", "team_id", "user_id", "service_account"),
        *_time("valid_from", "valid_to"),
    ),
    required=("api_key", "team_id", "valid_from"),
    identity=("api_key",),
    telling=frozenset({"api_key", "key_alias", "service_account"}),
    name_hints=("key",),
)

DIRECTORY_SEATS = Table(
    source="directory",
    name="directory_seats",
    columns=(
        *_text("user_id", "team_id", "seat_plan"),
        *_time("valid_from", "valid_to"),
    ),
    required=("user_id", "team_id", "seat_plan", "valid_from"),
    identity=("user_id",),
    telling=frozenset({"seat_plan"}),
    name_hints=("seat",),
)

FINANCE_INVOICE_LINES = Table(
    source="finance",
    name="finance_invoice_lines",
    columns=(
        *_text("invoice_id", "line_id", "provider", "period", "service", "description"),
        Column("amount", "numeric(38,12)"),
        *_text("currency", "line_kind"),
        Column("issued_at", "timestamp"),
    ),
    required=("invoice_id", "line_id", "provider", "period", "amount", "currency", "line_kind"),
    identity=("invoice_id", "line_id", "provider", "period", "amount", "currency"),
    telling=frozenset({"invoice_id", "line_kind", "amount", "period"}),
    name_hints=("invoice",),
)

TABLES = (
    LITELLM_SPEND_LOGS,
    LITELLM_TEAMS,
    LITELLM_KEYS,
    LITELLM_USERS,
    OTEL_SPANS,
    RETRIEVAL_QUERIES,
    BUSINESS_OUTCOMES,
    DIRECTORY_USERS,
    DIRECTORY_API_KEYS,
    DIRECTORY_SEATS,
    FINANCE_INVOICE_LINES,
)
"""Every raw table that rows of files go to."""

LOADS = (
    ("load_id", "bigint not null"),
    ("source", "text not null"),
    ("table_name", "text"),
    ("file_name", "text not null"),
    ("content_hash", "text not null"),
    ("byte_count", "bigint not null"),
    ("row_count", "bigint not null"),
    ("loaded_count", "bigint not null"),
    ("rejected_count", "bigint not null"),
    ("loaded_at", "timestamp not null"),
    ("modified_at", "timestamp"),
)
"""Columns of raw.loads, the manifest: one row per file that was read."""

REJECTS = (
    ("load_id", "bigint not null"),
    ("source", "text not null"),
    ("table_name", "text"),
    ("file_name", "text not null"),
    ("line_number", "bigint not null"),
    ("reason_code", "text not null"),
    ("reason", "text not null"),
    ("excerpt", "text"),
    ("rejected_at", "timestamp not null"),
)
"""Columns of raw.rejects: one row per line, row, span or file that was refused."""


def create_statements(schema: str, engine: str) -> list[str]:
    """DDL that makes the raw schema and every raw table that is missing."""
    statements = [f'create schema if not exists "{schema}"']
    definitions = {"loads": LOADS, "rejects": REJECTS}
    for table in TABLES:
        columns = [(column.name, column.type) for column in table.columns]
        columns += [("_load_id", "bigint not null"), ("_line_number", "bigint not null")]
        definitions[table.name] = tuple(columns)
    for name, columns in definitions.items():
        body = ", ".join(f'"{column}" {_engine_type(type_, engine)}' for column, type_ in columns)
        statements.append(f'create table if not exists "{schema}"."{name}" ({body})')
    # A manifest of an older version has no such column.
    added = f'alter table "{schema}"."loads" add column if not exists "modified_at" timestamp'
    statements.append(added)
    return statements


def _engine_type(type_: str, engine: str) -> str:
    return "jsonb" if type_ == "json" and engine == "postgres" else type_
