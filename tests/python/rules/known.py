"""Cases of which the design says something else than the models do today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest


def cases(names: Iterable[Any], wrong: Mapping[Any, str]) -> list[Any]:
    """Parameters of a test: those in `wrong` are expected to fail, for the reason given there.

    The mark is strict: a case that is put right fails until it is taken out of `wrong`.
    """
    return [
        pytest.param(
            *(name if isinstance(name, tuple) else (name,)),
            marks=[pytest.mark.xfail(strict=True, reason=wrong[name])] if name in wrong else [],
        )
        for name in names
    ]
