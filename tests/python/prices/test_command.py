"""The commands, and the shipped seeds."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from chargeback.errors import ChargebackError
from chargeback.prices.book import COMPONENTS, FALLBACKS, UNITS, PriceRow, cards, read_book
from chargeback.prices.command import prices_app
from chargeback.prices.curated import read_curated
from chargeback.prices.refresh import SeedPaths, refresh
from chargeback.prices.unpriced import unpriced_models
from chargeback.warehouse import Warehouse
from prices.lookup import prices_at

TODAY = date(2026, 11, 21)
FILES = ("price_book.csv", "model_aliases.csv", "model_tiers.csv")


@pytest.fixture
def folder(seeds: Path, tmp_path: Path) -> Path:
    """A copy of the shipped seeds."""
    shutil.copytree(seeds, tmp_path / "seeds")
    return tmp_path / "seeds"


def run(*words: str) -> Any:
    return CliRunner().invoke(prices_app, list(words))


def test_the_shipped_seeds_have_no_findings(seeds: Path) -> None:
    result = run("check", "--seeds", str(seeds))
    assert result.exit_code == 0, result.output
    assert "no findings" in result.output


def test_check_names_file_row_and_column(folder: Path) -> None:
    book = folder / "price_book.csv"
    lines = book.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("openai,gpt-4o,,batch,output,"))
    lines[at] = lines[at].replace(",5,USD,", ",5000,USD,")
    book.write_text("\n".join(lines) + "\n")
    result = run("check", "--seeds", str(folder))
    assert result.exit_code == 1
    place = f"price_book.csv row {at + 1}, column price: openai/gpt-4o batch output: "
    assert place + "4000 times the input price 1.25: wrong unit?" in result.output


def test_check_of_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    result = run("check", "--seeds", str(tmp_path))
    assert isinstance(result.exception, ChargebackError)
    assert "run chargeback prices refresh" in str(result.exception)


def test_a_bad_day_is_refused(folder: Path) -> None:
    result = run("refresh", "--seeds", str(folder), "--date", "tomorrow")
    assert "write a day like 2026-01-31" in str(result.exception)


def test_refresh_gives_the_shipped_seeds(
    package: tuple[str, list[Any]],
    price_map: tuple[str, dict[str, Any]],
    seeds: Path,
    tmp_path: Path,
) -> None:
    text = (seeds / "price_book.csv").read_text()
    for name, installed in (("genai-prices", package[0]), ("LiteLLM", price_map[0])):
        versions = sorted(set(re.findall(rf"\b{name} ([\d.]+\d)", text)))
        if installed not in versions:
            reason = f"{name} {installed} is installed, the seeds are of {', '.join(versions)}"
            if os.environ.get("CI"):
                pytest.fail(f"{reason}: pin that, or run chargeback prices refresh")
            pytest.skip(reason)
    refresh(SeedPaths(tmp_path), TODAY, package=package, price_map=price_map)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (seeds / name).read_bytes(), name


def test_refresh_is_the_same_twice_and_in_any_order(
    package: tuple[str, list[Any]], price_map: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    version, providers = package
    litellm, entries = price_map
    backwards = dict(reversed(entries.items()))
    for name, listed, mapped in (
        ("one", providers, entries),
        ("two", list(reversed(providers)), backwards),
    ):
        paths = SeedPaths(tmp_path / name)
        for _ in range(2):
            refresh(paths, TODAY, package=(version, listed), price_map=(litellm, mapped))
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_refresh_of_the_shipped_seeds_changes_nothing(
    package: tuple[str, list[Any]], price_map: tuple[str, dict[str, Any]], folder: Path, seeds: Path
) -> None:
    later = date(2027, 3, 1)
    result = refresh(SeedPaths(folder), later, package=package, price_map=price_map)
    assert (result.merged.new, result.merged.changed, result.merged.disputed) == ([], [], [])
    for name in FILES:
        assert (folder / name).read_bytes() == (seeds / name).read_bytes(), name


def test_a_dry_run_reports_and_writes_nothing(
    package: tuple[str, list[Any]], price_map: tuple[str, dict[str, Any]], folder: Path
) -> None:
    book = folder / "price_book.csv"
    text = book.read_text().replace(
        "openai,gpt-4o,,standard,output,per_million_tokens,10,",
        "openai,gpt-4o,,standard,output,per_million_tokens,12,",
    )
    book.write_text(text)
    result = run("refresh", "--seeds", str(folder), "--dry-run", "--date", "2026-12-01")
    assert result.exit_code == 0, result.output
    assert "changed: openai/gpt-4o standard" in result.output
    assert "past differs: openai/gpt-4o standard" in result.output
    assert book.read_text() == text
    assert all(len(line) < 80 for line in result.output.splitlines())

    written = run(
        "refresh", "--seeds", str(folder), "--dry-run", "--date", "2026-12-01", "--format", "json"
    )
    data = json.loads(written.output)
    card = {"provider": "openai", "model": "gpt-4o", "region": "", "service_tier": "standard"}
    assert card in data["changed"]
    assert data["written"] is False
    assert {"provider", "model", "component", "ours", "theirs"} < set(data["disagreements"][0])

    run("refresh", "--seeds", str(folder), "--date", "2026-12-01")
    prices = [
        (str(r.effective_from), str(r.effective_to), r.price)
        for r in read_book(book)
        if r.card == ("openai", "gpt-4o", "", "standard") and r.component == "output"
    ]
    assert prices == [("1970-01-01", "2026-12-01", 12), ("2026-12-01", "None", 10)]


def test_without_the_package_refresh_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "genai_prices.data", None)
    result = run("refresh", "--seeds", str(folder))
    assert "pip install genai-prices" in str(result.exception)


def test_every_component_has_a_known_unit_and_fallback() -> None:
    assert set(COMPONENTS.values()) == set(UNITS)
    for component, chain in FALLBACKS.items():
        assert {component, *chain} <= set(COMPONENTS)
        assert {COMPONENTS[component]} == {COMPONENTS[name] for name in chain}


def test_docs_seeds_and_models_know_the_same_components(seeds: Path) -> None:
    project = seeds.parents[1]
    text = (project / "docs" / "reference" / "prices.md").read_text()
    units = dict(re.findall(r"^\| `(\w+)` \| (per_\w+) \|", text, flags=re.MULTILINE))
    assert units == COMPONENTS
    macro = (project / "macros" / "rating" / "price_components.sql").read_text()
    rows = re.findall(r"\['(\w+)', (?:'\w+'|none), '\w+',\s*\[(.*?)\]", macro)
    parents = {name: tuple(re.findall(r"\w+", chain)) for name, chain in rows}
    assert parents == {name: FALLBACKS.get(name, ()) for name in COMPONENTS}


def test_the_book_stays_small(seeds: Path) -> None:
    assert len(read_book(seeds / "price_book.csv")) < 40_000


def test_curated_rows_say_so(seeds: Path) -> None:
    rows = read_book(seeds / "price_book.csv")
    curated = [row for row in rows if row.source.startswith("curated: ")]
    assert len(curated) == len(read_curated())
    kinds = Counter(row.component for row in curated)
    assert kinds["search_unit"] and kinds["read_unit"] and kinds["generated_image"]
    rerank = [r for r in rows if (r.provider, r.model) == ("cohere", "rerank-v3.5")]
    assert [(r.component, r.unit, r.price) for r in rerank] == [
        ("search_unit", "per_thousand_units", Decimal(2))
    ]


def test_a_curated_row_without_its_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "provider,model,component,price,effective_from,source,source_date\n"
        "acme,rank,search_unit,2,,somebody said so,2026-01-01\n"
    )
    with pytest.raises(ChargebackError, match=r"prices\.csv row 2, column source"):
        read_curated(path)


class _Memory:
    """A project whose warehouse is in memory."""

    raw_schema = "raw"
    schema = "chargeback"


def test_models_in_use_without_a_price(seeds: Path) -> None:
    connection = duckdb.connect()
    warehouse = Warehouse("duckdb", connection, _Memory())  # type: ignore[arg-type]
    rows = read_book(seeds / "price_book.csv")
    with pytest.raises(ChargebackError, match=r"run \./scripts/build first"):
        unpriced_models(warehouse, rows)
    connection.execute("create schema chargeback")
    connection.execute(
        "create table chargeback.fct_usage_events as select * from (values "
        "('openai', 'gpt-4o-ultra', 'unpriced', 10, 5), "
        "('openai', 'gpt-4o-ultra', 'unpriced', 1, null), "
        "('openai', 'gpt-4o', 'priced', 10, 5), ('house', 'llama', 'unpriced', 7, 0)"
        ") as t(provider, model_id, pricing_status, input_tokens, output_tokens)"
    )
    found = unpriced_models(warehouse, rows)
    assert [(m.provider, m.model, m.event_count, m.tokens, m.token_share) for m in found] == [
        ("openai", "gpt-4o-ultra", 2, 16, Decimal(16) / 38),
        ("house", "llama", 1, 7, Decimal(7) / 38),
    ]
    assert any(name.startswith("openai/gpt-4o") for name in found[0].nearest)


def test_every_card_has_one_price_at_any_moment(seeds: Path) -> None:
    """Thresholds, weekdays and windows of the shipped book leave no hole and no double."""
    for periods in cards(read_book(seeds / "price_book.csv")).values():
        for period in periods:
            last = period.effective_to or date(2100, 1, 1)
            days = {
                str(day.isoweekday()): day
                for day in (
                    datetime.combine(period.effective_from, time()) + timedelta(days=n)
                    for n in range(7)
                )
                if day.date() < last
            }
            components = {row.component for row in period.rows}
            clocks = {row.daily_from or "00:00" for row in period.rows}
            tokens = {row.min_input_tokens + n for row in period.rows for n in (0, 1)}
            for day, clock, total in product(days.values(), clocks, tokens):
                at = day.replace(hour=int(clock[:2]), minute=int(clock[3:]))
                assert set(prices_at(period.rows, at, total)) == components
            cells = Counter((row.component, row.cell) for row in period.rows)
            assert max(cells.values()) == 1


def test_deepseeks_weekend_is_off_peak(seeds: Path) -> None:
    """Peak is Monday to Friday since 2026-08-23, every day in the week before, never earlier."""
    rows = read_book(seeds / "price_book.csv")
    card = [row for row in rows if row.card == ("deepseek", "deepseek-v4-pro", "", "standard")]
    prices = {
        at: prices_at(card, datetime.fromisoformat(at), 1000)["output"].price
        for at in (
            "2026-08-16T02:00",
            "2026-08-22T02:00",
            "2026-08-23T02:00",
            "2026-08-24T02:00",
            "2026-08-24T12:00",
        )
    }
    assert [str(price) for price in prices.values()] == ["0.87", "3.96", "1.98", "3.96", "1.98"]


def test_regions_cost_otherwise_and_stay_out_of_the_way(seeds: Path) -> None:
    rows = read_book(seeds / "price_book.csv")
    regions = [row for row in rows if row.region]
    assert {row.provider for row in regions} == {"anthropic", "aws", "azure"}
    everywhere = {row.card[:2] for row in rows if not row.region}
    assert {row.card[:2] for row in regions} <= everywhere
    us = {row.service_tier: row.price for row in regions if _is(row, "claude-opus-5-5", "output")}
    base = {
        row.service_tier: row.price for row in rows if _is(row, "claude-opus-5-5", "output", "")
    }
    assert us == {tier: price * Decimal("1.1") for tier, price in base.items()}


def _is(row: PriceRow, model: str, component: str, region: str = "us") -> bool:
    return (row.provider, row.model, row.component, row.region) == (
        "anthropic",
        model,
        component,
        region,
    )


def test_groq_bills_ten_seconds_at_least(seeds: Path) -> None:
    rows = read_book(seeds / "price_book.csv")
    least = {(r.provider, r.model): r.min_quantity for r in rows if r.min_quantity is not None}
    assert least == {
        ("groq", "whisper-large-v3"): 10,
        ("groq", "whisper-large-v3-turbo"): 10,
    }
