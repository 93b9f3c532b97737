"""Providers that exist only here, with round prices, and what the company agreed with them.

Every rule has a provider of its own, so that months, schedules and invoices don't mix.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

# The day on which `price_change` changes all prices: after all logs but those in `TOMORROW`.
CHANGE = "2027-01-01"

# provider, model, service tier, component, price, from, to, past how many tokens, operator;
# `REGIONAL` holds in the region `eu` only
_ALWAYS = ("1970-01-01", "", "0", ">=")
_TOKENS = "per_million_tokens"


def _flat(provider: str, model: str, tier: str = "standard", **prices: str) -> list[tuple]:
    return [(provider, model, tier, name, price, *_ALWAYS) for name, price in prices.items()]


def _past(provider: str, model: str, operator: str, tokens: int, **prices: str) -> list[tuple]:
    return [
        (provider, model, "standard", name, price, "1970-01-01", "", str(tokens), operator)
        for name, price in prices.items()
    ]


def _dated(model: str, start: str, end: str, **prices: str) -> list[tuple]:
    return [
        ("dateco", model, "standard", name, price, start, end, "0", ">=")
        for name, price in prices.items()
    ]


_BASE = {
    "input": "1",
    "cache_read": "0.1",
    "cache_write_5m": "1.25",
    "cache_write_1h": "2",
    "output": "4",
}
_LONG = {
    "input": "2",
    "cache_read": "0.2",
    "cache_write_5m": "2.5",
    "cache_write_1h": "4",
    "output": "6",
}
_TEN = {"input": "10", "output": "20"}
_TWENTY = {"input": "20", "output": "40"}

PRICES = [
    *_dated("m", "2026-03-01", "2026-03-10 06:30:00", input="1", output="2"),
    *_dated("m", "2026-03-10 06:30:00", "2026-03-20", input="3", output="5"),
    *_flat("cliffco", "above", **_BASE),
    *_past("cliffco", "above", ">", 100, **_LONG),
    *_flat("cliffco", "from", **_BASE),
    *_past("cliffco", "from", ">=", 100, **_LONG),
    *_flat("cliffco", "steps", input="1", output="1"),
    *_past("cliffco", "steps", ">", 100, input="2", output="3"),
    *_past("cliffco", "steps", ">", 200, input="5", output="7"),
    *_flat("thinkco", "inside", input="1", output="10"),
    *_flat("thinkco", "apart", input="1", output="10", reasoning="3"),
    *_flat("gapco", "half", input="1"),
    *_flat("gapco", "free", input="0", output="0"),
    *_flat("gapco", "tierless", **_TEN),
    *_flat("dealco", "plain", cache_read="1", **_TEN),
    *_flat("dealco", "named", **_TEN),
    *_flat("dealco", "named", "batch", input="5", output="10"),
    *_flat("dealco", "cached", **_TEN),
    *_flat("dealco", "cliff", **_TEN),
    *_past("dealco", "cliff", ">", 100, **_TWENTY),
    *_flat("dearco", "m", **_TEN),
    *_flat("dearco", "by-unit", **_TEN),
    *_flat("dearco", "surcharged", **_TEN),
    *_flat("dearco", "given", **_TEN),
    *_flat("volco", "a", **_TEN),
    *_flat("volco", "b", input="100", output="200"),
    *_flat("volnegoco", "m", **_TEN),
    *_flat("capco", "m", **_TEN),
    *_flat("capco", "other", **_TEN),
    *_flat("minco", "m", **_TEN),
    *_flat("freeco", "m", **_TEN),
    *_flat("freeco", "m", "batch", input="5", output="10"),
    *_flat("freeco", "n", **_TEN),
    *_flat("freeco", "w", **_TEN),
    *_flat("freeco", "asked", **_TEN),
    *_flat("freeco", "two", **_TEN),
    *_flat("lateco", "m", **_TEN),
    *_flat("mixco", "m", **_TEN),
    *_flat("regco", "m", **_TEN),
    *_flat("aliasco", "base", input="1", output="1"),
    *_flat("aliasco", "base-long", input="2", output="2"),
    *_flat("aliasco", "other", input="3", output="3"),
    *_flat("hitco", "m", **_TEN),
    *_past("hitco", "m", ">", 100, **_TWENTY),
    *_flat("ownco", "m", **_TEN),
    *_past("ownco", "m", ">", 100, **_TWENTY),
    *_flat("exactco", "m", input="0.000000001", output="0.123456789"),
    *_flat("exactco", "dear", input="999999.999999999", output="1"),
]

REGIONAL = _flat("regco", "m", input="11", output="22")

# provider, match type, pattern, model, priority
ALIASES = [
    *(
        (provider, "exact", model, model, "1")
        for provider, model in sorted({(row[0], row[1]) for row in PRICES})
    ),
    ("aliasco", "exact", "base-2026", "other", "1"),
    ("aliasco", "prefix", "base-long", "base-long", "10"),
    ("aliasco", "prefix", "base-", "base", "20"),
    ("aliasco", "prefix", "twin", "base", "30"),
    ("aliasco", "contains", "twin", "other", "30"),
]

# allowance, provider, model, component, quantity, period, condition
ALLOWANCES = [
    ("free-day", "freeco", "m", "input", "1000", "day", ""),
    ("free-day", "freeco", "n", "input", "1000", "day", ""),
    ("free-month", "freeco", "w", "output", "1000", "month", ""),
    ("free-two-input", "freeco", "two", "input", "1000", "day", ""),
    ("free-two-output", "freeco", "two", "output", "10", "day", ""),
    ("free-asked", "freeco", "asked", "input", "1000000", "day", "only who opted in"),
]

COMPANY = {
    "model_deployments.csv": """\
deployment,provider,model
azure/our-gpt4o,azure,gpt-4o
pinecone,pinecone,serverless
aliasco/base-ours,aliasco,other
""",
    "negotiated_rates.csv": """\
rate_id,provider,model,region,service_tier,component,discount,price,unit,currency,valid_from,valid_to,comment
deal-all,dealco,,,,,0.10,,,,2026-03-01,2026-04-01,all
deal-input,dealco,,,,input,0.30,,,,2026-03-01,2026-04-01,input of all
deal-named,dealco,named,,,,0.20,,,,2026-03-01,2026-04-01,a model
deal-named-output,dealco,named,,,output,,4,per_million_tokens,USD,2026-03-01,2026-04-01,its output
deal-named-batch,dealco,named,,batch,,0.50,,,,2026-03-01,2026-04-01,its batches
deal-cached,dealco,cached,,,input,,6,per_million_tokens,USD,2026-03-01,2026-04-01,a fixed price
deal-cliff,dealco,Cliff,,,,0.10,,,,2026-03-01,2026-04-01,a model with a cliff
dear,dearco,m,,,input,,12,per_million_tokens,USD,,,above list
dear-unit,dearco,by-unit,,,input,,0.000006,per_unit,USD,,,6 a million
dear-more,dearco,surcharged,,,,-0.05,,,,,,a surcharge
dear-given,dearco,given,,,,1,,,,,,nothing to pay
reg-tier,regco,,,standard,,0.10,,,,,,a tier
reg-eu,regco,,eu,,,0.20,,,,,,a region
volnego,volnegoco,,,,,0.10,,,,,,before the volume discount
cap-half,capco,,,,,0.50,,,,2026-03-01,,all
min-june,minco,,,,,0.10,,,,2026-06-01,,all
euro-all,eurco,,,,,0.10,,,,2026-03-10,,all
euro-wrong,eurco,wrong,,,input,,3,per_million_tokens,USD,2026-03-10,,not in euros
euro-fixed,eurco,fixed,,,input,,3,per_million_tokens,EUR,2026-03-10,,a fixed price
free-n,freeco,n,,,,0.50,,,,2026-03-02,,a model
hit-all,hitco,,,,,0.10,,,,,,all
""",
    "volume_tiers.csv": """\
schedule_id,provider,model,service_tier,measure,min_quantity,discount,valid_from,valid_to,comment
vol,volco,,,tokens,0,0,2026-02-01,2026-11-01,
vol,volco,,,tokens,1000,0.10,2026-02-01,2026-11-01,
vol,volco,,,tokens,5000,0.20,2026-02-01,2026-11-01,
vol-b,volco,b,,requests,0,0,2026-02-01,2026-11-01,
vol-b,volco,b,,requests,3,0.50,2026-02-01,2026-11-01,
vol-late,lateco,,,tokens,0,0,,,
vol-late,lateco,,,tokens,1000,0.10,,,
vol-list,volnegoco,,,list_cost,0,0,2026-03-15,2026-05-15,
vol-list,volnegoco,,,list_cost,1,0.10,2026-03-15,2026-05-15,
""",
    "commitments.csv": """\
commitment_id,provider,model,region,service_tier,commitment_kind,amount,currency,valid_from,valid_to,comment
cap,capco,M,,,capacity,3100,USD,2026-03-11,2026-05-01,reserved
min,minco,,,,minimum,0.05,USD,2026-03-01,,at least
min-euro,eurco,,,,minimum,1,EUR,2026-03-01,,at least
""",
    "fx_rates.csv": """\
currency,rate_date,usd_per_unit,source
EUR,2026-03-01,1.10,by hand
EUR,2026-03-10,1.25,by hand
""",
    "price_overrides.csv": """\
provider,model,region,service_tier,component,unit,price,currency,effective_from,effective_to,min_input_tokens,threshold_operator,days_of_week,daily_from,daily_to,min_quantity,source,source_date,comment
ownco,M,,standard,input,per_million_tokens,7,USD,2026-03-01,2026-04-01,,,,,,,,,our own
eurco,m,,standard,input,per_million_tokens,2,EUR,2026-01-01,,,,,,,,,,in euros
eurco,m,,standard,output,per_million_tokens,8,EUR,2026-01-01,,,,,,,,,,in euros
eurco,wrong,,standard,input,per_million_tokens,4,EUR,2026-01-01,,,,,,,,,,in euros
eurco,wrong,,standard,output,per_million_tokens,8,EUR,2026-01-01,,,,,,,,,,in euros
mixco,m,,standard,input,per_million_tokens,2,EUR,2026-01-01,,,,,,,,,,one of two components
eurco,fixed,,standard,input,per_million_tokens,4,EUR,2026-01-01,,,,,,,,,,in euros
eurco,fixed,,standard,output,per_million_tokens,8,EUR,2026-01-01,,,,,,,,,,in euros
""",
}


def add_to(root: Path) -> None:
    """Write the agreements into a copy of the project, beside the shipped price book."""
    for name, text in COMPANY.items():
        (root / "seeds" / "company" / name).write_text(text, encoding="utf-8")
    reference = root / "seeds" / "reference"
    providers = sorted({row[0] for row in PRICES} | {"eurco"})
    _append(
        reference / "providers.csv",
        [{"provider_alias": name, "provider": name} for name in providers],
    )
    _append(
        reference / "price_book.csv",
        [
            {
                "provider": provider,
                "model": model,
                "region": region,
                "service_tier": tier,
                "component": component,
                "unit": _TOKENS,
                "price": price,
                "currency": "USD",
                "effective_from": start,
                "effective_to": end,
                "min_input_tokens": tokens,
                "threshold_operator": operator,
                "source": "by hand",
                "source_date": "2026-01-01",
            }
            for region, rows in (("", PRICES), ("eu", REGIONAL))
            for provider, model, tier, component, price, start, end, tokens, operator in rows
        ],
    )
    euro = [("eurco", "exact", model, model, "1") for model in ("m", "fixed", "wrong")]
    _append(
        reference / "model_aliases.csv",
        [
            dict(zip(("provider", "match_type", "pattern", "model", "priority"), row, strict=True))
            | {"source": "by hand"}
            for row in [*ALIASES, *euro]
        ],
    )
    names = ("allowance", "provider", "model", "component", "quantity", "period", "condition")
    _append(
        reference / "free_allowances.csv",
        [
            dict(zip(names, row, strict=True))
            | {"pooled_over": "organisation", "source": "by hand", "source_date": "2026-01-01"}
            for row in ALLOWANCES
        ],
    )


def price_change(root: Path) -> None:
    """Close every open price of the book at `CHANGE`; from then on each is 1 more."""
    path = root / "seeds" / "reference" / "price_book.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    added = []
    for row in rows:
        if not row["effective_to"]:
            dearer = str(Decimal(row["price"]) + 1)
            added.append(row | {"effective_from": CHANGE, "price": dearer})
            row["effective_to"] = CHANGE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows + added)


def _append(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writerows(rows)
