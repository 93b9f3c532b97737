"""How each feature uses models: how often, which, with how many tokens, and when."""

from __future__ import annotations

from dataclasses import dataclass

from chargeback.sample.shapes import ALWAYS, LONG, NIGHT, OFFICE, SHORT


@dataclass(frozen=True)
class Profile:
    """Traffic of one feature.

    `weight` is its share of calls (relative); `mix` is model key and share; `scale_in` and
    `scale_out` stretch the token shape; `steps` is the calls of one agent run (1: no agent);
    `cached` is the share of calls whose prompt is partly in the provider's cache; `one_hour` says
    that cache entries are kept for an hour; `gateway_cache` is the share answered by the gateway's
    own cache; `tier` is a service tier that a part of its calls uses; `traced` names the
    instrumentation of its traces; `index` is the vector index it searches.
    """

    feature_id: str
    weight: float
    mix: tuple[tuple[str, float], ...]
    shape: int = SHORT
    scale_in: float = 1.0
    scale_out: float = 6.0
    schedule: int = OFFICE
    steps: int = 1
    cached: float = 0.3
    one_hour: bool = False
    gateway_cache: float = 0.0
    tier: str = "standard"
    evals: float = 0.0
    eval_scope: str = ""
    traced: str = ""
    index: str = ""


def _mix(text: str) -> tuple[tuple[str, float], ...]:
    pairs = (part.split("=") for part in text.split())
    return tuple((name, float(share)) for name, share in pairs)


PROFILES = (
    # AI platform
    Profile("gateway-smoke-tests", 0.5, _mix("gpt-4o-mini=6 claude-haiku-4-5=3 aurora=1"),
            scale_in=0.02, scale_out=0.5, schedule=ALWAYS, cached=0),
    Profile("prompt-registry-evals", 1.6,
            _mix("gpt-5-mini=4 claude-haiku-4-5=3 gemini-2.5-flash=3"),
            schedule=NIGHT, tier="batch", evals=1.0, eval_scope="baseline"),
    Profile("model-playground", 0.7,
            _mix("gpt-5=3 claude-opus-4-5=2 grok-4.3=2 aurora=2 mistral-large=1")),
    Profile("guardrail-classifier", 6.0, _mix("house-llama=7 bedrock-nova-lite=3"), scale_in=0.3,
            scale_out=0.6, schedule=ALWAYS, cached=0),
    # Developer experience
    Profile("pr-review-agent", 6.5, _mix("claude-sonnet-4-5=7 gpt-5=3"), LONG, 0.9, 1.0, steps=7,
            cached=0.8, one_hour=True, evals=0.03, eval_scope="domain", traced="agent"),
    Profile("code-completion", 13.0, _mix("gpt-4.1-mini=6 claude-haiku-4-5=3 deepseek-v4-flash=1"),
            scale_out=1.0, cached=0.5, gateway_cache=0.03),
    Profile("test-writer", 2.2, _mix("claude-sonnet-4-5=6 gpt-5=4"), LONG, 0.8, 2.0, cached=0.6),
    Profile("migration-agent", 1.4, _mix("claude-opus-4-5=6 claude-sonnet-4-5=4"), LONG, 1.3, 1.2,
            steps=12, cached=0.85, one_hour=True, traced="agent"),
    Profile("commit-messages", 3.0, _mix("gpt-4o-mini=9 deepseek-v4-flash=1"), scale_out=2.0),
    # Checkout
    Profile("fraud-explanations", 1.1, _mix("azure-gpt-4o=8 azure-gpt-4o-mini=2"), schedule=ALWAYS),
    Profile("address-normaliser", 3.4, _mix("azure-gpt-4o-mini=10"), scale_in=0.2, scale_out=1.0,
            schedule=ALWAYS, cached=0, gateway_cache=0.2),
    Profile("checkout-helper", 2.4, _mix("azure-gpt-4o=6 azure-gpt-4o-mini=4"), schedule=ALWAYS),
    # Search and discovery
    Profile("semantic-search", 7.0, _mix("embed-small=9 azure-embed-small=1"), scale_in=0.02,
            schedule=ALWAYS, gateway_cache=0.08, index="products-v3"),
    Profile("query-rewriting", 5.0, _mix("gpt-4o-mini=8 gemini-2.5-flash=2"), scale_in=0.2,
            scale_out=1.5, schedule=ALWAYS, cached=0, gateway_cache=0.12),
    Profile("product-embeddings", 3.0, _mix("embed-large=7 embed-small=3"), LONG, 0.6,
            schedule=NIGHT, index="products-v3"),
    Profile("result-reranking", 4.0, _mix("rerank=10"), schedule=ALWAYS),
    Profile("shopping-assistant", 3.6, _mix("gpt-4.1=4 gemini-2.5-flash=3 embed-small=2 rerank=1"),
            scale_in=2.0, schedule=ALWAYS, evals=0.05, eval_scope="shared", traced="rag",
            index="products-v3"),
    # Mobile apps
    Profile("in-app-help", 1.8, _mix("gemini-2.5-flash=8 gpt-4o-mini=2"), schedule=ALWAYS,
            gateway_cache=0.1),
    Profile("voice-notes", 0.9, _mix("gemini-2.5-flash=10"), LONG, 0.3, schedule=ALWAYS),
    Profile("review-summaries", 1.2, _mix("gpt-4o-mini=6 gpt-4o=4"), scale_in=2.0, schedule=NIGHT,
            tier="batch", traced="legacy"),
    # Site reliability
    Profile("incident-summariser", 0.5, _mix("gpt-5=5 o3=5"), LONG, 1.0, 1.0, ALWAYS,
            tier="priority"),
    Profile("log-triage", 2.6, _mix("deepseek-v4-flash=6 house-llama=4"), LONG, 0.5, 0.5, ALWAYS),
    Profile("runbook-search", 0.6,
            _mix("claude-haiku-4-5=6 embed-small=3 rerank=1"), schedule=ALWAYS,
            traced="rag", index="runbooks"),
    # Data science
    Profile("text-to-sql", 1.9, _mix("gpt-5=4 o3=3 claude-sonnet-4-5=3"), scale_in=2.5,
            evals=0.1, eval_scope="domain"),
    Profile("churn-narratives", 0.4, _mix("gpt-5-mini=10"), schedule=NIGHT, tier="flex"),
    Profile("label-suggestions", 2.0, _mix("deepseek-chat=6 house-llama=4"), scale_out=1.0,
            schedule=NIGHT),
    # Analytics
    Profile("dashboard-narratives", 0.8, _mix("gpt-4.1=6 gpt-4.1-mini=4"), scale_in=2.0),
    Profile("metric-explainer", 0.5, _mix("gpt-4.1-mini=10"), gateway_cache=0.15),
    Profile("weekly-report-writer", 0.3,
            _mix("claude-sonnet-4-5=6 gemini-2.5-pro=4"), LONG, 2.0, 2.0,
            NIGHT, tier="batch"),
    # Support automation
    Profile("support-agent", 8.5,
            _mix("claude-sonnet-4-5=5 gpt-4.1=3 claude-haiku-4-5=2"), LONG, 0.5,
            0.8, ALWAYS, steps=5, cached=0.75, evals=0.02, eval_scope="domain", traced="agent"),
    Profile("ticket-triage", 4.2, _mix("gpt-4o-mini=5 house-llama=3 claude-haiku-4-5=2"),
            scale_in=0.6, scale_out=1.0, schedule=ALWAYS),
    Profile("reply-drafts", 3.2,
            _mix("gpt-4.1=5 mistral-large=3 claude-haiku-4-5=2"), schedule=ALWAYS),
    Profile("help-centre-rag", 4.6, _mix("claude-haiku-4-5=5 embed-small=3 rerank=2"), scale_in=2.2,
            schedule=ALWAYS, gateway_cache=0.06, evals=0.04, eval_scope="shared", traced="rag",
            index="help-centre"),
    # Support operations
    Profile("ticket-summary", 2.4, _mix("gpt-4o-mini=8 gemini-2.5-flash=2"), scale_in=1.6),
    Profile("translation-desk", 1.8, _mix("mistral-large=7 gpt-4o=3"), scale_out=12.0),
    Profile("quality-scoring", 1.0, _mix("gpt-5-mini=10"), schedule=NIGHT, tier="batch"),
    # Customer success
    Profile("account-briefs", 0.4, _mix("gpt-5=6 gemini-2.5-pro=4"), LONG, 1.5, 1.5),
    Profile("renewal-risk", 0.2, _mix("o3=10"), scale_in=2.0),
    Profile("call-summaries", 0.7, _mix("gemini-2.5-pro=5 gpt-4o=5"), LONG, 1.2, 1.2,
            traced="traceloop"),
    # Sales development
    Profile("lead-research-agent", 1.9,
            _mix("gpt-5=5 claude-sonnet-4-5=3 grok-4.3=2"), LONG, 0.6, 1.0,
            steps=8, cached=0.6, traced="agent"),
    Profile("outreach-drafts", 1.6, _mix("gpt-4o=5 mistral-large=3 claude-haiku-4-5=2"),
            scale_out=9.0),
    Profile("lead-scoring", 0.9, _mix("gpt-4.1-mini=10"), schedule=NIGHT, tier="batch"),
    # Sales engineering
    Profile("rfp-answers", 0.5, _mix("claude-opus-4-5=4 claude-sonnet-4-5=6"), LONG, 1.6, 2.0),
    Profile("demo-scripts", 0.1, _mix("gpt-4o=10"), scale_out=12.0),
    # Revenue operations
    Profile("pipeline-hygiene", 0.3, _mix("gpt-4o-mini=10"), schedule=NIGHT),
    Profile("forecast-notes", 0.05, _mix("gpt-5=10"), scale_in=2.0),
    # Content studio
    Profile("campaign-copy", 1.3, _mix("gpt-4o=4 claude-sonnet-4-5=4 gemini-2.5-pro=2"),
            scale_out=14.0),
    Profile("image-captions", 1.1, _mix("gemini-2.5-flash=10"), scale_in=0.6, scale_out=2.0),
    Profile("brand-voice-check", 0.7, _mix("azure-gpt-4o-mini=10"), scale_out=2.0),
    # Growth marketing
    Profile("seo-briefs", 0.8, _mix("gpt-4.1=10"), scale_out=10.0),
    Profile("ad-variants", 1.9, _mix("gpt-4o-mini=5 gpt-4o=3 grok-4.3=2"), scale_out=10.0),
    Profile("segment-insights", 0.3, _mix("gpt-5-mini=10"), LONG, 0.5),
    # Finance operations
    Profile("invoice-matching", 1.2, _mix("bedrock-claude-sonnet-4-5=6 bedrock-nova-lite=4"), LONG,
            0.3, 0.4, NIGHT, cached=0.5),
    Profile("expense-audit", 0.3, _mix("bedrock-nova-lite=7 bedrock-claude-sonnet-4-5=3"),
            schedule=NIGHT),
    # Legal review: whole contracts, past the 200,000 tokens where prices jump.
    Profile("contract-review", 0.5, _mix("gemini-2.5-pro=6 claude-opus-4-5=4"), LONG, 5.0, 2.0,
            cached=0.5),
    Profile("clause-search", 0.4, _mix("claude-haiku-4-5=5 embed-large=4 rerank=1"), scale_in=2.0,
            traced="rag", index="contracts"),
    # People operations
    Profile("onboarding-assistant", 0.3, _mix("gpt-4o-mini=7 gpt-4o=3"), gateway_cache=0.1),
    Profile("policy-answers", 0.4, _mix("claude-haiku-4-5=6 embed-small=4"), scale_in=2.0,
            traced="legacy", index="policies"),
    # Talent acquisition
    Profile("cv-screening", 0.25, _mix("azure-gpt-4o=10"), scale_in=1.5),
    Profile("interview-notes", 0.12,
            _mix("gpt-4o=6 mistral-large=4"), LONG, 0.6, traced="traceloop"),
)  # fmt: skip

BURST_TEAM = "growth-marketing"
BURST_FACTOR = 3.0
"""The team whose traffic triples for one week, and by how much."""
