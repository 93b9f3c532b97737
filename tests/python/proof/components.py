"""Where the quantity of each component of the price book lies, here and in genai-prices.

Quantities are exclusive, as the price book counts them, in the unit of the event's column; events
and genai-prices have totals that include parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Quantities = Mapping[str, int | Decimal]


@dataclass(frozen=True)
class Component:
    """A component, the event's columns that its quantity is part of, and genai-prices' usage keys.

    `factor`: how many of the column's unit make one unit of the component. Without a column the
    quantity is another component's, or one.
    """

    name: str
    columns: tuple[str, ...]
    usage: tuple[str, ...] = ()
    factor: int = 1


_INPUT, _OUTPUT = ("input_tokens",), ("output_tokens",)
_READ = (*_INPUT, "cache_read_tokens")
_WRITE = (*_INPUT, "cache_write_tokens")
_UNCACHED = ("uncached_input_tokens",)

COMPONENTS = (
    Component("input", _UNCACHED, _INPUT),
    Component("cache_read", ("cache_read_tokens",), _READ),
    Component("cache_write_5m", ("cache_write_5m_tokens",), _WRITE),
    Component("cache_write_1h", ("cache_write_1h_tokens",), (*_WRITE, "cache_write_1h_tokens")),
    Component("output", _OUTPUT, _OUTPUT),
    Component("reasoning", (*_OUTPUT, "reasoning_tokens"), (*_OUTPUT, "output_reasoning_tokens")),
    Component("citation", ("citation_tokens",), (*_OUTPUT, "output_citation_tokens")),
    Component("input_audio", (*_UNCACHED, "input_audio_tokens"), (*_INPUT, "input_audio_tokens")),
    Component("output_audio", (*_OUTPUT, "output_audio_tokens"), (*_OUTPUT, "output_audio_tokens")),
    Component(
        "cache_read_audio",
        ("cache_read_tokens", "cache_read_audio_tokens"),
        (*_READ, "input_audio_tokens", "cache_audio_read_tokens"),
    ),
    Component("input_image", (*_UNCACHED, "input_image_tokens"), (*_INPUT, "input_image_tokens")),
    Component("output_image", (*_OUTPUT, "output_image_tokens"), (*_OUTPUT, "output_image_tokens")),
    Component(
        "cache_read_image",
        ("cache_read_tokens", "cache_read_image_tokens"),
        (*_READ, "input_image_tokens", "cache_image_read_tokens"),
    ),
    Component("input_video", (*_UNCACHED, "input_video_tokens"), (*_INPUT, "input_video_tokens")),
    Component("output_video", (*_OUTPUT, "output_video_tokens"), (*_OUTPUT, "output_video_tokens")),
    Component("request", ()),
    Component("web_search", ("web_searches",), ("web_searches",)),
    Component("file_search", ("file_searches",), ("storage_searches",)),
    Component("map_search", ("map_searches",)),
    Component("search_unit", ("search_units",), ("rerank_searches",)),
    Component("read_unit", ("read_units",)),
    Component("write_unit", ("write_units",)),
    Component("storage_gb_month", ("storage_gb_months",)),
    Component("egress_gb", ("egress_bytes",), factor=1_000_000_000),
    Component("generated_image", ("output_images",)),
    Component("embedded_image", ("input_images",)),
    Component("audio_hour", (), ("audio_seconds",), factor=3600),
    Component(
        "input_audio_hour",
        ("audio_seconds",),
        ("audio_seconds", "input_audio_seconds"),
        factor=3600,
    ),
    Component("input_character", ("speech_characters",), ("input_characters",)),
    Component("text_message", ("text_messages",), ("input_text_messages",)),
    Component("document_page", ("document_pages",), ("input_document_pages",)),
    Component(
        "annotated_page",
        ("annotated_pages",),
        ("input_document_pages", "input_annotated_document_pages"),
    ),
)
#: The threshold of a long context counts them all.
TOTAL_INPUT = tuple(part.name for part in COMPONENTS if "input_tokens" in part.usage)
_BY_NAME = {part.name: part for part in COMPONENTS}
_USAGE_KEYS = tuple(dict.fromkeys(key for part in COMPONENTS for key in part.usage))


def total_input(quantities: Quantities) -> int:
    """Tokens of a request's input, cached ones included."""
    return int(sum(quantities.get(name, 0) for name in TOTAL_INPUT))


def event_columns(quantities: Quantities) -> dict[str, int | Decimal]:
    """Quantities as an event has them: by column, parts inside their totals."""
    return _summed((_BY_NAME[name].columns, count) for name, count in quantities.items())


def genai_usage(quantities: Quantities) -> Any:
    """Quantities as genai-prices wants them; what it does not know is left out."""
    from genai_prices import Usage

    sums = _summed((_BY_NAME[name].usage, count) for name, count in quantities.items())
    # A part without its total is an error there, and so is one that overlaps an unknown other.
    return Usage(**{**dict.fromkeys(_USAGE_KEYS, 0), **sums})


def factor_of(name: str) -> int:
    """How many of the event's unit make one unit of the component."""
    return _BY_NAME[name].factor


def _summed(parts: Iterable[tuple[tuple[str, ...], int | Decimal]]) -> dict[str, int | Decimal]:
    sums: dict[str, int | Decimal] = defaultdict(int)
    for keys, count in parts:
        for key in keys:
            sums[key] += count
    return dict(sums)
