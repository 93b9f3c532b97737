"""Checks the price book: every finding names the file, the row and the column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from chargeback.prices.book import (
    COMPONENTS,
    EVERY_DAY,
    MAX_DECIMALS,
    SERVICE_TIERS,
    CardKey,
    PriceRow,
    decimal_text,
)

BOOK = "price_book.csv"
MAX_PRICE = Decimal(10) ** 15
#: A price this many times its provider's median, or less than the inverse, has a wrong unit.
SIBLING_FACTOR = 400
#: A price that changes by this factor from one range to the next has a wrong unit.
HISTORY_FACTOR = 200
MIN_SIBLINGS = 3
#: component -> how many times the input price of the same model it may be (lowest, highest)
INPUT_RATIOS = {
    "output": (Decimal("0.05"), Decimal(100)),
    "cache_read": (Decimal("0.002"), Decimal(5)),
    "cache_write_5m": (Decimal("0.2"), Decimal(20)),
    "cache_write_1h": (Decimal("0.2"), Decimal(20)),
}
OTHER_RATIOS = (Decimal("0.05"), Decimal(500))


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong in a seed: file, row (the header is row 1), column, and what."""

    file: str
    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Numbered:
    """A row and its place in the file."""

    number: int
    row: PriceRow


def check_book(rows: Iterable[PriceRow], accept: Iterable[str] = ()) -> list[Finding]:
    """All findings, by row. `accept` names models ('openai/gpt-5') whose odd prices are right."""
    numbered = number_rows(rows)
    accepted = set(accept)
    found = [*fields(numbered), *duplicates(numbered)]
    by_card: dict[CardKey, list[Numbered]] = defaultdict(list)
    for item in numbered:
        by_card[item.row.card].append(item)
    for card, members in by_card.items():
        found.extend(_ranges(members))
        found.extend(_shape(members))
        if f"{card[0]}/{card[1]}" not in accepted:
            found.extend(ratios(members))
            found.extend(_jumps(members))
    found.extend(_siblings(i for i in numbered if _name(i.row) not in accepted))
    return sorted(set(found))


def number_rows(rows: Iterable[PriceRow]) -> list[Numbered]:
    """Rows with their place in the file; the header is row 1."""
    return [Numbered(number, row) for number, row in enumerate(rows, start=2)]


def finding(item: Numbered, column: str, message: str) -> Finding:
    """What is wrong with a row, with the row's name."""
    row = item.row
    where = f" {row.region}" if row.region else ""
    what = f"{row.provider}/{row.model}{where} {row.service_tier} {row.component}"
    return Finding(BOOK, item.number, column, f"{what}: {message}")


def fields(items: Iterable[Numbered]) -> Iterator[Finding]:
    for item in items:
        row = item.row
        unit = COMPONENTS.get(row.component, "")
        decimals = -int(row.price.as_tuple().exponent)
        checks = [
            ("provider", bool(row.provider), "is empty"),
            ("model", row.model == row.model.lower().strip() != "", "must be in lower case"),
            ("service_tier", row.service_tier in SERVICE_TIERS, f"{row.service_tier!r} is unknown"),
            ("component", bool(unit), f"{row.component!r} is unknown"),
            ("unit", not unit or row.unit == unit, f"is {row.unit!r}, this component's is {unit}"),
            ("price", row.price >= 0, f"{decimal_text(row.price)} is negative"),
            ("price", decimals <= MAX_DECIMALS, f"{row.price} has more than 9 decimals"),
            ("price", row.price < MAX_PRICE, f"{row.price} does not fit numeric(24,9)"),
            ("currency", len(row.currency) == 3 and row.currency.isupper(), "is no ISO code"),
            ("min_input_tokens", row.min_input_tokens >= 0, "is negative"),
            ("threshold_operator", row.threshold_operator in (">", ">="), "must be > or >="),
            (
                "threshold_operator",
                row.min_input_tokens > 0 or row.threshold_operator == ">=",
                "must be >= on a base row",
            ),
            (
                "effective_to",
                row.effective_to is None or row.effective_to > row.effective_from,
                "is not after effective_from",
            ),
            ("days_of_week", _is_days(row.days_of_week), "must be ISO days in order, like 12345"),
            (
                "min_quantity",
                row.min_quantity is None or row.min_quantity > 0,
                "must be more than 0",
            ),
            ("daily_from", _is_window(row), "and daily_to must be HH:MM, from before to"),
            ("source", bool(row.source), "is empty"),
        ]
        yield from (finding(item, column, why) for column, fine, why in checks if not fine)


def _is_days(days: str) -> bool:
    """Ascending ISO digits, not all seven: '' says every day."""
    return days == "".join(day for day in EVERY_DAY if day in days) != EVERY_DAY


def _is_window(row: PriceRow) -> bool:
    if not row.daily_from and not row.daily_to:
        return True
    return _is_time(row.daily_from) and _is_time(row.daily_to) and row.daily_from < row.daily_to


def _is_time(text: str) -> bool:
    hour, colon, minute = text.partition(":")
    if len(text) != 5 or not colon or not (hour + minute).isdigit():
        return False
    return text == "24:00" or (hour < "24" and minute < "60")


def duplicates(items: Iterable[Numbered]) -> Iterator[Finding]:
    first: dict[tuple[object, ...], int] = {}
    for item in items:
        known = first.setdefault(item.row.key, item.number)
        if known != item.number:
            yield finding(item, "component", f"the same key as row {known}")


def _ranges(items: list[Numbered]) -> Iterator[Finding]:
    """Effective ranges of a rate card must follow each other without overlap or gap."""
    starts: dict[tuple[date, date], Numbered] = {}
    for item in items:
        row = item.row
        starts.setdefault((row.effective_from, row.effective_to or date.max), item)
    for before, after in pairwise(sorted(starts)):
        start, end = before
        if after[0] < end:
            until = "the end" if end == date.max else f"{end}"
            message = f"overlaps the range {start} to {until}"
            yield finding(starts[after], "effective_from", message)
        elif after[0] > end:
            yield finding(starts[after], "effective_from", f"leaves a gap since {end}")


def _shape(items: list[Numbered]) -> Iterator[Finding]:
    """In one range every threshold, weekday and window has the same components.

    Windows fill the day, the same ones on every day, and days fill the week.
    """
    ranges: dict[date, list[Numbered]] = defaultdict(list)
    for item in items:
        ranges[item.row.effective_from].append(item)
    for members in ranges.values():
        components = {item.row.component for item in members}
        cells: dict[tuple[int, str, str], set[str]] = {
            (minimum, days, window): set()
            for minimum in {item.row.min_input_tokens for item in members}
            for days in {item.row.days_of_week for item in members}
            for window in {item.row.daily_from for item in members}
        }
        for item in members:
            cells[item.row.cell].add(item.row.component)
        for (minimum, days, window), present in sorted(cells.items()):
            if present != components:
                missing = ", ".join(sorted(components - present))
                where = f"min_input_tokens {minimum}" + (f" from {window}" if window else "")
                where += f" on days {days}" if days else ""
                yield finding(members[0], "component", f"{where} has no price for {missing}")
        windows = sorted({(item.row.daily_from, item.row.daily_to) for item in members})
        if windows != [("", "")] and not _fills_day(windows):
            shown = ", ".join(f"{start or '-'} to {end or '-'}" for start, end in windows)
            yield finding(members[0], "daily_from", f"windows do not fill the day: {shown}")
        weeks = sorted({item.row.days_of_week for item in members})
        if weeks != [""] and sorted("".join(weeks)) != list(EVERY_DAY):
            shown = ", ".join(days or "every day" for days in weeks)
            yield finding(members[0], "days_of_week", f"days do not fill the week once: {shown}")
        operators = {(i.row.min_input_tokens, i.row.threshold_operator) for i in members}
        if len(operators) != len({minimum for minimum, _ in operators}):
            yield finding(members[0], "threshold_operator", "differs between rows of a threshold")


def _fills_day(windows: list[tuple[str, str]]) -> bool:
    ends = ["00:00", *(end for _, end in windows)]
    return ends[:-1] == [start for start, _ in windows] and ends[-1] == "24:00"


def ratios(items: list[Numbered]) -> Iterator[Finding]:
    """A token price that is out of all proportion to the input price of the same row set."""
    inputs = {
        (i.row.effective_from, *i.row.cell): i.row.price
        for i in items
        if i.row.component == "input"
    }
    for item in items:
        row = item.row
        base = inputs.get((row.effective_from, *row.cell))
        if not base or base < 0 or row.price <= 0 or row.unit != "per_million_tokens":
            continue
        low, high = INPUT_RATIOS.get(row.component, OTHER_RATIOS)
        ratio = row.price / base
        if row.component != "input" and not low <= ratio <= high:
            yield finding(
                item, "price", f"{_times(ratio)} the input price {decimal_text(base)}: wrong unit?"
            )


def _jumps(items: list[Numbered]) -> Iterator[Finding]:
    """A price that changes by a factor no price change has."""
    history: dict[tuple[object, ...], list[Numbered]] = defaultdict(list)
    for item in items:
        row = item.row
        history[(row.component, *row.cell)].append(item)
    for versions in history.values():
        versions.sort(key=lambda item: item.row.effective_from)
        for before, after in pairwise(versions):
            if before.row.price > 0 and after.row.price > 0:
                ratio = after.row.price / before.row.price
                if not 1 / Decimal(HISTORY_FACTOR) < ratio < HISTORY_FACTOR:
                    yield finding(
                        after, "price", f"{_times(ratio)} the price before it: wrong unit?"
                    )


def _siblings(items: Iterable[Numbered]) -> Iterator[Finding]:
    """A price out of all proportion to those of the provider's other models."""
    groups: dict[tuple[str, str], dict[str, list[Numbered]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for item in items:
        if item.row.price > 0:
            groups[(item.row.provider, item.row.component)][item.row.model].append(item)
    for (provider, _), models in groups.items():
        if len(models) < MIN_SIBLINGS:
            continue
        middle = median(median(i.row.price for i in members) for members in models.values())
        for item in (item for members in models.values() for item in members):
            ratio = item.row.price / middle
            if not 1 / Decimal(SIBLING_FACTOR) < ratio < SIBLING_FACTOR:
                yield finding(
                    item,
                    "price",
                    f"{_times(ratio)} the median of {provider} ({decimal_text(middle)}): "
                    "wrong unit?",
                )


def _times(ratio: Decimal) -> str:
    if ratio >= 1:
        return f"{ratio:.0f} times"
    return f"1/{1 / ratio:.0f} of"


def _name(row: PriceRow) -> str:
    return f"{row.provider}/{row.model}"
