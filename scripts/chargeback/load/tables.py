"""The raw tables: their columns, what files call them, and which columns tell tables apart."""

from __future__ import annotations

from dataclasses import dataclass

SOURCES = (
    "litellm",
    "otel",
    "langfuse",
    "bedrock",
    "openai",
    "anthropic",
    "retrieval",
    "business",
    "directory",
    "finance",
)
"""Source folders of data/raw, in the order they are loaded."""


@dataclass(frozen=True)
class Column:
    """A column of a raw table.

    `type` is text, bigint, integer, numeric(p,s), timestamp or json. `rule` says how a file's
    value becomes the column's (see `shape`): plain, api_key, key_id, email, arn, tags, numbers,
    litellm_metadata, langfuse_metadata, metadata, user_metadata, attributes, key_name, alias, or
    count (of the characters of bodies). `names` are the names in files, first match wins; empty
    means the column's own name. A name with dots is a path in JSON. `body_paths` are places in the
    answer's body where the value may be, should the file have none under `names`.
    """

    name: str
    type: str = "text"
    rule: str = "plain"
    names: tuple[str, ...] = ()
    body_paths: tuple[str, ...] = ()

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
    input_bodies: tuple[str, ...] = ()
    output_bodies: tuple[str, ...] = ()
    """File columns with message bodies: read to count characters, never written."""
    is_paged: bool = False
    """Whether its rows lie in pages: `data`, below it buckets of time with `results`."""

    @property
    def bodies(self) -> tuple[str, ...]:
        """File columns with message bodies, of prompts and of answers."""
        return self.input_bodies + self.output_bodies

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def file_names(self) -> frozenset[str]:
        """Every name a column of this table may have in a file, in lower case."""
        names = {name for column in self.columns for name in column.file_names}
        return frozenset(name.lower() for name in (*names, *self.bodies))

    @property
    def top_names(self) -> frozenset[str]:
        """The file names as a JSON object has them: of a path, where it begins."""
        return frozenset(top_name(name) for name in self.file_names)


def top_name(name: str) -> str:
    """Where the path of a file name begins, in lower case."""
    return name.partition(".")[0].lower()


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
    input_bodies=("messages", "proxy_server_request"),
    output_bodies=("response",),
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

LANGFUSE_OBSERVATIONS = Table(
    source="langfuse",
    name="langfuse_observations",
    columns=(
        Column("observation_id", names=("id",)),
        Column("trace_id", names=("trace_id", "traceId")),
        Column("project_id", names=("project_id", "projectId")),
        Column("type"),
        Column("parent_observation_id", names=("parent_observation_id", "parentObservationId")),
        Column("start_time", "timestamp", names=("start_time", "startTime")),
        Column("end_time", "timestamp", names=("end_time", "endTime")),
        Column("name"),
        Column("level"),
        Column("environment"),
        Column("version"),
        Column("release"),
        Column("provided_model_name", names=("provided_model_name", "providedModelName", "model")),
        Column("usage_details", "json", rule="numbers", names=("usage_details", "usageDetails")),
        Column("cost_details", "json", rule="numbers", names=("cost_details", "costDetails")),
        Column(
            "total_cost",
            "numeric(38,15)",
            names=("total_cost", "totalCost", "calculatedTotalCost"),
        ),
        Column("prompt_name", names=("prompt_name", "promptName")),
        Column(
            "usage_pricing_tier_name",
            names=("usage_pricing_tier_name", "usagePricingTierName"),
        ),
        Column("metadata", "json", rule="langfuse_metadata"),
        Column("user_id", names=("user_id", "userId")),
        Column("session_id", names=("session_id", "sessionId")),
        Column("trace_name", names=("trace_name", "traceName")),
        Column("tags", "json", rule="tags"),
        Column("input_characters", "bigint", rule="count"),
        Column("output_characters", "bigint", rule="count"),
    ),
    required=("observation_id", "trace_id", "type", "start_time"),
    identity=("observation_id",),
    telling=frozenset(
        {
            "parent_observation_id",
            "parentobservationid",
            "provided_model_name",
            "providedmodelname",
            "usage_details",
            "usagedetails",
            "start_time",
            "starttime",
        }
    ),
    name_hints=("observation", "generation"),
    input_bodies=("input",),
    output_bodies=("output",),
)

LANGFUSE_TRACES = Table(
    source="langfuse",
    name="langfuse_traces",
    columns=(
        Column("trace_id", names=("id",)),
        Column("traced_at", "timestamp", names=("timestamp",)),
        Column("project_id", names=("project_id", "projectId")),
        *_text("name", "environment"),
        Column("metadata", "json", rule="langfuse_metadata"),
        Column("user_id", names=("user_id", "userId")),
        Column("session_id", names=("session_id", "sessionId")),
        *_text("release", "version"),
        Column("tags", "json", rule="tags"),
    ),
    required=("trace_id", "traced_at", "user_id", "tags"),
    identity=("trace_id",),
    telling=frozenset({"timestamp"}),
    name_hints=("trace",),
)

_METRICS = "amazon-bedrock-invocationMetrics"

BEDROCK_INVOCATIONS = Table(
    source="bedrock",
    name="bedrock_invocations",
    columns=(
        Column("request_id", names=("requestId", "request_id")),
        Column("logged_at", "timestamp", names=("timestamp",)),
        Column("account_id", names=("accountId", "account_id")),
        Column("region"),
        Column("inference_region", names=("inferenceRegion", "inference_region")),
        Column("operation"),
        Column("model_id", names=("modelId", "model_id")),
        Column("identity_arn", rule="arn", names=("identity.arn", "identity_arn")),
        Column(
            "request_metadata",
            "json",
            rule="metadata",
            names=("requestMetadata", "request_metadata"),
        ),
        Column("error_code", names=("errorCode", "error_code")),
        Column("response_id", body_paths=("$.id", "$[0].message.id")),
        Column(
            "service_tier", body_paths=("$.serviceTier.type", "$[#-1].metadata.serviceTier.type")
        ),
        Column("input_token_count", "bigint", names=("input.inputTokenCount", "input_token_count")),
        Column(
            "output_token_count", "bigint", names=("output.outputTokenCount", "output_token_count")
        ),
        Column(
            "cache_read_input_token_count",
            "bigint",
            names=(
                "input.cacheReadInputTokenCount",
                "cacheReadInputTokenCount",
                "cache_read_input_token_count",
            ),
            body_paths=(
                "$.usage.cacheReadInputTokens",
                "$.usage.cacheReadInputTokenCount",
                "$.usage.cache_read_input_tokens",
                "$[#-1].metadata.usage.cacheReadInputTokens",
                f'$[#-1]."{_METRICS}".cacheReadInputTokenCount',
                "$[0].message.usage.cache_read_input_tokens",
            ),
        ),
        Column(
            "cache_write_input_token_count",
            "bigint",
            names=(
                "input.cacheWriteInputTokenCount",
                "cacheWriteInputTokenCount",
                "cache_write_input_token_count",
            ),
            body_paths=(
                "$.usage.cacheWriteInputTokens",
                "$.usage.cacheWriteInputTokenCount",
                "$.usage.cache_creation_input_tokens",
                "$[#-1].metadata.usage.cacheWriteInputTokens",
                f'$[#-1]."{_METRICS}".cacheWriteInputTokenCount',
                "$[0].message.usage.cache_creation_input_tokens",
            ),
        ),
        Column(
            "cache_write_1h_input_token_count",
            "bigint",
            body_paths=(
                "$.usage.cache_creation.ephemeral_1h_input_tokens",
                "$[0].message.usage.cache_creation.ephemeral_1h_input_tokens",
            ),
        ),
        Column("input_characters", "bigint", rule="count"),
        Column("output_characters", "bigint", rule="count"),
    ),
    required=("request_id", "logged_at", "model_id"),
    identity=("request_id",),
    telling=frozenset({"requestid", "request_id", "modelid", "model_id", "schematype"}),
    name_hints=("invocation", "bedrock"),
    input_bodies=("input.inputBodyJson",),
    output_bodies=("output.outputBodyJson",),
)

OPENAI_USAGE = Table(
    source="openai",
    name="openai_usage",
    columns=(
        Column("object"),
        *_time("start_time", "end_time"),
        *_text("project_id", "user_id"),
        Column("api_key_id", rule="key_id"),
        *_text("model", "batch", "service_tier", "size", "source"),
        *_bigint(
            "num_model_requests",
            "input_tokens",
            "input_cached_tokens",
            "input_uncached_tokens",
            "input_cache_write_tokens",
            "input_text_tokens",
            "input_image_tokens",
            "input_audio_tokens",
            "input_cached_audio_tokens",
            "input_cached_image_tokens",
            "output_tokens",
            "output_text_tokens",
            "output_image_tokens",
            "output_audio_tokens",
            "images",
            "characters",
            "seconds",
            "num_sessions",
            "usage_bytes",
        ),
    ),
    required=("object", "start_time"),
    identity=("object", "start_time"),
    telling=frozenset(
        {
            "num_model_requests",
            "input_tokens",
            "images",
            "characters",
            "seconds",
            "num_sessions",
            "usage_bytes",
        }
    ),
    name_hints=("usage", "completion", "embedding"),
    is_paged=True,
)

OPENAI_COSTS = Table(
    source="openai",
    name="openai_costs",
    columns=(
        *_time("start_time", "end_time"),
        *_text("project_id", "line_item"),
        Column("amount", "numeric(38,15)", names=("amount.value", "amount_value")),
        Column("currency", names=("amount.currency", "amount_currency")),
        Column("quantity", "numeric(38,9)"),
        Column("quantity_unit"),
    ),
    required=("start_time", "amount"),
    identity=("start_time", "amount"),
    telling=frozenset({"amount", "amount_value", "line_item"}),
    name_hints=("cost",),
    is_paged=True,
)

ANTHROPIC_USAGE = Table(
    source="anthropic",
    name="anthropic_usage",
    columns=(
        *_time("starting_at", "ending_at"),
        *_text("workspace_id"),
        Column("api_key_id", rule="key_id"),
        *_text("account_id", "service_account_id", "model", "service_tier", "context_window"),
        *_text("inference_geo", "speed"),
        *_bigint("uncached_input_tokens", "cache_read_input_tokens"),
        Column(
            "cache_creation_5m_input_tokens",
            "bigint",
            names=(
                "cache_creation.ephemeral_5m_input_tokens",
                "cache_creation_5m_input_tokens",
            ),
        ),
        Column(
            "cache_creation_1h_input_tokens",
            "bigint",
            names=(
                "cache_creation.ephemeral_1h_input_tokens",
                "cache_creation_1h_input_tokens",
            ),
        ),
        *_bigint("output_tokens"),
        Column(
            "web_search_requests",
            "bigint",
            names=("server_tool_use.web_search_requests", "web_search_requests"),
        ),
    ),
    required=("starting_at", "uncached_input_tokens", "output_tokens"),
    identity=("starting_at",),
    telling=frozenset({"uncached_input_tokens", "cache_creation", "server_tool_use"}),
    name_hints=("usage",),
    is_paged=True,
)

ANTHROPIC_COSTS = Table(
    source="anthropic",
    name="anthropic_costs",
    columns=(
        *_time("starting_at", "ending_at"),
        *_text("workspace_id", "description", "cost_type", "model", "token_type", "service_tier"),
        *_text("context_window", "inference_geo"),
        Column("amount", "numeric(38,15)"),
        Column("currency"),
    ),
    required=("starting_at", "amount", "currency"),
    identity=("starting_at", "amount"),
    telling=frozenset({"amount", "cost_type", "token_type"}),
    name_hints=("cost",),
    is_paged=True,
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
        Column("storage_gb_months", "numeric(38,9)"),
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
        Column("api_key", rule="key_id"),
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
    LANGFUSE_OBSERVATIONS,
    LANGFUSE_TRACES,
    BEDROCK_INVOCATIONS,
    OPENAI_USAGE,
    OPENAI_COSTS,
    ANTHROPIC_USAGE,
    ANTHROPIC_COSTS,
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
