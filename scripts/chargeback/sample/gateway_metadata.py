"""The JSON text of the `metadata` column of gateway rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from chargeback.sample.calls import (
    ABANDONED,
    ATTEMPT,
    BAD_KEY,
    BAD_REQUEST,
    NO_MODEL,
    RATE_LIMIT,
    SERVER_ERROR,
    TIMEOUT,
    Calls,
    family_of,
)  # fmt: skip
from chargeback.sample.gateway_text import USER_AGENTS, GatewayText
from chargeback.sample.models import ANTHROPIC, EMBEDDING, GEMINI, MODELS, OPENAI, PLAIN, RERANK
from chargeback.sample.prices import TIERS
from chargeback.sample.text import Choices, Piece, join, number_text, pick, scatter, to_json

_ERRORS = {
    SERVER_ERROR: ("500", "InternalServerError", "500_PROVIDER_INTERNAL_ERROR"),
    RATE_LIMIT: ("429", "RateLimitError", "429_RATE_LIMIT_EXCEEDED"),
    BAD_REQUEST: ("400", "BadRequestError", "400_INVALID_REQUEST"),
    TIMEOUT: ("408", "Timeout", "408_UPSTREAM_TIMEOUT"),
    ATTEMPT: ("408", "Timeout", "408_UPSTREAM_TIMEOUT"),
    NO_MODEL: ("400", "ProxyModelNotFoundError", "400_INVALID_REQUEST"),
    BAD_KEY: ("401", "KeyNotFoundError", "401_AUTHENTICATION_FAILED"),
}
_GROUPS_JSON = Choices([*(to_json(item.group) for item in MODELS), "null"])
_MAP_KEYS = Choices([*(to_json(item.map_key or item.model) for item in MODELS), to_json("")])


def metadata(
    text: GatewayText,
    calls: Calls,
    call_ids: pa.Array,
    parts: Sequence[np.ndarray],
    key: np.ndarray,
) -> pa.Array:
    """The column for some calls; `parts` is what `spend_parts` returns, `key` the key used."""
    fails = calls.outcome >= SERVER_ERROR
    layout = np.where(fails, len(_USAGE), family_of(calls.model))
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
                ', "litellm_call_id": "', call_ids.take(pa.array(rows)), '", "attempted_retries": ',
                pick(tries, np.where(unseen, 0, some.retries + 1)), ', "error_information": ',
                pick(_ERROR_TEXTS, some.outcome),
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
    return scatter(texts, groups)


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
    # The gateway calls it a success all the same.
    texts[ABANDONED] = to_json({"error_code": "499", "error_class": "ClientDisconnected"})
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
