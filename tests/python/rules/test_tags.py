"""Design 4, required tags: missing and invalid ones, in events and in money, by key and user."""

from __future__ import annotations

import pytest

from rules.logs import SECOND, Logs, key_id
from rules.prices import PLAIN

pytestmark = pytest.mark.slow
LOGS = Logs()
ALL = (
    "project:search",
    "environment:prod",
    "owner:ana@acme.example",
    "team:alpha",
    "feature:alpha-search",
)


def _call(name: str, tags: tuple[str, ...], load: int = 1, **columns) -> None:
    LOGS.call(
        f"chatcmpl-tags {name}", load, tags=tags, user="tags " + name.partition(",")[0], **columns
    )


_call("all", ALL)
_call("none", ())
_call("some, bad team", (*ALL[:3], "team:nobody", "feature:alpha-search"))
_call("some, no team", (*ALL[:3], "feature:alpha-search"))
_call("some, good", ALL, SECOND)
_call("bad environment", (ALL[0], "environment:moon", *ALL[2:]))
_call("aliases", (ALL[0], "env:Production", ALL[2], "team:Alpha Squad", "feature:search box"))
_call("bad feature", (*ALL[:4], "feature:not registered"))
_call("unpriced", ALL[:4], model="openai/house-llama-70b")
_call("closed team", (*ALL[:3], "team:retired", ALL[4]), at="2026-06-01T00:00:00")
_call("key one, by key", (), key=key_id("tags one"))

# user -> tag -> (events, missing, invalid)
REQUIRED = ("project", "environment", "owner", "team", "feature")
COUNTS = {
    "tags all": dict.fromkeys(REQUIRED, (1, 0, 0)),
    "tags none": dict.fromkeys(REQUIRED, (1, 1, 0)),
    "tags some": {"team": (3, 1, 1), "feature": (3, 0, 0), "project": (3, 0, 0)},
    "tags bad environment": {"environment": (1, 0, 1), "team": (1, 0, 0)},
    "tags aliases": {"environment": (1, 0, 0), "team": (1, 0, 0), "feature": (1, 0, 0)},
    "tags bad feature": {"feature": (1, 0, 1), "team": (1, 0, 0)},
    "tags closed team": {"team": (1, 0, 1), "feature": (1, 0, 0)},
    "tags unpriced": {"feature": (1, 1, 0), "team": (1, 0, 0)},
}


@pytest.mark.parametrize(
    ("user", "tag"), [(user, tag) for user, tags in COUNTS.items() for tag in tags]
)
def test_tags_are_counted_in_events_and_money(built, user, tag) -> None:
    rows = built.second.rows("fct_tag_coverage", user_id=user, tag=tag)
    counts = ("event_count", "missing_event_count", "invalid_event_count")
    money = ("cost_usd", "missing_cost_usd", "invalid_cost_usd")
    expected = COUNTS[user][tag]
    assert tuple(sum(row[name] for row in rows) for name in counts) == expected
    price = 0 if user == "tags unpriced" else PLAIN
    assert [sum(row[name] for row in rows) for name in money] == [n * price for n in expected]


def test_tags_are_counted_by_key(built) -> None:
    row = built.second.one("fct_tag_coverage", user_id="tags key one", tag="owner")
    assert (row["api_key_id"], row["source_name"]) == (key_id("tags one"), "litellm")
    other = built.second.one("fct_tag_coverage", user_id="tags none", tag="owner")
    assert other["api_key_id"] == "none"


def test_an_environment_has_the_company_s_name(built) -> None:
    event = built.event("litellm", "chatcmpl-tags aliases")
    assert (event["environment"], event["tag_status"]) == ("prod", "VVVVV")


def test_an_unknown_environment_is_invalid(built) -> None:
    event = built.event("litellm", "chatcmpl-tags bad environment")
    assert event["tag_status"] == "VIVVV"
