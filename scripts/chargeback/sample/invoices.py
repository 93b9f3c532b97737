"""Writes the providers' monthly invoices: they nearly match what was used."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from chargeback.sample.company import Company, at_midnight
from chargeback.sample.plan import Plan
from chargeback.sample.tables import SEAT_PRICES, seats, write_csv

HEADER = [
    "invoice_id", "line_id", "provider", "period", "service", "description", "amount", "currency",
    "line_kind", "issued_at",
]  # fmt: skip
OFF_PROVIDER, OFF_SHARE = "google", 0.04
"""The provider whose invoice is too high, and by how much."""
STORE_MINIMUM = 50.0
SEAT_PROVIDER = "openai"
TAX_PROVIDER, TAX_RATE = "mistral", 0.20
CREDIT_PROVIDER, CREDIT_SHARE = "anthropic", 0.002
COMMITMENT = 25.0


def whole_months(plan: Plan) -> list[str]:
    """Months (YYYY-MM) that the plan covers from their first day to their last."""
    days = {item.day for item in plan.days}
    months = sorted({f"{day:%Y-%m}" for day in days})
    result = []
    for month in months:
        year, number = int(month[:4]), int(month[5:])
        last = monthrange(year, number)[1]
        if all(date(year, number, day) in days for day in range(1, last + 1)):
            result.append(month)
    return result


def write_invoices(
    company: Company, plan: Plan, usd: dict[tuple[str, str], float], out: Path
) -> list[Path]:
    """Write one CSV file a whole month; `usd` is list cost by provider and month."""
    written = []
    for month in whole_months(plan):
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([plan.seed, 3, int(month.replace("-", ""))]))
        )
        lines = []
        for provider in sorted({name for name, period in usd if period == month}):
            lines += _provider_lines(rng, company, provider, month, usd[provider, month])
        written.append(write_csv(out / "finance" / f"invoices-{month}.csv", HEADER, lines))
    return written


def _provider_lines(rng, company, provider: str, month: str, usd: float) -> list[list[str]]:
    invoice = f"INV-{provider.upper()}-{month}"
    year, number = int(month[:4]), int(month[5:])
    issued = date(year, number, monthrange(year, number)[1]) + timedelta(days=3)
    rows: list[list[str]] = []

    def add(service: str, text: str, amount: float, kind: str) -> None:
        rows.append(
            [
                invoice, f"{len(rows) + 1:03d}", provider, month, service, text,
                f"{amount:.6f}" if kind == "usage" else f"{amount:.2f}",
                "USD", kind, str(at_midnight(issued)),
            ]
        )  # fmt: skip

    shift = OFF_SHARE if provider == OFF_PROVIDER else (rng.random() - 0.5) * 0.006
    usage = round(usd * (1 + shift), 6)
    if provider == "pinecone":
        add("serverless", "Read and write units", usage, "usage")
        if usage < STORE_MINIMUM:
            add("serverless", "Monthly minimum, remainder", STORE_MINIMUM - usage, "minimum")
    else:
        share = round(usage * 0.7, 6)
        add("api", "API usage, input tokens", share, "usage")
        add("api", "API usage, output tokens", usage - share, "usage")
    if provider == SEAT_PROVIDER:
        for plan, price in SEAT_PRICES.items():
            count = _seat_count(company, plan, issued.replace(day=1))
            add("assistant", f"{count} seats, {plan}", count * price, "seat")
    if provider == CREDIT_PROVIDER:
        add("api", "Service credit", -round(usage * CREDIT_SHARE, 2), "credit")
    if provider == "aws":
        add("bedrock", "Commitment fee", COMMITMENT, "commitment")
    if provider == TAX_PROVIDER:
        add("api", "VAT 20 %", round(usage * TAX_RATE, 2), "tax")
    return rows


def _seat_count(company: Company, plan: str, day: date) -> int:
    moment = str(at_midnight(day))
    return sum(
        1
        for _, _, name, starts, ends in seats(company)
        if name == plan and starts <= moment and (not ends or moment < ends)
    )
