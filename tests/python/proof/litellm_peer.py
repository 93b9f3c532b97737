"""LiteLLM's calculator asked in the price book's words, and what its map says of a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from chargeback.prices.aliases import read_alias_file
from chargeback.prices.litellm_map import PROVIDERS, Offer, load_map, read_map
from chargeback.prices.map_entries import sort_out
from proof.components import TOTAL_INPUT, Quantities, total_input
from proof.names import Model

_OUTPUT = ("output", "reasoning", "output_audio", "output_image", "output_video")
#: What its calculator of a model call takes; other functions have images, pages and seconds.
CALCULATED = {*TOTAL_INPUT, *_OUTPUT, "request", "search_unit"}
_WRITTEN = ("cache_write_5m", "cache_write_1h")
_READ = ("cache_read", "cache_read_audio", "cache_read_image")
#: provider of the price book -> the one LiteLLM calls first
_SERVERS = {provider: server for server, provider in reversed(PROVIDERS.items())} | {
    "google": "gemini",
    "aws": "bedrock",
    "azure": "azure",
    "openai": "openai",
}


@dataclass(frozen=True)
class Entry:
    """The entry of LiteLLM's map for a model: its key, who serves it, and its prices.

    `has_zero`: one of its prices is 0.
    """

    key: str
    server: str
    offer: Offer
    has_zero: bool


class LiteLlm:
    """The installed `litellm`, with the map that it brings. Raises ImportError without it."""

    def __init__(self, seeds: Path, models: Iterable[Model]) -> None:
        import litellm

        litellm.suppress_debug_info = True
        self.package = litellm
        version, entries = load_map()
        sorted_out = sort_out(
            read_map(version, entries).offers,
            read_alias_file(seeds / "model_aliases.csv"),
            set(models),
        )
        self.entries: dict[Model, Entry] = {}
        for model, offers in sorted_out.known.items():
            same = [offer for kind, offer in offers if kind == "same"]
            if same:
                entry = entries[same[0].key]
                has_zero = any(value == 0 for name, value in entry.items() if "cost" in name)
                server = _server(str(entry["litellm_provider"]))
                self.entries[model] = Entry(same[0].key, server, same[0], has_zero)

    def cost(self, model: Model, tier: str, quantities: Quantities) -> Decimal | None:
        """What its calculator says of a call today; None when it knows no such model."""
        entry = self.entries.get(model)
        name = entry.key if entry else model[1]
        server = entry.server if entry else _SERVERS.get(model[0], model[0])
        arguments: dict[str, Any] = {"usage_object": self._usage(quantities, tier)}
        if quantities.get("search_unit"):
            units = {"search_units": float(quantities["search_unit"])}
            arguments |= {"call_type": "rerank", "rerank_billed_units": units}
        elif tier == "batch":
            arguments["call_type"] = "retrieve_batch"
        elif tier != "standard":
            arguments["service_tier"] = tier
        try:
            parts = self.package.cost_per_token(model=name, custom_llm_provider=server, **arguments)
        except Exception as error:
            if "isn't mapped" not in str(error) and "not found" not in str(error).lower():
                raise
            return None
        return sum((Decimal(repr(float(part))) for part in parts), Decimal(0))

    def _usage(self, quantities: Quantities, tier: str) -> Any:
        count = dict.fromkeys((*TOTAL_INPUT, *_OUTPUT), 0) | quantities
        written, read = (sum(count[name] for name in names) for names in (_WRITTEN, _READ))
        prompt, completion = total_input(count), sum(count[name] for name in _OUTPUT)
        more = {"speed": "fast"} if tier == "fast" else {}
        return self.package.Usage(
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=prompt + completion,
            prompt_tokens_details={
                "cached_tokens": read,
                "cache_creation_tokens": written,
                "cache_creation_token_details": {
                    "ephemeral_5m_input_tokens": count["cache_write_5m"],
                    "ephemeral_1h_input_tokens": count["cache_write_1h"],
                },
                "audio_tokens": count["input_audio"] + count["cache_read_audio"],
                "image_tokens": count["input_image"] + count["cache_read_image"],
                "video_tokens": count["input_video"],
                "cached_tokens_details": {
                    "audio_tokens": count["cache_read_audio"],
                    "image_tokens": count["cache_read_image"],
                },
            },
            completion_tokens_details={
                "reasoning_tokens": count["reasoning"],
                "audio_tokens": count["output_audio"],
                "image_tokens": count["output_image"],
                "video_tokens": count["output_video"],
            },
            **more,
        )


def _server(provider: str) -> str:
    if provider.startswith("vertex_ai"):
        return "vertex_ai"
    return "bedrock" if provider.startswith("bedrock") else provider
