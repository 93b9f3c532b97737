"""Agent runs and conversations whose parts come one after the other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rules.logs import FIRST, SECOND, Logs, trace_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()

# An agent whose calls, tool and gateway records come in two loads, around midnight.
_AGENT = {"operation": "invoke_agent", "tokens": None}
LOGS.span("night shift", SECOND, trace="night", at="2026-06-01T23:59:00", seconds=180, **_AGENT)
_NIGHT = {"trace": "night", "parent": "night shift"}
LOGS.span("night call 1", at="2026-06-01T23:59:30", response="chatcmpl-night-call-1", **_NIGHT)
LOGS.span(
    "night call 2", SECOND, at="2026-06-02T00:01:00", response="chatcmpl-night-call-2", **_NIGHT
)
_TOOL = {"operation": "execute_tool", "model": None, "tokens": None}
for _n in range(4):
    LOGS.span(
        f"night tool {_n}",
        FIRST if _n % 2 else SECOND,
        at=f"2026-06-02T00:00:0{_n}",
        attributes={"gen_ai.tool.name": "look_up"},
        **_NIGHT,
        **_TOOL,
    )
LOGS.query(
    "night query", SECOND, at="2026-06-02T00:00:30", read_units=10, trace_id=trace_id("night")
)
# The gateway has the first call in a session of its own, and tells it later.
LOGS.call("chatcmpl-night-call-1", SECOND, at="2026-06-01T23:59:30", session_id="gateway session")

# One call, until another comes.
LOGS.span("chain call 1", trace="chain", at="2026-06-03T12:00:00")
LOGS.span("chain call 2", SECOND, trace="chain", at="2026-06-03T12:00:05")
# Two calls, until the span between them tells that they are one.
for _n in range(3):
    LOGS.span(
        f"nested call {_n}",
        SECOND if _n == 1 else FIRST,
        trace="three levels",
        parent=f"nested call {_n - 1}" if _n else None,
        at="2026-06-04T12:00:00",
        seconds=9 - _n,
        scope=f"library {_n}",
    )
LOGS.span("lone call", trace="lone", at="2026-06-05T12:00:00")

# A conversation over two loads; the gateway's session goes to the conversation that a span names.
for _n, _load in enumerate((FIRST, SECOND, SECOND)):
    LOGS.call(
        f"chatcmpl-conversation-{_n}",
        _load,
        at=f"2026-06-06T12:0{_n}:00",
        prompt=1000 * (_n + 1),
        session_id="a conversation",
    )
for _n in range(2):
    LOGS.call(
        f"chatcmpl-moving-turn-{_n}",
        at=f"2026-06-07T12:0{_n}:00",
        session_id="a session that loses a turn",
    )
for _n in range(2):
    LOGS.span(
        f"moving turn {_n}",
        SECOND,
        trace=f"moving {_n}",
        at=f"2026-06-07T12:0{_n}:00",
        response="chatcmpl-moving-turn-1" if _n else None,
        attributes={"gen_ai.conversation.id": "named by a span"},
    )


def _run(state, name):
    return state.one("fct_agent_runs", trace_id=trace_id(name))


@pytest.mark.parametrize("state", ["second", "rebuilt"])
def test_a_run_over_midnight_and_two_loads_is_one(built, state) -> None:
    run = _run(getattr(built, state), "night")
    assert (run["run_date"], run["run_kind"]) == (date(2026, 6, 1), "agent")
    assert (run["llm_call_count"], run["tool_call_count"], run["retrieval_call_count"]) == (2, 4, 1)
    assert run["first_call_cost_usd"] == PLAIN
    query = getattr(built, state).event("retrieval", "night query")
    assert run["list_cost_usd"] == 2 * PLAIN + query["list_cost_usd"]
    assert (run["same_tool_in_a_row_count"], run["is_looping"]) == (4, True)
    # The gateway's record is the event, of another session.
    event = getattr(built, state).event("litellm", "chatcmpl-night-call-1")
    assert event["trace_key"] != run["trace_key"]


def test_the_run_had_less_before(built) -> None:
    run = _run(built.first, "night")
    assert (run["llm_call_count"], run["tool_call_count"], run["retrieval_call_count"]) == (1, 2, 0)
    assert run["list_cost_usd"] == PLAIN


def test_a_trace_becomes_a_chain_with_its_second_call(built) -> None:
    assert not built.first.rows("fct_agent_runs", trace_id=trace_id("chain"))
    assert _run(built.second, "chain")["list_cost_usd"] == 2 * PLAIN


def test_two_calls_that_are_one_are_no_chain(built) -> None:
    assert _run(built.first, "three levels")["run_kind"] == "chain"
    for name in ("three levels", "lone"):
        assert not built.second.rows("fct_agent_runs", trace_id=trace_id(name))


def _turns(state):
    rows = state.rows("fct_context_growth", turn_month=date(2026, 6, 1))
    return {row["turn_position"]: row for row in rows}


def test_turns_are_placed_over_loads(built) -> None:
    """The conversation of three calls, and that of two which a span names."""
    turns = _turns(built.second)
    assert {place: row["turn_count"] for place, row in turns.items()} == {1: 2, 2: 2, 3: 1}
    # 1,100 of 2,000 tokens, then 2,100 of 3,000, and all 1,000 of the other's second turn.
    assert {place: row["history_tokens"] for place, row in turns.items()} == {
        1: 0,
        2: 2100,
        3: 2100,
    }
    assert turns[3]["history_cost_usd"] == Decimal("0.0042")


def test_a_session_that_lost_a_turn_is_no_conversation(built) -> None:
    """Before, the gateway's session had both; the span names another conversation for one."""
    before = _turns(built.first)
    assert {place: row["turn_count"] for place, row in before.items()} == {1: 1, 2: 1}
    moved = built.event("litellm", "chatcmpl-moving-turn-1")
    stayed = built.event("litellm", "chatcmpl-moving-turn-0")
    assert moved["session_key"] != stayed["session_key"]
