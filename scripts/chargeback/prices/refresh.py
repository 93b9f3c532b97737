"""Refreshes the seeds of prices: reads, merges with history, writes, and says what changed."""

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
from chargeback.prices.book import PriceRow, read_book, sort_rows, write_book
from chargeback.prices.curated import ALIASES, PRICES, TIERS, read_curated
from chargeback.prices.merge import Merge, merge
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
    def providers(self) -> Path:
        return self.folder / "providers.csv"

    @property
    def tiers(self) -> Path:
        return self.folder / "model_tiers.csv"


@dataclass(frozen=True)
class Refresh:
    """What a refresh read and did."""

    reading: Reading
    merged: Merge
    aliases: AliasReading
    rows_before: int
    rows_after: int
    curated_won: list[str]


def refresh(
    paths: SeedPaths,
    refreshed_on: date,
    rewrite: list[str] | None = None,
    dry_run: bool = False,
    package: tuple[str, list[Any]] | None = None,
) -> Refresh:
    """Refresh price_book, model_aliases and model_tiers in a folder.

    `refreshed_on` is the day from which changed prices apply. Nothing is written on a dry run.
    The same package, seeds and day always give the same files.
    """
    version, providers = package or load_package()
    old = read_book(paths.price_book)
    reading = read_package(version, providers, refreshed_on)
    curated = read_curated(PRICES)
    fresh, curated_won = _with_curated(reading.rows, curated)
    merged = merge(old, fresh, refreshed_on, rewrite or ())
    priced = {(row.provider, row.model) for row in merged.rows}
    aliases = read_aliases(version, providers, priced, read_alias_file(ALIASES))
    aliases.aliases.extend(_kept_aliases(read_alias_file(paths.aliases), aliases, priced))
    if not dry_run:
        write_book(paths.price_book, merged.rows)
        write_alias_file(paths.aliases, aliases.aliases)
        write_tiers(paths.tiers, model_tiers(merged.rows, read_tiers(TIERS)))
    merged.rows = sort_rows(merged.rows)
    return Refresh(reading, merged, aliases, len(old), len(merged.rows), curated_won)


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
