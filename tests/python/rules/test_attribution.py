"""Design 4: the order of the rules, look-ups as of the event's time, one owner."""

from __future__ import annotations

import pytest

from rules.logs import SECOND, Logs, key_id, span_id, trace_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()
ALWAYS = "2020-01-01"
# test_conservation leaves this day out.
LATE_DIRECTORY_DAY = "2026-03-03"
CHANGE = "2026-06-15T12:00:00"
BEFORE = "2026-06-15T11:59:59.999"

for _team in ("alpha", "beta", "gamma"):
    LOGS.key_owner(key_id(_team), _team, ALWAYS)
    LOGS.member(f"user-of-{_team}", _team, ALWAYS)
LOGS.key_owner(key_id("moves"), "alpha", ALWAYS, CHANGE)
LOGS.key_owner(key_id("moves"), "beta", CHANGE)
LOGS.key_owner(key_id("starts"), "alpha", CHANGE)
LOGS.key_owner(key_id("ends"), "alpha", ALWAYS, CHANGE)
LOGS.member("user-moves", "alpha", ALWAYS, CHANGE)
LOGS.member("user-moves", "beta", CHANGE)
LOGS.member("user-starts", "alpha", CHANGE)
LOGS.member("user-ends", "alpha", ALWAYS, CHANGE)
LOGS.member("user-aliased", "B-Team", ALWAYS)
# Two months in another team, and home again.
AWAY = "2026-02-01"
BACK = "2026-04-01"
for _who, _team, _range in (
    ("visits", "alpha", (ALWAYS,)),
    ("visits", "beta", (AWAY, BACK)),
):
    LOGS.key_owner(key_id(_who), _team, *_range)
    LOGS.member(f"user-{_who}", _team, *_range)
# The directory contradicts itself: still one owner.
LOGS.key_owner(key_id("twice"), "alpha", ALWAYS)
LOGS.key_owner(key_id("twice"), "beta", ALWAYS)
LOGS.member("user-twice", "alpha", ALWAYS)
LOGS.member("user-twice", "beta", ALWAYS)
# What the gateway itself knows.
LOGS.add(1, "litellm/teams", {"team_id": "gw-beta", "team_alias": "Beta", "metadata": {}})
LOGS.add(1, "litellm/keys", {"token": key_id("gw"), "team_id": "gw-beta", "metadata": {}})

# name -> (id of the gateway's row, team, method)
CALLS: dict[str, tuple[str, str, str]] = {}


def _call(name: str, team: str, method: str, **columns) -> None:
    CALLS[name] = (LOGS.call(f"chatcmpl-owner {name}", **columns), team, method)


_EVERYTHING = {"key": key_id("beta"), "user": "user-of-gamma"}
_call(
    "1 team tag before all",
    "alpha",
    "team_tag",
    tags=("feature:gamma-mail", "team:alpha"),
    **_EVERYTHING,
)
_call(
    "2 feature before key",
    "alpha",
    "feature_tag",
    tags=("feature:alpha-search",),
    **_EVERYTHING,
)
_call("3 key before user", "beta", "api_key", **_EVERYTHING)
_call("4 user", "gamma", "user", user="user-of-gamma")
_call(
    "4 user before tooling", "gamma", "user", user="user-of-gamma", key="litellm_proxy_master_key"
)
_call("5 tooling", "platform", "internal_tooling", key="litellm_proxy_master_key")
_call("7 nothing", "unallocated", "none")
_call("7 nobody knows them", "unallocated", "none", user="a stranger", key=key_id("stranger"))

_call("alias", "alpha", "team_tag", tags=("team:Alpha Squad",))
_call("alias, case and spaces", "alpha", "team_tag", tags=("team:  ALPHA SQUAD ",))
_call("id, case and spaces", "beta", "team_tag", tags=("team: BETA ",))
_call("feature alias", "alpha", "feature_tag", tags=("feature:SEARCH box",))
_call("team in metadata", "gamma", "team_tag", metadata={"spend_logs_metadata": {"team": "gamma"}})
_call(
    "feature in metadata",
    "gamma",
    "feature_tag",
    metadata={"spend_logs_metadata": {"feature": "gamma-mail"}},
)
_call("user of an aliased team", "beta", "user", user="user-aliased")

_call(
    "unknown team tag, feature",
    "alpha",
    "feature_tag",
    tags=("team:nobody", "feature:alpha-search"),
)
_call("unknown team tag", "unallocated", "none", tags=("team:nobody",))
_call("unallocated is no tag", "beta", "api_key", tags=("team:unallocated",), key=key_id("beta"))
_call("empty team tag", "beta", "api_key", tags=("team:", "feature: "), key=key_id("beta"))
_call("unknown feature, key", "beta", "api_key", tags=("feature:Brand New",), key=key_id("beta"))
_call("unknown key, user", "gamma", "user", key=key_id("stranger"), user="user-of-gamma")

_call("directory before gateway", "alpha", "api_key", key=key_id("alpha"), team_id="gw-beta")
_call("gateway's team of the call", "beta", "api_key", key=key_id("unlisted"), team_id="gw-beta")
_call("gateway's key", "beta", "api_key", key=key_id("gw"))

_call("a valid and an unknown team tag", "beta", "team_tag", tags=("team:nobody", "team:beta"))
_call(
    "an unknown team in metadata, a valid team tag",
    "beta",
    "team_tag",
    metadata={"spend_logs_metadata": {"team": "nobody"}},
    tags=("x", "Team: B-Team"),
)
_call("three team tags", "unallocated", "none", tags=("team:nobody", "team:noone", "team:beta"))

for _kind, _method in (("key", "api_key"), ("user", "user")):
    for _who, _at, _team in (
        ("moves", BEFORE, "alpha"),
        ("moves", CHANGE, "beta"),
        ("starts", BEFORE, None),
        ("starts", CHANGE, "alpha"),
        ("ends", BEFORE, "alpha"),
        ("ends", CHANGE, None),
        ("visits", "2026-01-31T23:59:59.999", "alpha"),
        ("visits", f"{AWAY}T00:00:00", "beta"),
        ("visits", "2026-03-31T23:59:59.999", "beta"),
        ("visits", f"{BACK}T00:00:00", "alpha"),
    ):
        _identity = key_id(_who) if _kind == "key" else f"user-{_who}"
        _call(
            f"{_kind} {_who} at {_at}",
            _team or "unallocated",
            _method if _team else "none",
            at=_at,
            **{_kind: _identity},
        )
_call("ended key, user", "gamma", "user", key=key_id("ends"), user="user-of-gamma", at=CHANGE)
_call(
    "team that still exists",
    "retired",
    "team_tag",
    tags=("team:retired",),
    at="2026-05-31T23:59:59.999",
)
_call(
    "team that ended",
    "beta",
    "api_key",
    tags=("team:retired",),
    key=key_id("beta"),
    at="2026-06-01T00:00:00",
)
# Whatever leads to a team that is closed leads nowhere: the next rule decides.
_BEFORE_THE_END = {"at": "2026-05-31T23:59:59.999"}
_AT_THE_END = {"at": "2026-06-01T00:00:00"}
LOGS.key_owner(key_id("of retired"), "retired", ALWAYS)
LOGS.member("user-of-retired", "retired", ALWAYS)
LOGS.add(1, "litellm/teams", {"team_id": "gw-retired", "team_alias": "Retired", "metadata": {}})
for _name, _method, _columns in (
    ("tag", "team_tag", {"tags": ("team:retired",)}),
    ("feature", "feature_tag", {"tags": ("feature:retired-tool",)}),
    ("key", "api_key", {"key": key_id("of retired")}),
    ("gateway's team", "api_key", {"team_id": "gw-retired"}),
    ("user", "user", {"user": "user-of-retired"}),
):
    _call(f"{_name}, open team", "retired", _method, **_columns, **_BEFORE_THE_END)
    _call(f"{_name}, closed team", "unallocated", "none", **_columns, **_AT_THE_END)
_call(
    "key of a closed team, user",
    "gamma",
    "user",
    key=key_id("of retired"),
    user="user-of-gamma",
    **_AT_THE_END,
)
_call("team not open yet", "unallocated", "none", tags=("team:alpha",), at="2019-12-31T23:59:59")
_call("late row, as of its time", "alpha", "api_key", key=key_id("moves"), at=BEFORE, load=SECOND)

# The directory comes, or is mended, after the calls. They have a day of their own.
_DAY = {"at": f"{LATE_DIRECTORY_DAY}T12:00:00"}
LATE_OWNERS = {
    "late key": LOGS.call("chatcmpl-late-key", key=key_id("late"), **_DAY),
    "late user": LOGS.call("chatcmpl-late-user", user="user-late", **_DAY),
    "late team of the gateway": LOGS.call("chatcmpl-late-gateway-team", team_id="gw-late", **_DAY),
    "mended key": LOGS.call("chatcmpl-mended-key", key=key_id("mended"), **_DAY),
}
LOGS.add(SECOND, "litellm/teams", {"team_id": "gw-late", "team_alias": "beta", "metadata": {}})
_BETA = {"team_id": "beta", "valid_from": ALWAYS}
LOGS.add(SECOND, "directory/users", {"user_id": "user-late", **_BETA})
LOGS.add(SECOND, "directory/api_keys", {"api_key": key_id("late"), **_BETA})
LOGS.key_owner(key_id("mended"), "alpha", ALWAYS)
LOGS.add(
    SECOND,
    "directory/api_keys",
    {
        "api_key": key_id("mended"),
        "team_id": "alpha",
        "valid_from": ALWAYS,
        "valid_to": "2025-01-01",
    },
)
LOGS.add(
    SECOND,
    "directory/api_keys",
    {"api_key": key_id("mended"), "team_id": "beta", "valid_from": "2025-01-01"},
)

ONE_OWNER = {
    "two team tags": LOGS.call("chatcmpl-two-team-tags", tags=("team:alpha", "team:beta")),
    "key listed twice": LOGS.call("chatcmpl-key-listed-twice", key=key_id("twice")),
    "user listed twice": LOGS.call("chatcmpl-user-listed-twice", user="user-twice"),
}
LOGS.call(
    "chatcmpl-many-tags-once",
    tags=("User-Agent: python", "User-Agent: python/3", "team:alpha", "x", "y:z", "feature:a:b"),
)

SPANS: dict[str, tuple[str, str, str]] = {}


def _span(name: str, team: str, method: str, **columns) -> None:
    SPANS[name] = (LOGS.span(name, **columns), team, method)


def _plain(label: str, trace: str, **columns) -> None:
    """A span that is no call."""
    LOGS.span(label, trace=trace, operation=None, tokens=None, **columns)


_span("team on the resource", "beta", "team_tag", resource={"team.name": "b-team"})
_span("feature on the span", "alpha", "feature_tag", attributes={"app.feature": "alpha-search"})
_span("user on the span", "gamma", "user", attributes={"user.id": "user-of-gamma"})
_span("tooling", "platform", "internal_tooling", resource={"service.name": "llm-gateway"})
_span("span of nobody", "unallocated", "none")

_plain("root of nearest", "nearest", attributes={"team": "alpha"})
_plain("middle of nearest", "nearest", parent="root of nearest", attributes={"team": "beta"})
_plain("below of nearest", "nearest", parent="middle of nearest")
_span("nearest ancestor", "beta", "trace_ancestor", trace="nearest", parent="below of nearest")

_plain("root with a feature", "feature root", attributes={"app.feature": "gamma-mail"})
_span(
    "feature of an ancestor",
    "gamma",
    "trace_ancestor",
    trace="feature root",
    parent="root with a feature",
)
_plain("root with a user", "user root", attributes={"user.id": "user-of-alpha"})
_span(
    "user of an ancestor", "alpha", "trace_ancestor", trace="user root", parent="root with a user"
)
_plain("root of unknown team", "unknown root", attributes={"team": "beta"})
_plain(
    "middle of unknown team",
    "unknown root",
    parent="root of unknown team",
    attributes={"team": "nobody"},
)
_span(
    "past an unknown team",
    "beta",
    "trace_ancestor",
    trace="unknown root",
    parent="middle of unknown team",
)
_span(
    "own tag before ancestor",
    "gamma",
    "team_tag",
    trace="nearest",
    parent="below of nearest",
    attributes={"team": "gamma"},
)
_span(
    "tooling before ancestor",
    "platform",
    "internal_tooling",
    trace="nearest",
    parent="below of nearest",
    resource={"service.name": "litellm-proxy"},
)

_span(
    "environment on the resource",
    "unallocated",
    "none",
    resource={"deployment.environment.name": "production"},
)
_span("eval span", "unallocated", "none", attributes={"purpose": "Eval "})
# An ancestor is rule 6, so the call's own user (4) and a nearer ancestor's team come first.
_span(
    "own user before an ancestor's feature",
    "gamma",
    "user",
    trace="feature root",
    parent="root with a feature",
    attributes={"user.id": "user-of-gamma"},
)
_span(
    "own user before a feature above",
    "beta",
    "user",
    trace="feature root",
    parent="root with a feature",
    attributes={"user.id": "user-of-beta"},
)
_span(
    "tooling before a user above",
    "platform",
    "internal_tooling",
    trace="user root",
    parent="root with a user",
    resource={"service.name": "llm-gateway"},
)
_plain(
    "team below a feature",
    "feature root",
    parent="root with a feature",
    attributes={"team": "beta"},
)
_span(
    "nearer team, farther feature",
    "beta",
    "trace_ancestor",
    trace="feature root",
    parent="team below a feature",
)
_plain(
    "feature below a team",
    "nearest",
    parent="root of nearest",
    attributes={"app.feature": "gamma-mail"},
)
_span(
    "nearer feature, farther team",
    "gamma",
    "trace_ancestor",
    trace="nearest",
    parent="feature below a team",
)
_plain(
    "user below a team",
    "nearest",
    parent="root of nearest",
    attributes={"user.id": "user-of-gamma"},
)
_span(
    "nearer user, farther team",
    "gamma",
    "trace_ancestor",
    trace="nearest",
    parent="user below a team",
)
# Unknown teams whose names sort before and after the known one.
for _unknown in ("aa-nobody", "zz-nobody"):
    _plain(f"root above {_unknown}", f"above {_unknown}", attributes={"team": "beta"})
    _plain(
        f"span of {_unknown}",
        f"above {_unknown}",
        parent=f"root above {_unknown}",
        attributes={"team": _unknown},
    )
    _span(
        f"past {_unknown}",
        "beta",
        "trace_ancestor",
        trace=f"above {_unknown}",
        parent=f"span of {_unknown}",
    )
    _plain(f"root beside {_unknown}", f"beside {_unknown}")
    for _sibling in ("gamma", _unknown):
        _plain(
            f"sibling of {_sibling} beside {_unknown}",
            f"beside {_unknown}",
            parent=f"root beside {_unknown}",
            attributes={"team": _sibling},
        )
    _span(
        f"beside {_unknown}",
        "gamma",
        "trace_any",
        trace=f"beside {_unknown}",
        parent=f"root beside {_unknown}",
    )
# Siblings with an owner, but no team tag.
_plain("root of a feature beside", "feature beside")
_plain(
    "feature beside",
    "feature beside",
    parent="root of a feature beside",
    attributes={"app.feature": "alpha-search"},
)
_span(
    "any span's feature",
    "alpha",
    "trace_any",
    trace="feature beside",
    parent="root of a feature beside",
)
_plain("root of a user beside", "user beside")
_plain(
    "user beside",
    "user beside",
    parent="root of a user beside",
    attributes={"user.id": "user-of-beta"},
)
_span("any span's user", "beta", "trace_any", trace="user beside", parent="root of a user beside")

_plain("root of any", "any")
_plain("sibling with a team", "any", parent="root of any", attributes={"team": "gamma"})
_span("any span", "gamma", "trace_any", trace="any", parent="root of any")
_plain("orphan's trace", "orphans", attributes={"team": "beta"})
_span("orphan", "beta", "trace_any", trace="orphans", parent="a span that never came")

_TRACED = {"trace_id": trace_id("any")}
LOGS.query("query by trace", read_units=10, **_TRACED)
LOGS.query("query by tag", read_units=10, tags=["team:alpha"], **_TRACED)
LOGS.query("query by second tag", read_units=10, tags=["team:nobody", "team:alpha"])
LOGS.query("query by tag, bad column", read_units=10, team="nobody", tags=["team:alpha"])
LOGS.query("query by column", read_units=10, team="beta", tags=["team:alpha"])


@pytest.mark.parametrize("name", CALLS)
def test_owner_of_a_gateway_call(built, name) -> None:
    request_id, team, method = CALLS[name]
    event = built.event("litellm", request_id)
    assert (event["team_id"], event["attribution_method"]) == (team, method)


@pytest.mark.parametrize("name", SPANS)
def test_owner_of_a_span(built, name) -> None:
    span, team, method = SPANS[name]
    event = built.event("otel", span)
    assert (event["team_id"], event["attribution_method"]) == (team, method)


@pytest.mark.parametrize(
    ("name", "team", "method"),
    [
        ("query by trace", "gamma", "trace_any"),
        ("query by tag", "alpha", "team_tag"),
        ("query by second tag", "alpha", "team_tag"),
        ("query by tag, bad column", "alpha", "team_tag"),
        ("query by column", "beta", "team_tag"),
    ],
)
def test_owner_of_a_retrieval(built, name, team, method) -> None:
    event = built.event("retrieval", name)
    assert (event["team_id"], event["attribution_method"]) == (team, method)


@pytest.mark.parametrize("name", ONE_OWNER)
def test_a_contradiction_still_gives_one_owner(built, name) -> None:
    event = built.event("litellm", ONE_OWNER[name])
    assert event["team_id"] in {"alpha", "beta"}
    assert event["list_cost_usd"] == PLAIN


def test_tags_do_not_multiply_money(built) -> None:
    event = built.event("litellm", "chatcmpl-many-tags-once")
    assert (event["team_id"], event["list_cost_usd"]) == ("alpha", PLAIN)


def test_the_feature_is_inherited_from_the_root(built) -> None:
    assert built.event("otel", span_id("feature of an ancestor"))["feature_id"] == "gamma-mail"


def test_a_registered_feature_brings_its_project(built) -> None:
    event = built.event("litellm", CALLS["2 feature before key"][0])
    assert (event["feature_id"], event["project"]) == ("alpha-search", "search")


def test_an_unregistered_feature_keeps_its_name(built) -> None:
    """Decision 0008."""
    event = built.event("litellm", CALLS["unknown feature, key"][0])
    assert event["feature_id"] == "brand new"
    feature = built.second.one("dim_features", feature_id="brand new")
    assert (feature["is_registered"], feature["team_id"]) == (False, None)


def test_no_feature_is_unknown(built) -> None:
    assert built.event("litellm", CALLS["4 user"][0])["feature_id"] == "unknown"


def test_unallocated_is_a_visible_team(built) -> None:
    assert built.second.one("dim_teams", team_id="unallocated")
    rows = built.second.rows("fct_team_daily_costs", team_id="unallocated")
    assert sum(row["list_cost_usd"] for row in rows) > 0
    # Or a rule of the company says so (test_ownership_rules).
    assert {row["attribution_method"] for row in rows} == {"none", "rule"}


def test_every_owner_is_a_team(built) -> None:
    teams = {row["team_id"] for row in built.second.marts["dim_teams"]}
    assert {row["team_id"] for row in built.second.marts["fct_usage_events"]} <= teams


def test_the_environment_of_a_resource_is_its_spans(built) -> None:
    assert built.event("otel", span_id("environment on the resource"))["environment"] == "prod"


def test_the_purpose_of_a_span_makes_it_an_eval(built) -> None:
    assert built.event("otel", span_id("eval span"))["action_class"] == "eval_run"


@pytest.mark.parametrize("name", LATE_OWNERS)
def test_an_owner_told_late_is_found_by_a_full_refresh(built, name) -> None:
    assert built.rebuilt.event("litellm", LATE_OWNERS[name])["team_id"] == "beta"
