"""What a refresh did, as lines of less than 80 columns, and as data for scripts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from chargeback.prices.book import CardKey
from chargeback.prices.complete import Disagreement
from chargeback.prices.refresh import Refresh

WIDTH = 79
CARD = ("provider", "model", "region", "service_tier")


def as_data(result: Refresh, dry_run: bool) -> dict[str, Any]:
    """Everything, in a stable order; prices are text."""
    completion = result.completion
    return {
        "genai_prices": result.reading.version,
        "litellm": result.map_reading.version,
        "written": not dry_run,
        "rows_before": result.rows_before,
        "rows_after": result.rows_after,
        **{
            name: [dict(zip(CARD, card, strict=True)) for card in cards]
            for name, _, cards, _ in _cards(result)
        },
        "compared": completion.compared,
        "disagreements": [asdict(item) for item in completion.disagreements],
        "completed": {name: lines for name, _, lines in _completed(result)},
        "notes": {name: lines for name, _, lines in _notes(result)},
        "left_out_providers": dict(sorted(result.map_reading.left_out.items())),
    }


def as_lines(result: Refresh, dry_run: bool, limit: int | None) -> list[str]:
    """The report. `limit` is how many lines of each list are shown; None shows all."""
    found = [
        f"genai-prices {result.reading.version}, LiteLLM {result.map_reading.version}: "
        f"{result.rows_before:,} -> {result.rows_after:,} rows",
        "",
        "rate cards",
    ]
    found += [
        f"  {title:<14}{len(cards):>7,}  {meaning}" for _, title, cards, meaning in _cards(result)
    ]
    found += ["", f"completed from LiteLLM {result.map_reading.version}"]
    found += [f"  {title:<14}{len(lines):>7,}" for _, title, lines in _completed(result)]
    found += ["", *_disagreements(result, limit), ""]
    for name, title, cards, _ in _cards(result):
        if name != "unchanged":
            found += _list(title, [card_name(card) for card in cards], limit)
    for _, title, lines in (*(_completed(result) if limit is None else ()), *_notes(result)):
        found += _list(title, lines, limit)
    left_out = result.map_reading.left_out
    found += _wrapped(
        f"LiteLLM's providers left out: {len(left_out)}, with {sum(left_out.values()):,} models"
    )
    found.append("dry run: nothing was written" if dry_run else "written")
    return found


def card_name(card: CardKey) -> str:
    """'openai/gpt-5 batch', and the region where there is one."""
    provider, model, region, tier = card
    return f"{provider}/{model} {tier}" + (f" {region}" if region else "")


def _cards(result: Refresh) -> Sequence[tuple[str, str, list[CardKey], str]]:
    merged = result.merged
    return (
        ("new", "new", merged.new, "a model, tier or region that was not in the book"),
        ("changed", "changed", merged.changed, "prices differ from the day of the refresh on"),
        ("gone", "gone", merged.gone, "not in the sources any more; rows stay as they are"),
        ("unchanged", "unchanged", merged.unchanged, ""),
        (
            "past_differs",
            "past differs",
            merged.disputed,
            "the sources now tell another past; ours was kept",
        ),
    )


def _completed(result: Refresh) -> Sequence[tuple[str, str, list[str]]]:
    completion = result.completion
    return (
        ("models", "models", completion.added_models),
        ("tiers", "service tiers", completion.added_tiers),
        ("thresholds", "long context", completion.added_thresholds),
        ("components", "components", completion.added_components),
        ("regions", "regions", completion.added_regions),
    )


def _notes(result: Refresh) -> Sequence[tuple[str, str, list[str]]]:
    return (
        ("absurd", "absurd", [*result.map_reading.absurd, *result.completion.absurd]),
        ("not_taken", "not taken", [*result.reading.skipped, *result.completion.not_taken]),
        ("not_read", "not read", result.map_reading.skipped),
        ("curated", "curated instead of the package", result.curated_won),
        ("names_not_taken", "names not taken", result.aliases.skipped),
        ("ambiguous_names", "ambiguous names", result.aliases.ambiguous),
        ("free_allowances", "free allowances", result.allowances),
    )


def _disagreements(result: Refresh, limit: int | None) -> list[str]:
    """One block a model, one line a price; entries of the map that say the same are one line."""
    completion = result.completion
    grouped: dict[str, set[tuple[str, str, int, str, str]]] = defaultdict(set)
    for item in completion.disagreements:
        grouped[f"{item.provider}/{item.model}"].add(_line_key(item))
    count = len(completion.disagreements)
    found = [
        f"the sources disagree on {count:,} of {completion.compared:,} prices; ours were kept",
    ]
    if not count:
        return found
    found.append(f"  {'tier':<9}{'component':<17}{'above':>9}{'ours':>13}{'LiteLLM':>13}")
    shown = 0
    for model in sorted(grouped):
        if limit is not None and shown >= limit:
            break
        found += _wrapped(f"  {model}")
        for tier, component, minimum, ours, theirs in sorted(grouped[model]):
            above = f"{minimum:,}" if minimum else ""
            found.append(f"  {tier:<9}{component:<17}{above:>9}{ours:>13}{theirs:>13}")
            shown += 1
    total = sum(map(len, grouped.values()))
    if shown < total:
        found.append(f"  and {total - shown:,} more (--verbose lists them)")
    return found


def _line_key(item: Disagreement) -> tuple[str, str, int, str, str]:
    return (item.service_tier, item.component, item.min_input_tokens, item.ours, item.theirs)


def _list(title: str, lines: list[str], limit: int | None) -> list[str]:
    shown = lines if limit is None else lines[:limit]
    found = [part for line in shown for part in _wrapped(f"{title}: {line}")]
    if len(shown) < len(lines):
        found.append(f"{title}: and {len(lines) - len(shown):,} more (--verbose lists them)")
    return found


def _wrapped(text: str) -> Iterable[str]:
    lead = text[: len(text) - len(text.lstrip())]
    return wrap(
        text, WIDTH, subsequent_indent=lead + "    ", break_on_hyphens=False, drop_whitespace=True
    )
