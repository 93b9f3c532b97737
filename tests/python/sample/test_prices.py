from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from chargeback.sample.models import INDEX, MODELS
from chargeback.sample.prices import INPUT, OUTPUT, TIERS, PriceList, spend_parts

HEADER = (
    "provider,model,region,service_tier,component,unit,price,currency,effective_from,effective_to,"
    "min_input_tokens,threshold_operator,daily_from,daily_to,source,source_date\n"
)


def _book(tmp_path: Path, rows: list[str]) -> PriceList:
    path = tmp_path / "price_book.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return PriceList.read(path)


def _usd(prices: PriceList, day: date, key: str, tokens_in: int, tokens_out: int, **more) -> float:
    def one(value):
        return np.array([value], dtype=np.int64)

    parts = spend_parts(
        prices.on(day),
        one(INDEX[key]),
        one(more.get("tier", 0)),
        one(more.get("start_ms", 0)),
        one(tokens_in),
        one(more.get("cached", 0)),
        one(more.get("write_5m", 0)),
        one(more.get("write_1h", 0)),
        one(tokens_out),
    )
    return float(parts[0][0] + parts[3][0])


def test_the_worked_example_of_a_cached_call():
    usd = _usd(
        PriceList(), date(2026, 9, 1), "claude-sonnet-4-5", 100_000, 1_000,
        cached=60_000, write_5m=10_000, write_1h=20_000,
    )  # fmt: skip
    assert usd == pytest.approx(0.2205)


@pytest.mark.parametrize(("tokens", "usd"), [(200_000, 0.26), (200_001, 0.5150025)])
def test_long_context_is_a_cliff(tokens, usd):
    assert _usd(PriceList(), date(2026, 9, 1), "gemini-2.5-pro", tokens, 1_000) == pytest.approx(
        usd
    )


def test_prices_change_by_day():
    prices = PriceList()
    by_day = [
        prices.on(date(2026, *day)).base[0, 0, INDEX["deepseek-v4-flash"], INPUT] * 1e6
        for day in ((8, 16), (8, 17), (9, 9), (9, 10))
    ]
    assert by_day == pytest.approx([0.14, 0.22, 0.22, 0.15])


def test_the_price_book_wins(tmp_path):
    prices = _book(
        tmp_path,
        [
            "openai,gpt-4o,,standard,input,per_million_tokens,7,USD,2026-01-01,2026-09-01,0,>,,,,",
            "openai,gpt-4o,,standard,output,per_million_tokens,9,USD,2026-01-01,,0,>,,,,",
            "openai,gpt-4o,,standard,input,per_million_tokens,8,USD,2026-09-01,,0,>,,,,",
            "openai,gpt-4o,us,standard,input,per_million_tokens,99,USD,2026-01-01,,0,>,,,,",
        ],
    )
    place = INDEX["gpt-4o"]
    assert prices.on(date(2026, 8, 31)).base[0, 0, place, INPUT] == pytest.approx(7e-6)
    assert prices.on(date(2026, 9, 1)).base[0, 0, place, INPUT] == pytest.approx(8e-6)
    assert prices.on(date(2026, 9, 1)).base[0, 0, place, OUTPUT] == pytest.approx(9e-6)


def test_tiers_hours_and_thresholds_of_the_price_book(tmp_path):
    prices = _book(
        tmp_path,
        [
            "x-ai,grok-4.3,,standard,input,per_million_tokens,2,USD,2026-01-01,,0,>=,,,,",
            "x-ai,grok-4.3,,standard,input,per_million_tokens,4,USD,2026-01-01,,1000,>=,,,,",
            "x-ai,grok-4.3,,batch,input,per_million_tokens,1.5,USD,2026-01-01,,0,>=,,,,",
            "deepseek,deepseek-chat,,standard,input,per_million_tokens,1,USD,2026-01-01,,0,>=,"
            "00:30,16:30,,",
            "deepseek,deepseek-chat,,standard,input,per_million_tokens,3,USD,2026-01-01,,0,>=,"
            "16:30,24:00,,",
        ],
    )
    day = date(2026, 9, 1)
    assert _usd(prices, day, "grok-4.3", 999, 0) == pytest.approx(999 * 2e-6)
    assert _usd(prices, day, "grok-4.3", 1000, 0) == pytest.approx(1000 * 4e-6)
    batch = TIERS.index("batch")
    assert _usd(prices, day, "grok-4.3", 10, 0, tier=batch) == pytest.approx(10 * 1.5e-6)
    noon, evening = 12 * 3_600_000, 17 * 3_600_000
    assert _usd(prices, day, "deepseek-chat", 10, 0, start_ms=noon) == pytest.approx(10e-6)
    assert _usd(prices, day, "deepseek-chat", 10, 0, start_ms=evening) == pytest.approx(30e-6)


def test_every_priced_model_has_a_price():
    base = PriceList().on(date(2026, 9, 1)).base
    for place, model in enumerate(MODELS):
        if model.price_model and model.key != "rerank":
            assert base[0, 0, place, INPUT] > 0, model.key


def test_a_rerank_costs_per_search():
    assert _usd(PriceList(), date(2026, 9, 1), "rerank", 0, 0) == pytest.approx(0.002)
