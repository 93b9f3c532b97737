"""Refreshes the seeds of prices: reads, merges with history, writes, and says what changed.

The order: genai-prices; curated rate cards replace its own; rules it cannot say (peak hours,
least quantities); LiteLLM's map completes; and what comes of it is merged with the old book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chargeback.prices.aliases import (
    Alias,
    AliasReading,
    read_alias_file,
    read_aliases,
    write_alias_file,
)
from chargeback.prices.allowances import Allowance, missing_allowances, read_allowances
from chargeback.prices.book import PriceRow, read_book, sort_rows, write_book
from chargeback.prices.complete import Completion, complete
from chargeback.prices.curated import (
    ALIASES,
    MINIMUMS,
    OFF_PEAK,
    PRICES,
    TIERS,
    read_curated,
    read_minimums,
    with_minimums,
)
from chargeback.prices.litellm_map import MapReading, load_map, read_map
from chargeback.prices.merge import Merge, merge
from chargeback.prices.off_peak import OffPeakRule, read_off_peak, with_off_peak
from chargeback.prices.package import Reading, load_package, read_package
from chargeback.prices.tiers import model_tiers, read_tiers, write_tiers


@dataclass(frozen=True)
class SeedPaths:
    """Where the seeds of prices are."""

    folder: Path

    @property
    def price_book(self) -> Path:
        return self.folder / "price_book.csv"

    @property
    def aliases(self) -> Path:
        return self.folder / "model_aliases.csv"

    @property
    def allowances(self) -> Path:
        return self.folder / "free_allowances.csv"

    @property
    def providers(self) -> Path:
        return self.folder / "providers.csv"

    @property
    def tiers(self) -> Path:
        return self.folder / "model_tiers.csv"


@dataclass(frozen=True)
class Refresh:
    """What a refresh read and did."""

    reading: Reading
    map_reading: MapReading
    completion: Completion
    merged: Merge
    aliases: AliasReading
    rows_before: int
    rows_after: int
    curated_won: list[str]
    allowances: list[str]


def refresh(
    paths: SeedPaths,
    refreshed_on: date,
    rewrite: list[str] | None = None,
    dry_run: bool = False,
    package: tuple[str, list[Any]] | None = None,
    price_map: tuple[str, dict[str, Any]] | None = None,
) -> Refresh:
    """Refresh price_book, model_aliases and model_tiers in a folder.

    `refreshed_on` is the day from which changed prices apply. Nothing is written on a dry run.
    The same packages, seeds and day always give the same files.
    """
    version, providers = package or load_package()
    old = read_book(paths.price_book)
    reading = read_package(version, providers, refreshed_on)
    curated = read_curated(PRICES)
    given, curated_won = _with_curated(reading.rows, curated)
    rules = read_off_peak(OFF_PEAK)
    given = with_minimums(with_off_peak(given, rules), read_minimums(MINIMUMS))
    by_hand = read_alias_file(ALIASES)
    known = read_aliases(version, providers, {(r.provider, r.model) for r in given}, by_hand)
    map_reading = read_map(*(price_map or load_map()))
    completion = complete(given, map_reading, known.aliases, refreshed_on)
    completion.not_taken.extend(_other_days(map_reading, rules))
    merged = merge(old, completion.rows, refreshed_on, rewrite or ())
    merged.rows = sort_rows(merged.rows)
    priced = {(row.provider, row.model) for row in merged.rows}
    aliases = read_aliases(version, providers, priced, [*by_hand, *completion.aliases])
    aliases.aliases.extend(_kept_aliases(read_alias_file(paths.aliases), aliases, priced))
    if not dry_run:
        write_book(paths.price_book, merged.rows)
        write_alias_file(paths.aliases, aliases.aliases)
        write_tiers(paths.tiers, model_tiers(merged.rows, read_tiers(TIERS)))
    return Refresh(
        reading,
        map_reading,
        completion,
        merged,
        aliases,
        len(old),
        len(merged.rows),
        curated_won,
        missing_allowances(_allowances(paths), map_reading.free_searches),
    )


def _allowances(paths: SeedPaths) -> list[Allowance]:
    return read_allowances(paths.allowances) if paths.allowances.exists() else []


def _other_days(map_reading: MapReading, rules: list[OffPeakRule]) -> list[str]:
    """Where LiteLLM says another week than the rules of peak hours."""
    days = {(rule.provider, rule.model): rule.other_days for rule in rules}
    found = []
    for offer in map_reading.offers:
        ours = days.get((offer.provider, offer.model))
        if ours is not None and offer.off_peak_days != ours:
            theirs = f"days {offer.off_peak_days}" if offer.off_peak_days else "no peak at all"
            found.append(f"{offer.key}: LiteLLM has {theirs}, the rule of peak hours days {ours}")
    return found


def _with_curated(
    rows: list[PriceRow], curated: list[PriceRow]
) -> tuple[list[PriceRow], list[str]]:
    """Curated rate cards replace the package's."""
    kept_by_hand = {row.card for row in curated}
    replaced = sorted({f"{c[0]}/{c[1]}" for r in rows if (c := r.card) in kept_by_hand})
    return [*curated, *(row for row in rows if row.card not in kept_by_hand)], replaced


def _kept_aliases(
    before: list[Alias], now: AliasReading, priced: set[tuple[str, str]]
) -> list[Alias]:
    """Patterns the package dropped, of models the price book still has: old logs need them."""
    known = {alias.key for alias in now.aliases}
    return [a for a in before if a.key not in known and (a.provider, a.model) in priced]
