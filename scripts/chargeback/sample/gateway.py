"""Writes calls as the gateway logs them: rows of LiteLLM_SpendLogs (LiteLLM 1.106)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chargeback.sample.calls import (
    ABANDONED,
    ATTEMPT,
    BAD_KEY,
    CACHE_HIT,
    NO_MODEL,
    OK,
    SERVER_ERROR,
    TIMEOUT,
    Calls,
    family_of,
)  # fmt: skip
from chargeback.sample.gateway_metadata import metadata
from chargeback.sample.gateway_text import GatewayText
from chargeback.sample.models import (
    ANTHROPIC,
    EMBEDDING,
    GEMINI,
    MODELS,
    RERANK,
)  # fmt: skip
from chargeback.sample.prices import DayRates, spend_parts
from chargeback.sample.text import (
    Choices,
    hash_hex,
    hex_ids,
    join,
    number_text,
    pick,
    pick_encoded,
    scatter,
    uuids,
    uuids_from_hex,
)  # fmt: skip

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
    request = scatter([make(rows) for make, rows in zip(makers, groups, strict=True)], groups)
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


_RESPONSES_MODELS = [
    place for place, model in enumerate(MODELS) if model.key in ("gpt-5", "gpt-5-mini", "o3")
]
_BEDROCK_MODELS = [place for place, model in enumerate(MODELS) if model.provider == "bedrock"]
_CALL_TYPES = ("acompletion", "aresponses", "anthropic_messages", "aembedding", "arerank")


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
    billed = np.isin(outcome, (OK, ABANDONED, TIMEOUT, ATTEMPT))
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
        "metadata": metadata(text, calls, ids.call, parts, key),
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
_PROVIDERS = Choices([*(item.provider for item in MODELS), ""])
_BASES = Choices([*(item.api_base for item in MODELS), ""])
