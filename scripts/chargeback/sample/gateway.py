"""Writes calls as the gateway logs them: rows of LiteLLM_SpendLogs (LiteLLM 1.106)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chargeback.sample.calls import (
    ALIAS,
    ATTEMPT,
    BAD_KEY,
    BAD_REQUEST,
    CACHE_HIT,
    ENVIRONMENTS,
    LOUD,
    METADATA,
    NO_MODEL,
    OK,
    OTHER_CASE,
    PARTIAL,
    RATE_LIMIT,
    SERVER_ERROR,
    TAGS,
    TIMEOUT,
    UNKNOWN_FEATURE,
    UNKNOWN_TEAM,
    UNTAGGED,
    Calls,
    Roster,
    family_of,
)  # fmt: skip
from chargeback.sample.company import ORPHAN_TEAM, Company, gateway_team_id
from chargeback.sample.models import (
    ANTHROPIC,
    EMBEDDING,
    GEMINI,
    MODELS,
    OPENAI,
    PLAIN,
    RERANK,
)  # fmt: skip
from chargeback.sample.prices import TIERS, DayRates, spend_parts
from chargeback.sample.text import (
    Choices,
    Piece,
    hash_hex,
    hex_ids,
    join,
    number_text,
    pick,
    pick_encoded,
    to_json,
    uuids,
    uuids_from_hex,
)  # fmt: skip

USER_AGENTS = (
    ("AsyncOpenAI", "AsyncOpenAI/Python 2.54.0"),
    ("python-httpx", "python-httpx/0.28.1"),
    ("OpenAI", "OpenAI/JS 6.8.1"),
)
_TAGGINGS = 9
_ALIASES = {
    "support-automation": "chatbot-squad", "content-studio": "copy-desk", "analytics": "Analytics",
    "developer-experience": "devex", "site-reliability": "sre", "mobile-apps": "mobile",
    "sales-development": "sdr", "finance-operations": "finops", "people-operations": "hr",
    "search-discovery": "search", "legal-review": "legal", "talent-acquisition": "recruiting",
    "revenue-operations": "revops", "growth-marketing": "growth", "ai-platform": "ml-platform",
}  # fmt: skip
UNKNOWN_TEAM_NAME = "growth-hackers"
UNKNOWN_FEATURE_NAME = "tmp-experiment"

UNIQUE_COLUMNS = ("request_id", "metadata", "litellm_call_id", "session_id")
"""Columns that hardly repeat a value: a Parquet dictionary would cost more than it saves."""


@dataclass(frozen=True)
class Ids:
    """Ids of a day's rows, and what later parts need to know about them."""

    request: pa.Array
    call: pa.Array


def draw_ids(rng: np.random.Generator, calls: Calls, trace_ids: list[str]) -> Ids:
    """Draw the ids of a day's settled calls; `trace_ids` are the response ids seen in traces."""
    count = len(calls)
    family, outcome = family_of(calls.model), calls.outcome
    call = uuids(rng, count)
    responses = np.isin(calls.model, _RESPONSES_MODELS) & calls.variant
    messages = (family == ANTHROPIC) & calls.variant & ~np.isin(calls.model, _BEDROCK_MODELS)
    kind = np.select(
        [outcome >= SERVER_ERROR, family == EMBEDDING, family == RERANK, family == GEMINI,
         messages, family == ANTHROPIC, responses],
        [0, 0, 1, 2, 3, 4, 5], 6,
    )  # fmt: skip
    makers = (
        lambda rows: call.take(pa.array(rows)),
        lambda rows: uuids(rng, len(rows)),
        lambda rows: hex_ids(rng, len(rows), 22),
        lambda rows: hex_ids(rng, len(rows), 22, "msg_01"),
        lambda rows: join("chatcmpl-", uuids(rng, len(rows))),
        lambda rows: hex_ids(rng, len(rows), 48, "resp_"),
        lambda rows: hex_ids(rng, len(rows), 28, "chatcmpl-"),
    )
    groups = [np.flatnonzero(kind == code) for code in range(len(makers))]
    request = _scatter([make(rows) for make, rows in zip(makers, groups, strict=True)], groups)
    attempts = outcome == ATTEMPT
    if attempts.any():
        suffix = pick(["", "-attempt-0", "-attempt-1"], np.where(attempts, 1 + calls.variant, 0))
        request, call = join(request, suffix), join(call, suffix)
    if trace_ids:
        named = pick([*trace_ids, None], np.where(calls.trace >= 0, calls.trace, len(trace_ids)))
        request = pc.coalesce(named, request)
    hits = np.flatnonzero(calls.source >= 0)
    if len(hits):
        epoch = number_text(calls.start_ms[hits] // 1000)
        micros = number_text(100_000 + rng.integers(0, 900_000, len(hits)))
        origin = request.take(pa.array(calls.source[hits]))
        repeated = join(origin, "_cache_hit", epoch, ".", micros)
        mask = np.zeros(count, dtype=bool)
        mask[hits] = True
        request = pc.replace_with_mask(request, pa.array(mask), repeated)
    return Ids(request, call)


def _scatter(parts: list[pa.Array], groups: list[np.ndarray]) -> pa.Array:
    """Put the parts' elements at the places that `groups` lists."""
    order = np.concatenate(groups)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return pa.concat_arrays(parts).take(pa.array(back))


_RESPONSES_MODELS = [
    place for place, model in enumerate(MODELS) if model.key in ("gpt-5", "gpt-5-mini", "o3")
]
_BEDROCK_MODELS = [place for place, model in enumerate(MODELS) if model.provider == "bedrock"]
_CALL_TYPES = ("acompletion", "aresponses", "anthropic_messages", "aembedding", "arerank")
_ERRORS = {
    SERVER_ERROR: ("500", "InternalServerError", "500_PROVIDER_INTERNAL_ERROR"),
    RATE_LIMIT: ("429", "RateLimitError", "429_RATE_LIMIT_EXCEEDED"),
    BAD_REQUEST: ("400", "BadRequestError", "400_INVALID_REQUEST"),
    TIMEOUT: ("408", "Timeout", "408_UPSTREAM_TIMEOUT"),
    ATTEMPT: ("408", "Timeout", "408_UPSTREAM_TIMEOUT"),
    NO_MODEL: ("400", "ProxyModelNotFoundError", "400_INVALID_REQUEST"),
    BAD_KEY: ("401", "KeyNotFoundError", "401_AUTHENTICATION_FAILED"),
}


class GatewayText:
    """Every text that depends on few values only, prepared once: tags, keys, models, errors."""

    def __init__(self, roster: Roster):
        self.roster = roster
        self.company: Company = roster.company

    @cached_property
    def agent(self) -> np.ndarray:
        """User agent by feature."""
        return np.arange(len(self.company.features)) % len(USER_AGENTS)

    def tag_code(self, calls: Calls) -> np.ndarray:
        """Place in `tags` and `log_metadata` of each call."""
        code = calls.feature * len(ENVIRONMENTS) + calls.environment
        return (code * _TAGGINGS + calls.tagging) * 2 + calls.is_eval

    @cached_property
    def tags(self) -> Choices:
        """JSON of `request_tags` by tag code."""
        return Choices([to_json(self._tags(*item)) for item in self._combinations()])

    @cached_property
    def log_metadata(self) -> Choices:
        """JSON of `spend_logs_metadata` by tag code."""
        return Choices([to_json(self._log_metadata(*item)) for item in self._combinations()])

    def _combinations(self):
        for place in range(len(self.company.features)):
            for environment in ENVIRONMENTS:
                for tagging in range(_TAGGINGS):
                    for is_eval in (False, True):
                        yield place, environment, tagging, is_eval

    def _names(self, place: int, tagging: int) -> tuple[str, str]:
        feature = self.company.features[place]
        team = self.company.teams[feature.team]
        name, shown = team.team_id, feature.feature_id
        if tagging == UNKNOWN_TEAM:
            name = UNKNOWN_TEAM_NAME
        elif tagging == ALIAS:
            name = _ALIASES.get(name, team.team_name)
        elif tagging == OTHER_CASE:
            name = name.upper() if place % 2 else f" {name.title()} "
        elif tagging == UNKNOWN_FEATURE:
            shown = UNKNOWN_FEATURE_NAME
        return name, shown

    def _tags(self, place: int, environment: str, tagging: int, is_eval: bool) -> list[str]:
        feature = self.company.features[place]
        team, name = self._names(place, tagging)
        tags = [f"User-Agent: {agent}" for agent in USER_AGENTS[self.agent[place]]]
        if tagging in (METADATA, UNTAGGED):
            return tags
        own = [f"team:{team}", f"feature:{name}"]
        if tagging == LOUD:
            own = [f"Team:{team}", f"Feature:{name}", f"Env:{environment.title()}", "nightly"]
        elif tagging != PARTIAL:
            own += [f"project:{feature.project}", f"env:{environment}"]
            if place % 4:
                own.append(f"owner:{feature.owner}")
        if is_eval:
            own += ["purpose:eval"]
            if feature.profile.eval_scope:
                own.append(f"eval_scope:{feature.profile.eval_scope}")
        return own + tags

    def _log_metadata(
        self, place: int, environment: str, tagging: int, is_eval: bool
    ) -> dict[str, str] | None:
        feature = self.company.features[place]
        team, name = self._names(place, tagging)
        if tagging != METADATA:
            return {"release": "2026.09"} if tagging == TAGS and place % 5 == 0 else None
        values = {
            "team": team,
            "feature": name,
            "project": feature.project,
            "environment": environment,
            "owner": feature.owner,
        }
        if is_eval:
            values["purpose"] = "eval"
            if feature.profile.eval_scope:
                values["eval_scope"] = feature.profile.eval_scope
        return values

    @cached_property
    def users(self) -> Choices:
        """User ids; the last is '', for none."""
        return Choices([*self.roster.users, ""])

    @cached_property
    def key_token(self) -> Choices:
        """Hash by key; the last is one that the gateway does not know."""
        return Choices([*(key.token for key in self.company.keys), "0f" * 32])

    @cached_property
    def key_team(self) -> Choices:
        """Gateway team id by key, '' for none."""
        return Choices([*(self._team(key.team)[0] for key in self.company.keys), ""])

    def _team(self, place: int) -> tuple[str, str | None]:
        if place == -1:
            return "", None
        if place == -2:
            return gateway_team_id(ORPHAN_TEAM), ORPHAN_TEAM
        return self.company.teams[place].gateway_id, self.company.teams[place].gateway_alias

    @cached_property
    def key_metadata(self) -> Choices:
        """The part of the metadata that only depends on the key."""
        parts = []
        for key in self.company.keys:
            team_id, alias = self._team(key.team)
            parts.append(_key_part(key.alias, team_id or None, alias, key.user_id or None))
        return Choices([*parts, _key_part(None, None, None, None)])


def _key_part(
    alias: str | None, team_id: str | None, team_alias: str | None, user_id: str | None
) -> str:
    values = {
        "user_api_key_alias": alias,
        "user_api_key_team_id": team_id,
        "user_api_key_user_id": user_id,
        "user_api_key_team_alias": team_alias,
        "user_api_key_project_id": None,
    }
    return to_json(values)[1:-1]


def render(text: GatewayText, calls: Calls, ids: Ids, rates: DayRates) -> tuple[pa.Table, dict]:
    """Write calls as a table of gateway rows; also the USD per price-book provider."""
    outcome, family = calls.outcome, family_of(calls.model)
    fails = outcome >= SERVER_ERROR
    parts = spend_parts(
        rates, calls.model, calls.tier, calls.start_ms,
        calls.tokens_in, calls.cached, calls.write_5m,
        calls.write_1h, calls.tokens_out,
    )  # fmt: skip
    input_usd, _, _, output_usd = parts
    billed = (outcome == OK) | np.isin(outcome, (TIMEOUT, ATTEMPT))
    spend = np.where(billed, input_usd + output_usd, 0.0)
    unknown_model, bad_key = outcome == NO_MODEL, outcome == BAD_KEY
    key = np.where(bad_key, text.roster.bad_key, calls.key)
    model = np.where(unknown_model, len(MODELS), calls.model)
    group = np.where(unknown_model | bad_key, len(MODELS), calls.model)
    end_ms = calls.start_ms + calls.duration_ms
    created = end_ms + 1500 + calls.late_days * 86_400_000
    count = len(calls)
    empty = np.zeros(count, dtype=np.int32)
    user = np.where(bad_key, -1, calls.user)
    total = calls.tokens_in + calls.tokens_out
    columns = {
        "request_id": ids.request,
        "call_type": pick_encoded(_CALL_TYPES, _call_type(calls, family)),
        "api_key": pick_encoded(text.key_token, key),
        "spend": pa.array(spend),
        "total_tokens": pa.array(total.astype(np.int32)),
        "prompt_tokens": pa.array(calls.tokens_in.astype(np.int32)),
        "completion_tokens": pa.array(calls.tokens_out.astype(np.int32)),
        "startTime": _times(calls.start_ms),
        "endTime": _times(end_ms),
        "completionStartTime": _times(calls.start_ms + calls.first_token_ms),
        "model": pick_encoded(_MODEL_NAMES, model),
        "model_id": pick_encoded(_MODEL_IDS, group),
        "model_group": pick_encoded(
            _GROUPS,
            np.where(calls.asked_model >= 0, calls.asked_model, group),
        ),
        "custom_llm_provider": pick_encoded(_PROVIDERS, group),
        "api_base": pick_encoded(_BASES, group),
        "user": pick_encoded(text.users, user % (len(text.roster.users) + 1)),
        "metadata": _metadata(text, calls, ids, parts, key, family),
        "cache_hit": pick_encoded(
            ["None", "True", "False"],
            np.where(outcome == CACHE_HIT, 1, np.where(fails | calls.variant, 2, 0)),
        ),
        "cache_key": pick_encoded(["Cache OFF"], empty),
        "request_tags": pick_encoded(text.tags, text.tag_code(calls)),
        "team_id": pick_encoded(text.key_team, key),
        "end_user": pick_encoded([""], empty),
        "requester_ip_address": pick_encoded(["10.20.4.17"], empty),
        "messages": pick_encoded(["{}"], empty),
        "response": pick_encoded(["{}"], empty),
        "proxy_server_request": pick_encoded(["{}"], empty),
        "session_id": uuids_from_hex(hash_hex(calls.session)),
        "status": pick_encoded(["success", "failure"], fails.astype(np.int32)),
        "mcp_namespaced_tool_name": pa.nulls(count, pa.string()),
        "organization_id": pick_encoded([""], empty),
        "agent_id": pa.nulls(count, pa.string()),
        "request_duration_ms": pa.array(calls.duration_ms.astype(np.int32)),
        "created_at": _times(created),
        "updated_at": _times(created),
        "litellm_call_id": ids.call,
        "billing_agent_id": pa.nulls(count, pa.string()),
    }
    return pa.table(columns), _by_provider(calls, spend)


def _by_provider(calls: Calls, spend: np.ndarray) -> dict[str, float]:
    per_model = np.bincount(calls.model, spend, minlength=len(MODELS))
    result: dict[str, float] = {}
    for place, model in enumerate(MODELS):
        if model.price_provider:
            name = model.price_provider
            result[name] = result.get(name, 0.0) + float(per_model[place])
    return result


def _times(milliseconds: np.ndarray) -> pa.Array:
    return pa.array(milliseconds.astype("datetime64[ms]"))


def _call_type(calls: Calls, family: np.ndarray) -> np.ndarray:
    is_response = np.isin(calls.model, _RESPONSES_MODELS) & calls.variant
    is_message = (family == ANTHROPIC) & calls.variant & ~np.isin(calls.model, _BEDROCK_MODELS)
    traced = calls.trace >= 0
    return np.select(
        [family == EMBEDDING, family == RERANK, traced, is_response, is_message], [3, 4, 0, 1, 2], 0
    )  # fmt: skip


def _model_ids() -> Choices:
    numbers = hash_hex(np.arange(len(MODELS) * 2, dtype=np.uint64) + np.uint64(4242))
    halves = [bytes(row).decode() for row in numbers]
    ids = [first + second for first, second in zip(halves[::2], halves[1::2], strict=True)]
    return Choices([*ids, ""])


# By model; the last is for calls that name no model the gateway knows.
_MODEL_NAMES = Choices([*(item.model for item in MODELS), "unknown-model"])
_MODEL_IDS = _model_ids()
_GROUPS = Choices([*(item.group for item in MODELS), ""])
_GROUPS_JSON = Choices([*(to_json(item.group) for item in MODELS), "null"])
_PROVIDERS = Choices([*(item.provider for item in MODELS), ""])
_BASES = Choices([*(item.api_base for item in MODELS), ""])
_MAP_KEYS = Choices([*(to_json(item.map_key or item.model) for item in MODELS), to_json("")])


def _metadata(text: GatewayText, calls, ids, parts, key, family) -> pa.Array:
    """The JSON text of `metadata`, one group of rows with the same layout after the other."""
    fails = calls.outcome >= SERVER_ERROR
    layout = np.where(fails, len(_USAGE), family)
    groups = [np.flatnonzero(layout == code) for code in range(len(_USAGE) + 1)]
    tag_code = text.tag_code(calls)
    texts = []
    for code, rows in enumerate(groups):
        some = calls.take(rows)
        if not len(rows):
            texts.append(pa.array([], pa.string()))
            continue
        is_failure = code == len(_USAGE)
        usage = ['"usage_object": {}'] if is_failure else _USAGE[code](some)
        costs = ["null"] if is_failure else _costs(some, [part[rows] for part in parts], code)
        unseen = np.isin(some.outcome, (NO_MODEL, BAD_KEY))
        asked = np.where(some.asked_model >= 0, some.asked_model, some.model)
        known = np.where(unseen, len(MODELS), asked)
        tries = ["null", "0", "1", "2"]
        texts.append(
            join(
                '{"status": ', '"failure"' if is_failure else "null", ', "user_agent": ',
                pick([to_json(agent) for _, agent in USER_AGENTS], text.agent[some.feature]),
                ', "max_retries": 2, ', *usage, ', "cost_breakdown": ', *costs,
                ', "litellm_call_id": "', ids.call.take(pa.array(rows)), '", "attempted_retries": ',
                pick(tries, np.where(unseen, 0, some.retries + 1)), ', "error_information": ',
                pick(_ERROR_TEXTS, some.outcome) if is_failure else "null",
                ', "attempted_fallbacks": ',
                pick(tries, np.where(unseen, 0, 1 + (some.asked_model >= 0))),
                ', "spend_logs_metadata": ', pick(text.log_metadata, tag_code[rows]),
                ', "original_model_group": ',
                pick(_GROUPS_JSON, known), ", ",
                pick(text.key_metadata, key[rows]),
                ', "model_map_information": {"model_map_key": ',
                pick(_MAP_KEYS, np.where(some.outcome == NO_MODEL, len(MODELS), some.model)),
                '}}',
            )
        )  # fmt: skip
    return _scatter(texts, groups)


def _error_texts() -> Choices:
    texts = ["null"] * (max(_ERRORS) + 1)
    for outcome, (code, name, normal) in _ERRORS.items():
        texts[outcome] = to_json(
            {
                "error_code": code,
                "error_class": name,
                "llm_provider": "" if outcome in (NO_MODEL, BAD_KEY) else "openai",
                "error_message": f"litellm.{name}: the provider's message",
                "normalized_error": normal,
            }
        )
    return Choices(texts)


_ERROR_TEXTS = _error_texts()


def _totals(calls: Calls) -> list[Piece]:
    return [
        '"total_tokens": ', number_text(calls.tokens_in + calls.tokens_out),
        ', "prompt_tokens": ', number_text(calls.tokens_in),
        ', "completion_tokens": ', number_text(calls.tokens_out),
    ]  # fmt: skip


def _openai_usage(calls: Calls) -> list[Piece]:
    return [
        '"usage_object": {', *_totals(calls),
        ', "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": ',
        number_text(calls.cached),
        '}, "completion_tokens_details": {"audio_tokens": 0, "reasoning_tokens": ',
        number_text(calls.reasoning),
        ', "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}}',
    ]  # fmt: skip


def _anthropic_usage(calls: Calls) -> list[Piece]:
    written = number_text(calls.write_5m + calls.write_1h)
    cached, out = number_text(calls.cached), number_text(calls.tokens_out)
    plain = calls.tokens_in - calls.cached - calls.write_5m - calls.write_1h
    return [
        '"usage_object": {"service_tier": "',
        pick(["standard", "batch", "standard", "priority"], calls.tier), '", ', *_totals(calls),
        ', "prompt_tokens_details": {"text_tokens": ', number_text(plain), ', "cached_tokens": ',
        cached, ', "cache_write_tokens": ', written, ', "cache_creation_tokens": ', written,
        ', "cache_creation_token_details": {"ephemeral_1h_input_tokens": ',
        number_text(calls.write_1h), ', "ephemeral_5m_input_tokens": ', number_text(calls.write_5m),
        '}}, "cache_read_input_tokens": ', cached,
        ', "completion_tokens_details": {"text_tokens": ',
        out, ', "reasoning_tokens": 0}, "cache_creation_input_tokens": ', written, "}",
    ]  # fmt: skip


def _gemini_usage(calls: Calls) -> list[Piece]:
    cached = number_text(calls.cached)
    return [
        '"usage_object": {', *_totals(calls), ', "prompt_tokens_details": {"text_tokens": ',
        number_text(calls.tokens_in - calls.cached), ', "cached_tokens": ', cached,
        '}, "cache_read_input_tokens": ', cached,
        ', "completion_tokens_details": {"text_tokens": ',
        number_text(calls.tokens_out - calls.reasoning), ', "reasoning_tokens": ',
        number_text(calls.reasoning), "}}",
    ]  # fmt: skip


def _plain_usage(calls: Calls) -> list[Piece]:
    return ['"usage_object": {', *_totals(calls), "}"]


def _no_usage(_: Calls) -> list[Piece]:
    return ['"usage_object": {}']


_USAGE = {
    OPENAI: _openai_usage,
    ANTHROPIC: _anthropic_usage,
    GEMINI: _gemini_usage,
    PLAIN: _plain_usage,
    EMBEDDING: _plain_usage,
    RERANK: _no_usage,
}


def _costs(calls: Calls, parts: list[np.ndarray], family: int) -> list[Piece]:
    input_usd, read_usd, write_usd, output_usd = parts
    total = number_text(input_usd + output_usd)
    pieces: list[Piece] = [
        '{"input_cost": ', number_text(input_usd), ', "total_cost": ', total, ', "output_cost": ',
        number_text(output_usd), ', "service_tier": ',
        pick(["null", *(f'"{tier}"' for tier in TIERS[1:])], calls.tier), ', "original_cost": ',
        total,
    ]  # fmt: skip
    if family in (OPENAI, ANTHROPIC, GEMINI):
        pieces += [', "cache_read_cost": ', number_text(read_usd)]
    if family == ANTHROPIC:
        pieces += [', "cache_creation_cost": ', number_text(write_usd)]
    pieces.append(', "discount_percent": 0.0, "margin_percent": 0.0}')
    return pieces
