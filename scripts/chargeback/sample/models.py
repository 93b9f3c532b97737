"""The models that Larkfield calls: how the gateway and the traces name them, and what they do."""

from __future__ import annotations

from dataclasses import dataclass

OPENAI, ANTHROPIC, GEMINI, PLAIN, EMBEDDING, RERANK = range(6)
"""Families: models whose gateway rows report usage in the same shape."""


@dataclass(frozen=True)
class Model:
    """One model as the gateway serves it.

    `model` is the gateway's `model` column, `provider` its `custom_llm_provider`; `price_provider`
    and `price_model` are the names in the price book (empty: no price is known).
    """

    key: str
    model: str
    group: str
    provider: str
    family: int
    price_provider: str
    price_model: str
    map_key: str = ""
    api_base: str = ""
    can_cache: bool = False
    reasons: bool = False

    @property
    def wire_name(self) -> str:
        """Name without the gateway's provider prefix, as a client sends it."""
        return self.model.split("/", 1)[1] if "/" in self.model else self.model


_OPENAI_BASE = "https://api.openai.com/v1"
_ANTHROPIC_BASE = "https://api.anthropic.com/v1/messages"
_AZURE_BASE = "https://larkfield-eus2.openai.azure.com"
_GEMINI_BASE = "https://generativelanguage.googleapis.com/v1beta/models"
_HOUSE_BASE = "http://llm.larkfield.internal:8000/v1"


def _openai(name: str, **more: bool) -> Model:
    return Model(
        name, f"openai/{name}", name, "openai", OPENAI, "openai", name,
        api_base=_OPENAI_BASE, **more,
    )  # fmt: skip


def _claude(key: str, dated: str) -> Model:
    return Model(
        key, f"anthropic/{dated}", key, "anthropic", ANTHROPIC, "anthropic", key,
        api_base=_ANTHROPIC_BASE, can_cache=True,
    )  # fmt: skip


def _gemini(name: str) -> Model:
    return Model(
        name, f"gemini/{name}", name, "gemini", GEMINI, "google", name,
        api_base=f"{_GEMINI_BASE}/{name}:generateContent", can_cache=True, reasons=True,
    )  # fmt: skip


MODELS = (
    _openai("gpt-4o", can_cache=True),
    _openai("gpt-4o-mini", can_cache=True),
    _openai("gpt-4.1", can_cache=True),
    _openai("gpt-4.1-mini", can_cache=True),
    _openai("gpt-5", can_cache=True, reasons=True),
    _openai("gpt-5-mini", can_cache=True, reasons=True),
    _openai("o3", can_cache=True, reasons=True),
    _claude("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    _claude("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
    _claude("claude-opus-4-5", "claude-opus-4-5-20251101"),
    _gemini("gemini-2.5-pro"),
    _gemini("gemini-2.5-flash"),
    Model(
        "mistral-large", "mistral/mistral-large-latest", "mistral-large", "mistral", PLAIN,
        "mistral", "mistral-large", api_base="https://api.mistral.ai/v1",
    ),
    Model(
        "deepseek-chat", "deepseek/deepseek-chat", "deepseek-chat", "deepseek", OPENAI,
        "deepseek", "deepseek-chat", api_base="https://api.deepseek.com/beta", can_cache=True,
    ),
    # Its list price changes on 2026-08-17 and 2026-09-10.
    Model(
        "deepseek-v4-flash", "deepseek/deepseek-v4-flash", "deepseek-flash", "deepseek", OPENAI,
        "deepseek", "deepseek-v4-flash", api_base="https://api.deepseek.com/beta", can_cache=True,
    ),
    Model(
        "grok-4.3", "xai/grok-4.3", "grok", "xai", OPENAI, "x-ai", "grok-4.3",
        api_base="https://api.x.ai/v1", can_cache=True, reasons=True,
    ),
    Model(
        "azure-gpt-4o", "azure/prod-gpt4o-eus2", "gpt-4o-azure", "azure", OPENAI, "azure",
        "gpt-4o", "azure/gpt-4o-2024-08-06", _AZURE_BASE, can_cache=True,
    ),
    Model(
        "azure-gpt-4o-mini", "azure/prod-gpt4o-mini-eus2", "gpt-4o-mini-azure", "azure", OPENAI,
        "azure", "gpt-4o-mini", "azure/gpt-4o-mini-2024-07-18", _AZURE_BASE, can_cache=True,
    ),
    Model(
        "bedrock-claude-sonnet-4-5", "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-sonnet-bedrock", "bedrock", ANTHROPIC, "aws",
        "regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "https://bedrock-runtime.us-east-1.amazonaws.com", can_cache=True,
    ),
    Model(
        "bedrock-nova-lite", "bedrock/amazon.nova-lite-v1:0", "nova-lite", "bedrock", PLAIN, "aws",
        "amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0",
        "https://bedrock-runtime.us-east-1.amazonaws.com",
    ),
    Model(
        "house-llama", "openai/llama-3.3-70b-house", "house-llama", "openai", PLAIN, "", "",
        api_base=_HOUSE_BASE,
    ),
    Model(
        "aurora", "openai/aurora-mini-preview", "aurora-preview", "openai", PLAIN, "", "",
        api_base="https://preview.aurora.example/v1",
    ),
    Model(
        "embed-small", "openai/text-embedding-3-small", "embed-small", "openai", EMBEDDING,
        "openai", "text-embedding-3-small", api_base=_OPENAI_BASE,
    ),
    Model(
        "embed-large", "openai/text-embedding-3-large", "embed-large", "openai", EMBEDDING,
        "openai", "text-embedding-3-large", api_base=_OPENAI_BASE,
    ),
    Model(
        "azure-embed-small", "azure/shared-embed-small", "embed-small-azure", "azure", EMBEDDING,
        "azure", "text-embedding-3-small", "azure/text-embedding-3-small", _AZURE_BASE,
    ),
    Model(
        "rerank", "cohere/rerank-v3.5", "rerank", "cohere", RERANK, "cohere", "rerank-v3.5",
        api_base="https://api.cohere.com/v2/rerank",
    ),
)  # fmt: skip

INDEX = {model.key: place for place, model in enumerate(MODELS)}
FALLBACKS = {"gpt-4.1": "claude-sonnet-4-5", "o3": "gpt-5", "azure-gpt-4o": "gpt-4o"}
"""Model asked for and model that serves when it is down."""
