"""Design 2 and 3, traces: leaves are billed, agents' totals are not, parts come in any order."""

from __future__ import annotations

from datetime import date

import pytest

from rules.logs import FIRST, SECOND, Logs, span_id, trace_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()


def _plain(label: str, trace: str, load: int = FIRST, **columns) -> None:
    """A span that is no call."""
    LOGS.span(label, load, trace=trace, operation=None, tokens=None, **columns)


# an agent, whose span repeats what its two calls and its tool used
LOGS.span(
    "agent",
    trace="agent run",
    operation="invoke_agent",
    tokens=(2000, 200),
    seconds=9,
    attributes={
        "team": "gamma",
        "gen_ai.aggregated_usage.input_tokens": 2000,
        "gen_ai.agent.name": "helper",
    },
)
for _n in (1, 2):
    LOGS.span(
        f"agent's call {_n}",
        trace="agent run",
        parent="agent",
        at=f"2026-09-01T12:00:0{_n}",
        seconds=0.5,
    )
LOGS.span(
    "agent's tool",
    trace="agent run",
    parent="agent",
    operation="execute_tool",
    model=None,
    tokens=None,
    attributes={"gen_ai.tool.name": "search"},
)
LOGS.span(
    "workflow",
    trace="workflow run",
    operation="invoke_workflow",
    model=None,
    seconds=9,
    tokens=(1000, 100),
)
LOGS.span(
    "agent in workflow",
    trace="workflow run",
    parent="workflow",
    operation="invoke_agent",
    seconds=8,
)
LOGS.span("call in workflow", trace="workflow run", parent="agent in workflow")
_plain("http span", "http", attributes={"http.request.method": "POST"})

# Two calls at the same moment are two calls, if one instrumentation tells both.
for _n in (1, 2):
    LOGS.span(f"parallel {_n}", trace="parallel", parent="parallel root")

# Links that lead nowhere or in circles.
LOGS.span("own parent", trace="own parent", parent="own parent")
for _label, _parent in (("circle a", "circle b"), ("circle b", "circle a")):
    _plain(_label, "circle", parent=_parent, attributes={"team": "beta"})
LOGS.span("call in a circle", trace="circle", parent="circle a")
for _depth in range(60):
    _plain(
        f"depth {_depth}",
        "deep",
        parent=f"depth {_depth - 1}" if _depth else None,
        attributes=None if _depth else {"team": "gamma"},
    )
LOGS.span("deep call", trace="deep", parent="depth 59")

# one call, told by a span inside a span
LOGS.span("outer", trace="nested", seconds=3, tokens=(1000, 101))
LOGS.span("inner", trace="nested", parent="outer", seconds=2, scope="sdk")
for _first, _late in (("outer", "inner"), ("inner", "outer")):
    for _label, _load in ((_first, FIRST), (_late, SECOND)):
        _parent = f"outer, {_first} first" if _label == "inner" else None
        LOGS.span(
            f"{_label}, {_first} first",
            _load,
            trace=f"nested, {_first} first",
            parent=_parent,
            seconds=3 if _label == "outer" else 2,
            scope=_label,
        )

# the parts of a trace in two loads
# trace -> (label of the call, team, method)
LATE: dict[str, tuple[str, str, str]] = {}
for _owner, _call in ((FIRST, SECOND), (SECOND, FIRST)):
    _name = f"owner in load {_owner}"
    _plain(f"root, {_name}", _name, _owner, attributes={"team": "beta", "app.feature": "beta-bot"})
    LOGS.span(f"call, {_name}", _call, trace=_name, parent=f"root, {_name}")
    LATE[_name] = (f"call, {_name}", "beta", "trace_ancestor")

    _name = f"sibling in load {_owner}"
    _plain(f"root, {_name}", _name, FIRST)
    _plain(
        f"sibling, {_name}", _name, _owner, parent=f"root, {_name}", attributes={"team": "gamma"}
    )
    LOGS.span(f"call, {_name}", _call, trace=_name, parent=f"root, {_name}")
    LATE[_name] = (f"call, {_name}", "gamma", "trace_any")

    _name = f"link in load {_owner}"
    _plain(f"root, {_name}", _name, _call, attributes={"team": "alpha"})
    _plain(f"link, {_name}", _name, _owner, parent=f"root, {_name}")
    LOGS.span(f"call, {_name}", _call, trace=_name, parent=f"link, {_name}")
    LATE[_name] = (f"call, {_name}", "alpha", "trace_ancestor")
# A nearer owner arrives later than a farther one.
_name = "nearer owner later"
_plain(f"root, {_name}", _name, FIRST, attributes={"team": "alpha"})
_plain(f"link, {_name}", _name, SECOND, parent=f"root, {_name}", attributes={"team": "beta"})
LOGS.span(f"call, {_name}", FIRST, trace=_name, parent=f"link, {_name}")
LATE[_name] = (f"call, {_name}", "beta", "trace_ancestor")

# Retrievals and gateway calls belong to traces, too.
for _owner, _query in ((FIRST, SECOND), (SECOND, FIRST)):
    _name = f"retrieval, owner in load {_owner}"
    _plain(f"root, {_name}", _name, _owner, attributes={"team": "beta", "app.feature": "beta-bot"})
    LOGS.query(_name, _query, read_units=10, trace_id=trace_id(_name))
    _name = f"chatcmpl-gateway, owner in load {_owner}"
    _plain(f"root, {_name}", _name, _owner, attributes={"team": "beta"})
    LOGS.span(f"call, {_name}", _query, trace=_name, parent=f"root, {_name}", response=_name)
    LOGS.call(_name, FIRST)
# The agent's span arrives after its call.
LOGS.span("early call of an agent", FIRST, trace="late agent", parent="late agent")
LOGS.span(
    "late agent",
    SECOND,
    trace="late agent",
    operation="invoke_agent",
    tokens=(1000, 100),
    seconds=5,
)
# Agents that only tell their totals, until their calls arrive.
for _label, _day in (("leaf agent", "2026-09-01"), ("withdrawn agent", "2026-04-04")):
    LOGS.span(_label, trace=_label, operation="invoke_agent", at=f"{_day}T12:00:00", seconds=9)
LOGS.span(
    "withdrawn agent's call",
    SECOND,
    trace="withdrawn agent",
    parent="withdrawn agent",
    at="2026-04-05T00:00:00",
)
LOGS.span("kept agent", trace="kept agent", operation="invoke_workflow", seconds=9)
LOGS.span(
    "kept agent's tool",
    SECOND,
    trace="kept agent",
    parent="kept agent",
    operation="execute_tool",
    model=None,
    tokens=None,
)
# The gateway knows the response of an agent whose own call comes later.
LOGS.span(
    "agent of the gateway",
    trace="agent of the gateway",
    operation="invoke_agent",
    seconds=9,
    response="chatcmpl-agent-of-the-gateway",
    attributes={"team": "beta"},
)
LOGS.call("chatcmpl-agent-of-the-gateway")
LOGS.span(
    "call of the gateway's agent",
    SECOND,
    trace="agent of the gateway",
    parent="agent of the gateway",
)

# One call told five times, its middle in the second load.
NESTED = [f"level {_n}" for _n in range(5)]
for _n, _label in enumerate(NESTED):
    LOGS.span(
        _label,
        SECOND if _n == 2 else FIRST,
        trace="five levels",
        parent=NESTED[_n - 1] if _n else None,
        seconds=9 - _n,
        scope=_label,
    )

# A chat of one model inside the chat of another.
LOGS.span("chat of one model", trace="two models", seconds=9)
LOGS.span(
    "chat of another model", trace="two models", parent="chat of one model", model="gpt-4.1-mini"
)
LOGS.span("chat by name", trace="snapshots", seconds=9)
LOGS.span(
    "chat by snapshot", trace="snapshots", parent="chat by name", model="openai/gpt-4.1-2025-04-14"
)

# A tool that carries the response id of the chat that asked for it, which tells no counts.
LOGS.span("asking chat", trace="tool", tokens=None, response="chatcmpl-asking-a-tool")
LOGS.span(
    "asked tool",
    trace="tool",
    parent="asking chat",
    operation="execute_tool",
    model=None,
    tokens=None,
    response="chatcmpl-asking-a-tool",
)

# Counts as careless emitters write them: label -> (input, output, reason why they are rejected)
COUNTS: dict[str, tuple[object, object, str | None]] = {
    "texts": ("1000", " 100 ", None),
    "doubles": (1000.0, 100.0, None),
    "exponents": ("1e3", "1.0E+2", None),
    "a fraction": (1234.5, 100, "unreadable tokens"),
    "a truth value": (1000, True, "unreadable tokens"),
    "a word": ("n/a", 100, "unreadable tokens"),
    "a negative": (-1, 100, "negative tokens"),
}
for _label, (_input, _output, _) in COUNTS.items():
    LOGS.span(
        f"counts: {_label}",
        tokens=None,
        attributes={"gen_ai.usage.input_tokens": _input, "gen_ai.usage.output_tokens": _output},
    )

# The owner's span is exported twice.
for _load in (FIRST, SECOND):
    _plain("root exported twice", "twice", _load, attributes={"team": "alpha"})
LOGS.span("first call under it", FIRST, trace="twice", parent="root exported twice")
LOGS.span("second call under it", SECOND, trace="twice", parent="root exported twice")
RETRIEVALS = [f"retrieval, owner in load {load}" for load in (FIRST, SECOND)]
GATEWAY = [f"chatcmpl-gateway, owner in load {load}" for load in (FIRST, SECOND)]


@pytest.mark.parametrize(
    "label", ["agent", "workflow", "agent in workflow", "http span", "late agent"]
)
def test_totals_of_agents_are_not_billed(built, label) -> None:
    [fate] = built.second.fates("otel", span_id(label))
    assert fate.kind == "other"


@pytest.mark.parametrize(
    ("label", "operation"), [("leaf agent", "invoke_agent"), ("kept agent", "invoke_workflow")]
)
def test_an_agent_without_calls_is_billed_by_its_totals(built, label, operation) -> None:
    event = built.event("otel", span_id(label))
    assert (event["operation"], event["action_class"]) == (operation, "agent_step")
    assert event["list_cost_usd"] == PLAIN


def test_an_agent_is_billed_no_more_when_its_call_arrives(built) -> None:
    agent, call = span_id("withdrawn agent"), span_id("withdrawn agent's call")
    assert built.first.event("otel", agent)["list_cost_usd"] == PLAIN
    assert built.first.rows("fct_team_daily_costs", event_date=date(2026, 4, 4))
    [fate] = built.second.fates("otel", agent)
    assert fate.kind == "other"
    assert built.event("otel", call)["list_cost_usd"] == PLAIN
    assert not built.second.rows("fct_team_daily_costs", event_date=date(2026, 4, 4))


def test_what_an_agent_gave_to_a_gateway_call_goes_with_it(built) -> None:
    name = "chatcmpl-agent-of-the-gateway"
    [before] = built.first.fates("otel", span_id("agent of the gateway"))
    assert (before.kind, before.row["source_name"]) == ("duplicate", "litellm")
    assert built.first.event("litellm", name)["team_id"] == "beta"
    [after] = built.second.fates("otel", span_id("agent of the gateway"))
    assert after.kind == "other"
    assert built.event("litellm", name)["team_id"] == "unallocated"


def test_a_call_told_five_times_is_one_event(built) -> None:
    fates = [built.second.fates("otel", span_id(label))[0] for label in NESTED]
    assert [fate.kind for fate in fates] == ["duplicate"] * 4 + ["event"]
    assert len({fate.row["event_id"] for fate in fates}) == 1


@pytest.mark.parametrize("label", ["chat of one model", "chat of another model"])
def test_nested_chats_of_two_models_are_two(built, label) -> None:
    assert built.event("otel", span_id(label))["list_cost_usd"]


def test_a_dated_snapshot_is_the_same_model(built) -> None:
    [outer] = built.second.fates("otel", span_id("chat by name"))
    [inner] = built.second.fates("otel", span_id("chat by snapshot"))
    assert (outer.kind, inner.kind) == ("duplicate", "event")


def test_a_tool_is_no_record_of_the_chat_that_asked_for_it(built) -> None:
    assert built.event("otel", span_id("asking chat"))["operation"] == "chat"
    assert built.event("otel", span_id("asked tool"))["operation"] == "execute_tool"


@pytest.mark.parametrize("label", COUNTS)
def test_a_count_is_read_or_rejected_never_missing(built, label) -> None:
    reason = COUNTS[label][2]
    [fate] = built.second.fates("otel", span_id(f"counts: {label}"))
    if reason:
        assert (fate.kind, fate.row["reject_reason"]) == ("rejected", reason)
    else:
        assert (fate.kind, fate.row["list_cost_usd"]) == ("event", PLAIN)


@pytest.mark.parametrize(
    "label",
    ["agent's call 1", "agent's call 2", "call in workflow", "early call of an agent"],
)
def test_calls_of_agents_are_billed(built, label) -> None:
    event = built.event("otel", span_id(label))
    assert (event["list_cost_usd"], event["action_class"]) == (PLAIN, "agent_step")


def test_calls_of_an_agent_belong_to_its_team(built) -> None:
    event = built.event("otel", span_id("agent's call 1"))
    assert (event["team_id"], event["attribution_method"]) == ("gamma", "trace_ancestor")


def test_a_tool_call_is_an_event_without_money(built) -> None:
    event = built.event("otel", span_id("agent's tool"))
    assert event["action_class"] == "tool_call"
    assert not event["list_cost_usd"]


def test_a_call_outside_an_agent_is_a_chat_call(built) -> None:
    assert built.event("otel", span_id("inner"))["action_class"] == "chat_call"


@pytest.mark.parametrize("suffix", ["", ", outer first", ", inner first"])
def test_nested_spans_of_a_call_are_one_event(built, suffix) -> None:
    """Decision 0006: the inner span, nearer to the provider, is kept."""
    [inner] = built.second.fates("otel", span_id(f"inner{suffix}"))
    [outer] = built.second.fates("otel", span_id(f"outer{suffix}"))
    assert (inner.kind, outer.kind) == ("event", "duplicate")
    assert outer.row["event_id"] == inner.row["event_id"]
    assert inner.row["list_cost_usd"] == PLAIN


@pytest.mark.parametrize("name", LATE)
def test_parts_of_a_trace_may_arrive_in_any_order(built, name) -> None:
    label, team, method = LATE[name]
    event = built.event("otel", span_id(label))
    assert (event["team_id"], event["attribution_method"]) == (team, method)


@pytest.mark.parametrize("load", [FIRST, SECOND])
def test_a_late_root_brings_its_feature(built, load) -> None:
    event = built.event("otel", span_id(f"call, owner in load {load}"))
    assert (event["feature_id"], event["list_cost_usd"]) == ("beta-bot", PLAIN)


@pytest.mark.parametrize("name", RETRIEVALS)
def test_a_retrieval_belongs_to_the_owner_of_its_trace(built, name) -> None:
    event = built.event("retrieval", name)
    assert (event["team_id"], event["attribution_method"]) == ("beta", "trace_any")
    assert event["feature_id"] == "beta-bot"


@pytest.mark.parametrize("name", GATEWAY)
def test_a_gateway_call_belongs_to_the_owner_of_its_trace(built, name) -> None:
    event = built.event("litellm", name)
    assert (event["team_id"], event["attribution_method"]) == ("beta", "trace_ancestor")


def test_the_owner_was_not_known_before_it_arrived(built) -> None:
    event = built.first.event("otel", span_id(f"call, owner in load {SECOND}"))
    assert event["team_id"] == "unallocated"


@pytest.mark.parametrize("label", ["first call under it", "second call under it"])
def test_an_owner_exported_twice_multiplies_nothing(built, label) -> None:
    event = built.event("otel", span_id(label))
    assert (event["team_id"], event["list_cost_usd"]) == ("alpha", PLAIN)


@pytest.mark.parametrize("label", ["parallel 1", "parallel 2"])
def test_parallel_calls_of_one_instrumentation_are_two(built, label) -> None:
    assert built.event("otel", span_id(label))["list_cost_usd"] == PLAIN


@pytest.mark.parametrize("label", ["own parent", "call in a circle", "deep call"])
def test_broken_links_lose_no_call(built, label) -> None:
    assert built.event("otel", span_id(label))["list_cost_usd"] == PLAIN


@pytest.mark.parametrize(("label", "team"), [("call in a circle", "beta"), ("deep call", "gamma")])
def test_broken_links_still_find_the_owner(built, label, team) -> None:
    assert built.event("otel", span_id(label))["team_id"] == team
