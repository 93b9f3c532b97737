"""OTLP attribute values that hold other values, which SQL can't take apart to any depth."""

from __future__ import annotations

import json
from typing import Any


def convert_nested(text: str) -> str | None:
    """The content of an `arrayValue` or `kvlistValue` as plain JSON; None when it has no values."""
    try:
        content = json.loads(text)
        return json.dumps(_items(content), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _items(content: dict[str, Any]) -> Any:
    values = content.get("values") or []
    if any("key" in value for value in values):
        return {value["key"]: _value(value.get("value") or {}) for value in values}
    return [_value(value) for value in values]


def _value(value: dict[str, Any]) -> Any:
    for kind, content in value.items():
        if kind in ("arrayValue", "kvlistValue"):
            return _items(content)
        if kind == "intValue":
            return int(content)
        return content
    return None
