"""SQL that counts the characters of message bodies. Only the number leaves the expression."""

from __future__ import annotations

from chargeback.load.privacy import literal

DEEP_PATHS = ("$..content", "$..text")
"""Where texts are in requests and answers of every provider's dialect, at any depth."""
LIST_PATHS = ("$.input[*]", "$.prompt[*]")
TOP_PATHS = ("$.input", "$.prompt", "$.query", "$.system", "$.instructions", "$.output_text")
"""Texts that stand at the top of a document."""


def text_characters(value: str) -> str:
    """SQL: how many characters of text a body holds; null when there is no body or no text.

    `value` is JSON text or plain text; a string that is JSON itself is read as such. Only the
    strings at the paths above count: not keys, numbers, roles, or arguments of tool calls.
    """
    document = (
        f"case when starts_with({value}, '\"') and json_valid({value}) "
        f"then {value}::json ->> '$' else {value} end"
    )
    lists = [f"json_extract(d, {literal(path)})" for path in (*DEEP_PATHS, *LIST_PATHS)]
    lists.append(f"json_extract(d, [{', '.join(literal(path) for path in TOP_PATHS)}])")
    strings = (
        f"list_filter(flatten([{', '.join(lists)}]), "
        f"lambda s: s is not null and starts_with(s::varchar, '\"'))"
    )
    total = f"list_sum(list_transform({strings}, lambda s: length(s ->> '$')))::bigint"
    counted = (
        f"list_transform([{document}], lambda d: "
        f"case when (starts_with(d, '{{') or starts_with(d, '[')) and json_valid(d) "
        f"then {total} else length(d) end)[1]"
    )
    return (
        f"case when {value} is null or {value} in ('', '{{}}', '[]', 'null', '\"\"') then null "
        f"else {counted} end"
    )


def first_known(*values: str) -> str:
    """SQL: the first count that is known, so that a body logged twice is counted once."""
    return f"coalesce({', '.join(values)})"
