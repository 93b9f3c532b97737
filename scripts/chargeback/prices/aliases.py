"""Which price book model a logged model name means, as rows that SQL can match.

A row is a pattern of one provider: exact, prefix, suffix or contains, in lower case. `priority`
says which match wins: the lowest. It orders the provider's own rows before rows borrowed from
another provider, then exact before prefix before suffix before contains, then the longest
pattern. Two matches with the same priority are ambiguous.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargeback.errors import ChargebackError
from chargeback.prices.book import write_csv
from chargeback.prices.package import PROVIDERS

COLUMNS = ("provider", "match_type", "pattern", "model", "priority", "source")
MATCH_TYPES = ("exact", "prefix", "suffix", "contains")
_CLAUSES = {
    "equals": "exact",
    "starts_with": "prefix",
    "ends_with": "suffix",
    "contains": "contains",
}
_LENGTH_LIMIT = 999
_NOT_TTS = r"^(?!.*-[tT][tT][sS](?:$|-))"
_DATED = re.compile(r"^\^(?P<stem>.*?)(?P<either>\[-@\])?\\d(?P<rest>.*?)\$?$")
_DATE_FORMS = ("{8}", r"{4}-\d{2}-\d{2}")
_DASHED_DATE = re.compile(r"-(20\d\d)-(\d\d)-(\d\d)(?=-|:|$)")


@dataclass(frozen=True)
class Alias:
    """One pattern of one provider, and the price book model it stands for."""

    provider: str
    match_type: str
    pattern: str
    model: str
    source: str
    level: int = 0

    @property
    def priority(self) -> int:
        """Lowest wins: own before borrowed, match type, then the longest pattern."""
        rank = self.level * len(MATCH_TYPES) + MATCH_TYPES.index(self.match_type)
        return rank * 1000 + _LENGTH_LIMIT - len(self.pattern)

    @property
    def key(self) -> tuple[str, str, str]:
        """No two rows share it."""
        return (self.provider, self.match_type, self.pattern)

    def matches(self, name: str) -> bool:
        """Whether a model name, in lower case, fits the pattern."""
        if self.match_type == "exact":
            return name == self.pattern
        if self.match_type == "prefix":
            return name.startswith(self.pattern)
        if self.match_type == "suffix":
            return name.endswith(self.pattern)
        return self.pattern in name


@dataclass
class AliasReading:
    """Rows made from the package's match clauses, and the clauses that no row can say."""

    aliases: list[Alias] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)


def read_aliases(
    version: str,
    providers: Iterable[Any],
    priced: set[tuple[str, str]],
    curated: Iterable[Alias] = (),
    include: Iterable[str] = PROVIDERS,
) -> AliasReading:
    """Turn the match clauses of every priced (provider, model) into rows. Curated rows win."""
    reading = AliasReading()
    source = f"genai-prices {version}"
    by_id = {provider.id: provider for provider in providers}
    kept: dict[tuple[str, str, str], Alias] = {alias.key: alias for alias in curated}
    for provider_id in include:
        if provider_id not in by_id:
            continue
        lenders = [provider_id, *(by_id[provider_id].fallback_model_providers or ())]
        for level, owner in enumerate(lenders):
            note = source if level == 0 else f"{source} ({owner} names)"
            for model in by_id[owner].models:
                target = model.id.lower()
                if (provider_id, target) not in priced:
                    continue
                for match_type, pattern, how in _clauses(model.match, reading, provider_id, target):
                    alias = Alias(
                        provider_id,
                        match_type,
                        pattern.lower(),
                        target,
                        note + (f", {how}" if how else ""),
                        min(level, 1),
                    )
                    _keep(kept, alias, reading)
    _add_compact_dates(kept)
    _add_ids(kept, priced)
    reading.aliases = sort_aliases(kept.values())
    return reading


def resolve(aliases: Iterable[Alias], provider: str, name: str) -> list[Alias]:
    """The best matches of a logged name: none, one, or several of equal priority (ambiguous)."""
    lowered = name.lower()
    found = [a for a in aliases if a.provider == provider and a.matches(lowered)]
    best = min((alias.priority for alias in found), default=0)
    return [alias for alias in found if alias.priority == best]


def sort_aliases(aliases: Iterable[Alias]) -> list[Alias]:
    """Aliases in the order they are written."""
    return sorted(aliases, key=lambda a: (a.provider, a.priority, a.pattern))


def read_alias_file(path: Path) -> list[Alias]:
    """Read model_aliases.csv, or a curated file without priority. A missing file has no rows."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        found = []
        for number, record in enumerate(csv.DictReader(file), start=2):
            if record.get("match_type") not in MATCH_TYPES:
                raise ChargebackError(
                    f"{path.name} row {number}, column match_type: "
                    f"must be one of {', '.join(MATCH_TYPES)} ({record.get('match_type')!r})"
                )
            level = int(record.get("priority") or 0) // (len(MATCH_TYPES) * 1000)
            found.append(
                Alias(
                    record["provider"],
                    record["match_type"],
                    record["pattern"],
                    record["model"],
                    record.get("source") or "curated",
                    level,
                )
            )
    return found


def write_alias_file(path: Path, aliases: Iterable[Alias]) -> None:
    """Write model_aliases.csv, sorted by provider and priority."""
    write_csv(
        path,
        COLUMNS,
        [
            [a.provider, a.match_type, a.pattern, a.model, str(a.priority), a.source]
            for a in sort_aliases(aliases)
        ],
    )


def _clauses(
    clause: Any, reading: AliasReading, provider: str, model: str
) -> Iterator[tuple[str, str, str]]:
    """(match type, pattern, how it was derived); of 'and' only 'not a tts model' is known."""
    if hasattr(clause, "or_"):
        for part in clause.or_:
            yield from _clauses(part, reading, provider, model)
        return
    if hasattr(clause, "and_"):
        parts = [part for part in clause.and_ if getattr(part, "regex", None) != _NOT_TTS]
        if len(parts) == 1:
            for match_type, pattern, _ in _clauses(parts[0], reading, provider, model):
                yield match_type, pattern, "except tts models"
            return
        reading.skipped.append(f"{provider}/{model}: an 'and' of {len(parts)} clauses")
        return
    regex = getattr(clause, "regex", None)
    if regex is None:
        [(name, pattern)] = vars(clause).items()
        yield _CLAUSES[name], pattern, ""
        return
    patterns = expand_regex(regex)
    if not patterns:
        reading.skipped.append(f"{provider}/{model}: the regular expression {regex}")
    for pattern in patterns:
        yield "prefix", pattern, "from a date pattern"


def expand_regex(regex: str) -> list[str]:
    r"""Prefixes for '^name-\d{8}$', '^name-\d{4}-\d{2}-\d{2}$' (this century), '^name-\d'."""
    found = _DATED.match(regex)
    if not found:
        return []
    stem = re.sub(r"\\([.\-/])", r"\1", found["stem"])
    if re.search(r"[\\^$*+?()\[\]{}|]", stem):
        return []
    stems = [stem + "-", stem + "@"] if found["either"] else [stem]
    if found["rest"] in _DATE_FORMS:
        return [f"{name}20" for name in stems]
    if found["rest"] == "":
        return [f"{name}{digit}" for name in stems for digit in range(10)]
    return []


def _keep(kept: dict[tuple[str, str, str], Alias], alias: Alias, reading: AliasReading) -> None:
    first = kept.setdefault(alias.key, alias)
    if first.model != alias.model and first.level == alias.level:
        reading.ambiguous.append(
            f"{alias.provider}: {alias.match_type} {alias.pattern!r} is {first.model} "
            f"and {alias.model}; first kept"
        )


def _add_compact_dates(kept: dict[tuple[str, str, str], Alias]) -> None:
    """gpt-5.2-2025-12-11 is logged as gpt-5.2-20251211 by some gateways."""
    for alias in list(kept.values()):
        if alias.match_type != "exact":
            continue
        compact = _DASHED_DATE.sub(r"-\1\2\3", alias.pattern)
        if compact != alias.pattern:
            row = Alias(
                alias.provider,
                "exact",
                compact,
                alias.model,
                alias.source + ", compact date",
                alias.level,
            )
            kept.setdefault(row.key, row)


def _add_ids(kept: dict[tuple[str, str, str], Alias], priced: set[tuple[str, str]]) -> None:
    """A price book model is known by its own name too, unless that name is another's."""
    by_provider: dict[str, list[Alias]] = {}
    for alias in kept.values():
        by_provider.setdefault(alias.provider, []).append(alias)
    for provider, model in sorted(priced):
        if not resolve(by_provider.get(provider, ()), provider, model):
            row = Alias(provider, "exact", model, model, "price book name")
            kept[row.key] = row
