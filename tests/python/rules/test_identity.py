"""Design 3, identity: one event a call, whoever recorded it, in whatever order."""

from __future__ import annotations

import pytest

from rules.logs import FIRST, NOON, SECOND, Logs, span_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()

# The gateway and a trace record one call. The trace knows the feature, the gateway the project.
PAIRS = {
    "chatcmpl-gateway-first": (FIRST, SECOND),
    "chatcmpl-traces-first": (SECOND, FIRST),
    "chatcmpl-same-load": (FIRST, FIRST),
    "chatcmpl-both-second": (SECOND, SECOND),
}
for _id, (_gateway, _trace) in PAIRS.items():
    LOGS.call(_id, _gateway, tags=("project:from-gateway",), user=f"user of {_id}")
    LOGS.span(
        f"span of {_id}",
        _trace,
        response=_id,
        tokens=(990, 99),
        attributes={"app.feature": "beta-bot", "environment": "prod", "owner": "ben@acme.example"},
    )

for _load in (FIRST, SECOND):
    _id = f"chatcmpl-conflict-{_load}"
    LOGS.call(_id, _load, tags=("feature:alpha-search", "environment:prod"))
    LOGS.span(
        f"span of {_id}",
        FIRST + SECOND - _load,
        response=_id,
        resource={"team.name": "gamma"},
        attributes={"app.feature": "beta-bot", "environment": "dev"},
    )

# A file that grew: what was there comes again, with one more row.
for _load in (FIRST, SECOND):
    LOGS.call("chatcmpl-exported-twice", _load)
    LOGS.query("query-exported-twice", _load, read_units=10)
    LOGS.span("span exported twice", _load, response="chatcmpl-span-exported-twice")
LOGS.call("chatcmpl-new-in-export", SECOND)
for _ in range(3):
    LOGS.call("chatcmpl-thrice-in-file")

LOGS.call("chatcmpl-retry-attempt-1", metadata={"litellm_call_id": "one call"})
LOGS.call("chatcmpl-retry-attempt-2", metadata={"litellm_call_id": "one call"})

LOGS.span("numbered a", response="chatcmpl-123")
LOGS.span("numbered b", response="chatcmpl-123")

# An SDK and an instrumentation tell the same call as siblings.
for _scope in ("sdk", "instrumentation"):
    LOGS.span(
        f"sibling by {_scope}",
        trace="siblings",
        parent="siblings' parent",
        response="chatcmpl-told-by-two-spans",
        scope=_scope,
    )


@pytest.mark.parametrize("name", PAIRS)
def test_a_call_seen_by_gateway_and_trace_is_one_event(built, name) -> None:
    event = built.event("litellm", name)
    [other] = built.second.fates("otel", span_id(f"span of {name}"))
    assert (other.kind, other.row["event_id"]) == ("duplicate", event["event_id"])


@pytest.mark.parametrize("name", PAIRS)
def test_the_gateway_is_believed_before_traces(built, name) -> None:
    event = built.event("litellm", name)
    assert (event["source_name"], event["input_tokens"]) == ("litellm", 1000)
    assert event["output_tokens"] == 100
    assert event["list_cost_usd"] == PLAIN


@pytest.mark.parametrize("name", PAIRS)
def test_missing_tags_come_from_the_other_record(built, name) -> None:
    event = built.event("litellm", name)
    assert event["feature_id"] == "beta-bot"
    assert event["environment"] == "prod"
    assert event["team_id"] == "beta"
    assert event["attribution_method"] == "feature_tag"
    assert event["trace_key"] is not None
    assert event["user_id"] == f"user of {name}"
    # project, environment, owner, team, feature
    assert event["tag_status"][1:3] == "VV"
    assert event["tag_status"][4] == "V"


def test_an_event_keeps_its_key_when_a_better_record_arrives(built) -> None:
    before = built.first.event("otel", span_id("span of chatcmpl-traces-first"))
    assert (before["source_name"], before["input_tokens"]) == ("otel", 990)
    assert built.event("litellm", "chatcmpl-traces-first")["event_id"] == before["event_id"]


@pytest.mark.parametrize("load", [FIRST, SECOND])
def test_tags_of_the_kept_record_win(built, load) -> None:
    event = built.event("litellm", f"chatcmpl-conflict-{load}")
    assert event["feature_id"] == "alpha-search"
    assert event["environment"] == "prod"


@pytest.mark.parametrize("load", [FIRST, SECOND])
def test_the_missing_team_tag_comes_from_the_other_record(built, load) -> None:
    """The gateway has a feature and no team; the trace's team tag is the stronger rule."""
    event = built.event("litellm", f"chatcmpl-conflict-{load}")
    assert (event["team_id"], event["attribution_method"]) == ("gamma", "team_tag")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("litellm", "chatcmpl-exported-twice"),
        ("retrieval", "query-exported-twice"),
        ("otel", span_id("span exported twice")),
    ],
)
def test_a_second_export_changes_nothing(built, source, name) -> None:
    first, second = built.second.fates(source, name)
    assert (first.kind, second.kind) == ("event", "duplicate")
    assert second.row["event_id"] == first.row["event_id"]
    before = built.first.event(source, name)
    assert before["list_cost_usd"] == first.row["list_cost_usd"]
    assert before["load_id"] == first.row["load_id"]


def test_what_is_new_in_the_second_export_counts(built) -> None:
    assert built.event("litellm", "chatcmpl-new-in-export")["list_cost_usd"] == PLAIN


def test_rows_repeated_in_a_file_are_one_event(built) -> None:
    kinds = [fate.kind for fate in built.second.fates("litellm", "chatcmpl-thrice-in-file")]
    assert sorted(kinds) == ["duplicate", "duplicate", "event"]


def test_retries_have_their_own_ids_and_are_real_cost(built) -> None:
    events = [built.event("litellm", f"chatcmpl-retry-attempt-{n}") for n in (1, 2)]
    assert [event["list_cost_usd"] for event in events] == [PLAIN, PLAIN]
    assert events[0]["event_id"] != events[1]["event_id"]


def test_numbers_of_a_local_server_are_no_response_ids(built) -> None:
    """Decision 0001."""
    events = [built.event("otel", span_id(f"numbered {n}")) for n in "ab"]
    assert events[0]["event_id"] != events[1]["event_id"]


def test_two_spans_of_a_response_are_one_event(built) -> None:
    names = [span_id(f"sibling by {scope}") for scope in ("sdk", "instrumentation")]
    fates = [fate for name in names for fate in built.second.fates("otel", name)]
    assert sorted(fate.kind for fate in fates) == ["duplicate", "event"]
    assert fates[0].row["event_id"] == fates[1].row["event_id"]


def test_event_times_are_kept(built) -> None:
    event = built.event("litellm", "chatcmpl-same-load")
    assert event["event_at"].isoformat() == NOON
    assert event["event_date"].isoformat() == NOON[:10]
