"""Logged names resolve to the model that genai-prices would choose."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chargeback.prices.aliases import Alias, expand_regex, read_aliases, resolve
from chargeback.prices.book import PriceRow
from chargeback.prices.check_names import check_names
from chargeback.prices.package import Reading
from chargeback.prices.tiers import model_tiers
from prices.genai import names_of


def test_names_resolve_as_in_the_package(package: tuple[str, list[Any]], reading: Reading) -> None:
    version, providers = package
    priced = {(row.provider, row.model) for row in reading.rows}
    found = read_aliases(version, providers, priced)
    assert found.skipped == []
    assert found.ambiguous == []
    by_provider: dict[str, list[Alias]] = defaultdict(list)
    for alias in found.aliases:
        by_provider[alias.provider].append(alias)
    package_provider = {provider.id: provider for provider in providers}
    compared = 0
    for alias in found.aliases:
        if alias.source == "price book name":
            continue
        for name in names_of(alias):
            theirs = package_provider[alias.provider].find_model(name, all_providers=providers)
            ours = {a.model for a in resolve(by_provider[alias.provider], alias.provider, name)}
            if theirs is None and "date pattern" in alias.source:
                continue  # one of the two ways to write a date
            assert ours == {theirs.id.lower()}, (alias, name)
            compared += 1
    assert compared > 2500


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "gpt-4o-20240806", "gpt-4o"),
        ("openai", "GPT-4o", "gpt-4o"),
        ("openai", "o3-2025-04-16", "o3"),
        ("openai", "omni-moderation-latest", "omni-moderation"),
        ("openai", "dall-e-3", "dall-e-3"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-5-20261001", "claude-opus-5"),
        ("google", "gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"),
        ("google", "gemini-2.5-pro-tts", "gemini-2.5-pro-tts"),
        ("google", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("azure", "gpt-4o", "gpt-4o"),
        ("cohere", "rerank-v3.5", "rerank-v3.5"),
        (
            "aws",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "aws",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        ("openai", "llama-3.3-70b-house", None),
        ("openai", "claude-sonnet-4-5", None),
    ],
)
def test_a_logged_name(seeds: Path, provider: str, name: str, model: str | None) -> None:
    from chargeback.prices.aliases import read_alias_file

    aliases = read_alias_file(seeds / "model_aliases.csv")
    assert {a.model for a in resolve(aliases, provider, name)} == ({model} - {None})


def test_exact_beats_prefix_beats_suffix_beats_contains_and_long_beats_short() -> None:
    kinds = ("exact", "prefix", "suffix", "contains")
    ranked = [Alias("acme", kind, "large", kind, "test") for kind in kinds]
    for position, alias in enumerate(ranked):
        assert [a.model for a in resolve(ranked[position:], "acme", "large")] == [alias.model]
    longer = Alias("acme", "prefix", "large-2", "second", "test")
    assert resolve([*ranked, longer], "acme", "large-21") == [longer]
    borrowed = Alias("acme", "exact", "large-2", "lent", "test", level=1)
    assert resolve([ranked[3], borrowed], "acme", "large-2") == [ranked[3]]


def test_two_of_the_same_rank_are_both_returned() -> None:
    rivals = [Alias("acme", "contains", p, p, "test") for p in ("lar", "ge-")]
    assert resolve(rivals, "acme", "large-2") == rivals


@pytest.mark.parametrize(
    ("regex", "prefixes"),
    [
        (r"^claude-fable-5-\d{8}$", ["claude-fable-5-20"]),
        (r"^claude-opus-5[-@]\d{8}$", ["claude-opus-5-20", "claude-opus-5@20"]),
        (r"^gpt-5\.6-sol-\d{4}-\d{2}-\d{2}$", ["gpt-5.6-sol-20"]),
        (r"^gemini-4-argon-\d", [f"gemini-4-argon-{digit}" for digit in range(10)]),
        (r"^(gpt|chat)-\d{8}$", []),
        (r"large.*", []),
    ],
)
def test_regular_expressions_become_prefixes_or_nothing(regex: str, prefixes: list[str]) -> None:
    assert expand_regex(regex) == prefixes


def test_model_tiers_follow_the_newest_output_price(row: Any) -> None:
    from datetime import date

    change = date(2026, 1, 1)
    rows: list[PriceRow] = [
        row(component="output", price="10"),
        row(model="cut", component="output", price="10", effective_to=change),
        row(model="cut", component="output", price="3", effective_from=change),
        row(model="mini", component="output", price="2.99"),
        row(model="embed", price=str(Decimal("0.02"))),
        row(model="kept", component="output", price="60"),
        row(model="batch-only", component="output", price="60", service_tier="batch"),
    ]
    tiers = {t[1]: t[2] for t in model_tiers(rows, [("acme", "kept", "small", "curated")])}
    assert tiers == {
        "large": "frontier",
        "cut": "standard",
        "mini": "small",
        "embed": "small",
        "kept": "small",
        "batch-only": "small",
    }


def test_names_that_lead_nowhere_are_found(row: Any, tmp_path: Path) -> None:
    aliases = tmp_path / "model_aliases.csv"
    aliases.write_text(
        "provider,match_type,pattern,model,priority,source\n"
        "acme,exact,large,large,994,test\n"
        "acme,exact,Huge,huge,9,test\n"
        "acme,contains,lar,large,3996,test\n"
        "acme,contains,lar,other,1,test\n"
    )
    providers = tmp_path / "providers.csv"
    providers.write_text("provider_alias,provider\nAcme,acme\nmeca,meca\nmeca,\n")
    tiers = tmp_path / "model_tiers.csv"
    tiers.write_text("provider,model,model_tier,source\nacme,gone,small,curated\n")
    rows = [row(), row(model="other"), row(provider="new")]
    places = {(f.file, f.row, f.column) for f in check_names(rows, aliases, providers, tiers)}
    assert places == {
        ("model_aliases.csv", 3, "pattern"),
        ("model_aliases.csv", 3, "model"),
        ("model_aliases.csv", 3, "priority"),
        ("model_aliases.csv", 4, "pattern"),
        ("model_aliases.csv", 5, "pattern"),
        ("model_aliases.csv", 5, "priority"),
        ("providers.csv", 1, "provider"),
        ("providers.csv", 2, "provider_alias"),
        ("providers.csv", 4, "provider"),
        ("providers.csv", 4, "provider_alias"),
        ("model_tiers.csv", 1, "model"),
        ("model_tiers.csv", 2, "model"),
    }
