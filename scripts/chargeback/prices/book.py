"""Price book rows: their columns, their text in the CSV, and the order they are kept in.

A *rate card* is every row of one (provider, model, region, service tier). Inside a rate card all
rows of one effective range carry the same daily windows and thresholds, so one look-up finds
every component's price.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from chargeback.errors import ChargebackError

FIRST_DATE = date(1970, 1, 1)
EVERY_DAY = "1234567"
MAX_DECIMALS = 9
ASSUMED = ", tier assumed before "
SERVICE_TIERS = ("standard", "batch", "flex", "priority", "fast")

#: component -> unit its price is for
COMPONENTS: dict[str, str] = {
    "input": "per_million_tokens",
    "cache_read": "per_million_tokens",
    "cache_write_5m": "per_million_tokens",
    "cache_write_1h": "per_million_tokens",
    "output": "per_million_tokens",
    "reasoning": "per_million_tokens",
    "citation": "per_million_tokens",
    "input_audio": "per_million_tokens",
    "output_audio": "per_million_tokens",
    "cache_read_audio": "per_million_tokens",
    "input_image": "per_million_tokens",
    "output_image": "per_million_tokens",
    "cache_read_image": "per_million_tokens",
    "input_video": "per_million_tokens",
    "output_video": "per_million_tokens",
    "request": "per_thousand_requests",
    "web_search": "per_thousand_requests",
    "file_search": "per_thousand_requests",
    "map_search": "per_thousand_requests",
    "search_unit": "per_thousand_units",
    "read_unit": "per_million_units",
    "write_unit": "per_million_units",
    "storage_gb_month": "per_unit",
    "egress_gb": "per_unit",
    "generated_image": "per_unit",
    "embedded_image": "per_unit",
    "audio_hour": "per_unit",
    "input_audio_hour": "per_unit",
    "input_character": "per_million_units",
    "text_message": "per_thousand_units",
    "document_page": "per_thousand_units",
    "annotated_page": "per_thousand_units",
}
#: component without a price of its own -> components whose price it takes: the first that has one
FALLBACKS: dict[str, tuple[str, ...]] = {
    "cache_read": ("input",),
    "cache_write_5m": ("input",),
    "cache_write_1h": ("cache_write_5m", "input"),
    "reasoning": ("output",),
    "input_audio": ("input",),
    "output_audio": ("output",),
    "cache_read_audio": ("cache_read", "input_audio", "input"),
    "input_image": ("input",),
    "output_image": ("output",),
    "cache_read_image": ("cache_read", "input_image", "input"),
    "input_video": ("input",),
    "output_video": ("output",),
    "input_audio_hour": ("audio_hour",),
    "annotated_page": ("document_page",),
}
#: unit -> what quantity x price is multiplied by
UNITS: dict[str, Decimal] = {
    "per_million_tokens": Decimal("0.000001"),
    "per_million_units": Decimal("0.000001"),
    "per_thousand_requests": Decimal("0.001"),
    "per_thousand_units": Decimal("0.001"),
    "per_unit": Decimal(1),
}
_COMPONENT_ORDER = {name: position for position, name in enumerate(COMPONENTS)}
_TIER_ORDER = {name: position for position, name in enumerate(SERVICE_TIERS)}

CardKey = tuple[str, str, str, str]
Cell = tuple[int, str, str]


@dataclass(frozen=True)
class PriceRow:
    """One price: USD for one unit of one component, in a half-open UTC date range [from, to).

    `min_input_tokens` 0 with '>=' is the base; other rows apply when the request's total input
    (cached included) is above it ('>') or at least it ('>='). `daily_from`/`daily_to` are 'HH:MM'
    UTC, half-open, never past midnight ('24:00' is the end of the day), both empty for all day.
    `days_of_week` are the UTC days the row holds on, ISO digits ('12345' is Monday to Friday),
    empty for every day. `min_quantity` is the least quantity a request is billed for: seconds for
    hours of audio, else the component's own quantity; None when there is no such rule.
    """

    provider: str
    model: str
    region: str
    service_tier: str
    component: str
    unit: str
    price: Decimal
    currency: str
    effective_from: date
    effective_to: date | None
    min_input_tokens: int
    threshold_operator: str
    days_of_week: str = field(default="", kw_only=True)
    daily_from: str
    daily_to: str
    min_quantity: Decimal | None = field(default=None, kw_only=True)
    source: str
    source_date: date

    @property
    def card(self) -> CardKey:
        """The rate card the row belongs to."""
        return (self.provider, self.model, self.region, self.service_tier)

    @property
    def assumption(self) -> str:
        """What the source says was assumed ('tier assumed before 2026-10-14'), or ''."""
        _, found, rest = self.source.partition(ASSUMED)
        return found + rest

    @property
    def rate(self) -> tuple[object, ...]:
        """What the row says, apart from when and who says so: equal rates are the same price."""
        return (
            self.component,
            self.unit,
            self.price,
            self.currency,
            self.min_input_tokens,
            self.threshold_operator,
            self.daily_from,
            self.daily_to,
            self.days_of_week,
            self.min_quantity,
            self.assumption,
        )

    @property
    def key(self) -> tuple[object, ...]:
        """The row's key: no two rows of a price book share it."""
        return (
            *self.card,
            self.component,
            self.effective_from,
            self.min_input_tokens,
            self.days_of_week,
            self.daily_from,
        )

    @property
    def cell(self) -> Cell:
        """When the row holds inside its effective range: threshold, days, start of the window."""
        return (self.min_input_tokens, self.days_of_week, self.daily_from)


COLUMNS = tuple(field.name for field in fields(PriceRow))


@dataclass(frozen=True)
class Period:
    """The rows of one rate card that share one effective range."""

    effective_from: date
    effective_to: date | None
    rows: tuple[PriceRow, ...]

    @property
    def rates(self) -> frozenset[tuple[object, ...]]:
        """The prices of the period, whatever its dates and sources."""
        return frozenset(row.rate for row in self.rows)

    def between(self, start: date, end: date | None) -> Period | None:
        """The part of the period inside [start, end), or None when nothing is left."""
        first = max(self.effective_from, start)
        last = self.effective_to
        if end is not None and (last is None or end < last):
            last = end
        if last is not None and first >= last:
            return None
        rows = tuple(replace(row, effective_from=first, effective_to=last) for row in self.rows)
        return Period(first, last, rows)


def decimal_text(value: Decimal) -> str:
    """A decimal as plain text: no exponent, no trailing zeros ('0.10' -> '0.1', 1E+1 -> '10')."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def sort_rows(rows: Iterable[PriceRow]) -> list[PriceRow]:
    """Rows in the order they are written: card, start, threshold, window, component."""
    return sorted(
        rows,
        key=lambda row: (
            row.provider,
            row.model,
            row.region,
            _TIER_ORDER.get(row.service_tier, len(_TIER_ORDER)),
            row.effective_from,
            row.min_input_tokens,
            row.days_of_week,
            row.daily_from,
            _COMPONENT_ORDER.get(row.component, len(_COMPONENT_ORDER)),
            row.component,
        ),
    )


def cards(rows: Iterable[PriceRow]) -> dict[CardKey, list[Period]]:
    """Rows grouped into rate cards, each a list of periods in order of their start."""
    grouped: dict[CardKey, dict[tuple[date, date | None], list[PriceRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        grouped[row.card][(row.effective_from, row.effective_to)].append(row)
    return {
        card: [
            Period(start, end, tuple(sort_rows(members)))
            for (start, end), members in sorted(ranges.items(), key=lambda item: item[0][0])
        ]
        for card, ranges in grouped.items()
    }


def read_book(path: Path) -> list[PriceRow]:
    """Read a price book. Errors name the row (1-based, the header is row 1) and the column.

    A missing file is an empty book. Raises ChargebackError for bad text.
    """
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise ChargebackError(f"{path.name}: missing column {', '.join(missing)}")
        return [parse_row(path, number, record) for number, record in enumerate(reader, start=2)]


def write_book(path: Path, rows: Iterable[PriceRow]) -> None:
    """Write a price book, sorted, with plain decimals and Unix line ends."""
    write_csv(path, COLUMNS, [[cell(getattr(row, n)) for n in COLUMNS] for row in sort_rows(rows)])


def write_csv(path: Path, columns: Iterable[str], lines: Iterable[Iterable[str]]) -> None:
    """Write a CSV file whole, then put it in place, so a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".csv.tmp")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
    temporary.replace(path)


def cell(value: object) -> str:
    """A value as CSV text: None is empty, decimals are plain."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return decimal_text(value)
    return str(value)


def parse_row(path: Path, number: int, record: dict[str, str]) -> PriceRow:
    """One record of a file as a row. Raises ChargebackError naming row and column."""

    def fail(column: str, why: str) -> ChargebackError:
        return ChargebackError(
            f"{path.name} row {number}, column {column}: {why} ({record[column]!r})"
        )

    def day(column: str) -> date:
        try:
            return date.fromisoformat(record[column])
        except ValueError as error:
            raise fail(column, "is not a date like 2026-01-31") from error

    def number_of(column: str) -> Decimal:
        try:
            value = Decimal(record[column])
        except InvalidOperation as error:
            raise fail(column, "is not a number") from error
        if not value.is_finite():
            raise fail(column, "is not a number")
        return value

    try:
        minimum = int(record["min_input_tokens"] or "0")
    except ValueError as error:
        raise fail("min_input_tokens", "is not a whole number") from error
    text = {name: record[name] or "" for name in COLUMNS}
    return PriceRow(
        **{
            **text,
            "price": number_of("price"),
            "min_quantity": number_of("min_quantity") if record["min_quantity"] else None,
            "min_input_tokens": minimum,
            "effective_from": day("effective_from"),
            "effective_to": day("effective_to") if record["effective_to"] else None,
            "source_date": day("source_date"),
        }  # type: ignore[arg-type]
    )
