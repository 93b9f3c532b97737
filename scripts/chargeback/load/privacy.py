"""What may be kept: allow lists of keys, and SQL that applies them. Everything else is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chargeback.errors import ChargebackError

LITERAL_API_KEYS = ("litellm_proxy_master_key",)
"""Values in api_key columns that are labels of the gateway rather than keys."""

KEY_IDS = r"(?:key|apikey)_[A-Za-z0-9]{1,64}|arn:aws[a-z-]*:(?:iam|sts)::[0-9]*:[\w+=,.@/-]+"
"""Ids by which providers name an API key, and who called by IAM: no secrets (RE2)."""

MAX_TAG_CHARACTERS = 256
"""A text value longer than this is no tag: it is dropped."""

KEPT_ATTRIBUTES = (
    # what was called
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.response.id",
    "gen_ai.response.finish_reasons",
    "gen_ai.request.max_tokens",
    "gen_ai.request.stream",
    "gen_ai.request.service_tier",
    "gen_ai.response.service_tier",
    "gen_ai.is_streaming",
    "gen_ai.output.type",
    "gen_ai.request.choice.count",
    "gen_ai.openai.request.service_tier",
    "gen_ai.openai.response.service_tier",
    "openai.request.service_tier",
    "openai.response.service_tier",
    "openai.api.type",
    "anthropic.response.service_tier",
    "anthropic.request.id",
    "anthropic.message.stop_reason",
    "aws.bedrock.*",
    "azure.resource_provider.namespace",
    "cloud.region",
    "cloud.provider",
    # how much
    "gen_ai.usage.*",
    "gen_ai.aggregated_usage.*",
    "anthropic.usage.*",
    "pydantic_ai.cache.*",
    "operation.cost",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.client.operation.time_to_first_chunk",
    # OpenInference
    "openinference.span.kind",
    "llm.provider",
    "llm.system",
    "llm.model_name",
    "llm.request.model_name",
    "llm.response.model_name",
    "llm.finish_reason",
    "llm.token_count.*",
    "llm.cost.*",
    "llm.usage.*",
    "llm.request.type",
    "embedding.model_name",
    "reranker.model_name",
    "reranker.top_k",
    # agents, tools, conversations
    "gen_ai.agent.id",
    "gen_ai.agent.name",
    "gen_ai.agent.version",
    "gen_ai.agent.call.id",
    "gen_ai.conversation.id",
    "gen_ai.workflow.name",
    "gen_ai.tool.name",
    "gen_ai.tool.type",
    "gen_ai.tool.call.id",
    "agent_name",
    "model_name",
    "agent.name",
    "tool.name",
    "traceloop.span.kind",
    "traceloop.entity.name",
    "traceloop.workflow.name",
    "traceloop.association.properties.*",
    # retrieval and vector stores
    "gen_ai.data_source.id",
    "gen_ai.retrieval.top_k",
    "gen_ai.embeddings.dimension.count",
    "db.system",
    "db.system.name",
    "db.namespace",
    "db.collection.name",
    "db.operation",
    "db.operation.name",
    "db.*_count",
    "db.*.n_results",
    "db.*.top_k",
    "db.*_units",
    "pinecone.usage.*",
    # calls between services
    "http.request.method",
    "http.request.resend_count",
    "http.response.status_code",
    "http.status_code",
    "http.route",
    "error.type",
    "server.address",
    "rpc.system",
    # who pays
    "team",
    "team.*",
    "team_id",
    "feature",
    "feature.*",
    "project",
    "project.*",
    "environment",
    "env",
    "owner",
    "purpose",
    "user",
    "user.id",
    "user_id",
    "enduser.id",
    "session.id",
    "tenant.id",
    "cost_center",
    "eval",
    "eval.*",
    "eval_scope",
    "eval_suite",
    "eval_run",
    "test.suite.name",
    "langfuse.experiment.id",
    "langfuse.experiment.dataset.id",
    "app.*",
    "tag.tags",
    "metadata",
    "deployment.environment",
    "deployment.environment.*",
    "service.*",
    "telemetry.dialect",
    "telemetry.sdk.name",
)
"""Attribute keys of spans and resources that are kept. `*` stands for any text."""

BODY_WORDS = (
    "argument",
    "body",
    "completion",
    "content",
    "document",
    "input",
    "message",
    "output",
    "prompt",
    "query",
    "question",
    "answer",
    "response",
    "result",
    "text",
    "secret",
    "password",
    "credential",
    "authorization",
    "api_key",
    "apikey",
    "email",
    "callback",
)
"""A key with one of these words is dropped in the open name spaces: the ones companies fill
(`app.*`, `team.*`, `metadata` ...). Counts such as `app.input_tokens` stay: see `_COUNTS`."""

_OPEN_SPACES = ("team.*", "feature.*", "project.*", "eval.*", "app.*", "service.*")
_OPEN_SPACES += ("traceloop.association.properties.*", "aws.bedrock.*")
_COUNTS = ("tokens", "count", "characters", "id", "units", "type")

LITELLM_METADATA = (
    "status",
    "attempted_retries",
    "attempted_fallbacks",
    "original_model_group",
    "user_api_key_alias",
    "user_api_key_team_alias",
    "user_api_key_project_id",
    "user_api_key_project_alias",
    "litellm_call_id",
    "feature",
    "team",
    "project",
    "environment",
    "owner",
    "purpose",
    "eval_scope",
)
"""Keys of a spend log's metadata that are kept when the value is a short scalar."""

LITELLM_METADATA_OBJECTS = ("usage_object", "cost_breakdown")
"""Keys kept as they are: counts and amounts."""

LITELLM_METADATA_PARTS = {
    "error_information": ("error_code", "error_class", "normalized_error"),
    "model_map_information": ("model_map_key",),
}
"""Objects of which only these keys are kept."""


def attribute_pattern(extra: Sequence[str] = ()) -> str:
    """A regular expression (RE2) that whole kept attribute keys match.

    `extra` are further keys, `*` allowed. Raises ChargebackError for a key that isn't one.
    """
    exact = [key for key in KEPT_ATTRIBUTES if key not in _OPEN_SPACES]
    patterns = [_pattern(key) for key in (*exact, *checked_keys(extra))]
    return "^(?:" + "|".join(patterns) + ")$"


def open_pattern() -> str:
    """A regular expression of keys in the open name spaces, where `body_pattern` applies too."""
    return "^(?:" + "|".join(_pattern(key) for key in _OPEN_SPACES) + ")$"


def body_pattern() -> str:
    """A regular expression found in keys that may hold a body, a secret or an address."""
    return "(?i)(?:" + "|".join(BODY_WORDS) + ")"


def count_pattern() -> str:
    """A regular expression of keys that end in a count or an id, whatever words they have."""
    return "(?i)[._](?:" + "|".join(_COUNTS) + ")$"


def checked_keys(keys: Sequence[str]) -> list[str]:
    """The keys that were asked for, without blanks; ChargebackError for one that can't be a key."""
    cleaned = [key.strip() for key in keys if key.strip()]
    for key in cleaned:
        if not re.fullmatch(r"[\w.*:/-]+", key) or not key.strip("*."):
            raise ChargebackError(
                f"{key!r} is no attribute key: letters, digits, . _ - : / and * are allowed"
            )
    return cleaned


def _pattern(key: str) -> str:
    return ".*".join(re.escape(part) for part in key.split("*"))


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def hashed_key(value: str, keep_ids: bool = False) -> str:
    """SQL: an API key as SHA-256 hex digits, unless it is a hash, a known label or empty.

    With `keep_ids` the ids that providers give to keys stay as well.
    """
    labels = ", ".join(literal(label) for label in LITERAL_API_KEYS)
    ids = f"when regexp_full_match({value}, {literal(KEY_IDS)}) then {value} " if keep_ids else ""
    return (
        f"case when {value} is null or {value} = '' or {value} in ({labels}) then {value} {ids}"
        f"when regexp_full_match({value}, '[0-9a-fA-F]{{64}}') then lower({value}) "
        f"else sha256({value}) end"
    )


def nameless_arn(value: str) -> str:
    """SQL: an ARN, the name at its end hashed where it is an address."""
    last = f"regexp_extract({value}, '[^/]*$')"
    return (
        f"case when contains({last}, '@') "
        f"then regexp_extract({value}, '^.*/') || sha256({last}) else {value} end"
    )


def short_json(value: str) -> str:
    """SQL: JSON text if it is a number, a boolean or a short string, else null."""
    limit = MAX_TAG_CHARACTERS + 2
    return (
        f"case when not starts_with({value}::varchar, '{{') "
        f"and not starts_with({value}::varchar, '[') "
        f"and length({value}::varchar) <= {limit} then {value}::varchar end"
    )


def may_be_body(key: str) -> str:
    """SQL: whether a key in an open name space may hold something private."""
    return (
        f"(regexp_matches({key}, {literal(body_pattern())}) "
        f"and not regexp_matches({key}, {literal(count_pattern())}))"
    )


def kept_attribute(key: str, extra: Sequence[str] = ()) -> str:
    """SQL: whether a span or resource attribute of this key is kept."""
    return (
        f"(regexp_matches({key}, {literal(attribute_pattern(extra))}) "
        f"or (regexp_matches({key}, {literal(open_pattern())}) and not {may_be_body(key)}))"
    )


def short_condition(drop_addresses: bool = False) -> str:
    """SQL: whether the entry `e` (key, value) of an object is a short scalar or list to keep.

    Keys that may hold a body or a secret are not; with `drop_addresses`, values with an @ neither.
    """
    text = "e.value::varchar"
    address = f" and not contains({text}, '@')" if drop_addresses else ""
    return (
        f"length({text}) <= {MAX_TAG_CHARACTERS + 2} and not starts_with({text}, '{{') "
        f"and not (starts_with({text}, '[') and contains({text}, '{{')) "
        f"and not {may_be_body('e.key')}{address}"
    )


def short_object(text: str) -> str:
    """SQL: the text of a JSON object with its short scalars and lists only; null when none is left.

    An object that is short and flat, and has none of `BODY_WORDS`, is taken as it is.
    """
    flat = literal(r"\{[^{}\[\]]*\}")
    is_plain = (
        f"length({text}) <= {MAX_TAG_CHARACTERS} and regexp_full_match({text}, {flat}) "
        f"and not regexp_matches({text}, {literal(body_pattern())})"
    )
    entries = f"map_entries(from_json({text}, '\"MAP(VARCHAR,JSON)\"'))"
    kept = f"list_filter({entries}, lambda e: e.value is not null and {short_condition()})"
    texts = f"list_transform({kept}, lambda e: to_json(e.key) || ':' || e.value::varchar)"
    chosen = f"'{{' || nullif(array_to_string({texts}, ','), '') || '}}'"
    return (
        f"case when {text} = '{{}}' or not starts_with({text}, '{{') then null "
        f"when {is_plain} then {text} else {chosen} end"
    )
