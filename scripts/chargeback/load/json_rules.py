"""SQL for JSON columns: which of their keys and values are kept.

Each rule takes `STEPS` steps, and each step reads the one before by its name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from chargeback.load import privacy
from chargeback.load.privacy import literal
from chargeback.load.tables import Column

STEPS = 4
_MAP = "'\"MAP(VARCHAR,JSON)\"'"


def last_step(column: Column) -> str:
    """Name of the last step's result: the text that is kept, or null."""
    return f"j{STEPS}_{column.name}"


def steps(column: Column, raw: str, keep_emails: bool, keep_keys: Sequence[str]) -> list[str]:
    """The steps from the file's text `raw` to the text that is kept.

    They are: unwrap JSON text in a JSON string, parse, choose, and remove what only some readers of
    JSON accept. Text that isn't JSON becomes null.
    """
    names = [f'"j{number}_{column.name}"' for number in range(1, STEPS + 1)]
    unwrapped = (
        f"case when {raw} = '' then null when starts_with({raw}, '\"') "
        f"then try({raw}::json) ->> '$' else {raw} end"
    )
    text, parsed, chosen, _ = names
    match column.rule:
        case "tags":
            expressions = (_tag_items(text), _short_tags(parsed))
        case "litellm_metadata":
            expressions = (_litellm_struct(text, keep_keys), _litellm_text(parsed, keep_keys))
        case "numbers":
            number = "regexp_full_match(e.value::varchar, '\"?-?[0-9][0-9.eE+-]*\"?')"
            short = f"length(e.key) <= {privacy.MAX_TAG_CHARACTERS}"
            expressions = (_entries(text), _kept_entries(parsed, f"{short} and {number}"))
        case "langfuse_metadata":
            expressions = (_entries(text), _langfuse_text(parsed, keep_keys))
        case "attributes":
            keep = privacy.kept_attribute("e.key", keep_keys)
            limit = 4 * privacy.MAX_TAG_CHARACTERS
            short = f"e.key <> 'metadata' and length(e.value::varchar) <= {limit}"
            expressions = (_entries(text), _kept_entries(parsed, f"{short} and {keep}"))
        case _:
            addresses = column.rule == "user_metadata" and not keep_emails
            condition = privacy.short_condition(addresses)
            expressions = (_entries(text), _kept_entries(parsed, condition))
    all_steps = (unwrapped, *expressions, finite(chosen))
    return [f"{step} as {name}" for step, name in zip(all_steps, names, strict=True)]


def _entries(text: str) -> str:
    is_object = f"starts_with(ltrim({text}), '{{')"
    return f"case when {is_object} then map_entries(try(from_json({text}, {_MAP}))) end"


def _kept_entries(entries: str, condition: str) -> str:
    return f"'{{' || {_chosen_texts(entries, condition)} || '}}'"


def _tag_items(text: str) -> str:
    """A list of texts, from a JSON array, a PostgreSQL array, or a separated list."""
    split = f"string_split_regex(trim({text}, '{{}}'), '\\s*[,;]\\s*')"
    return (
        f"case when starts_with({text}, '[') then try(from_json({text}, '[\"VARCHAR\"]')) "
        f"when {text} = '{{}}' then [] "
        f"when {text} is not null then list_transform({split}, lambda t: trim(t, '\"')) end"
    )


def _short_tags(items: str) -> str:
    limit = privacy.MAX_TAG_CHARACTERS
    short = f"list_filter({items}, lambda t: t is not null and length(t) <= {limit})"
    return f"case when {items} is not null then to_json({short})::varchar end"


def _litellm_scalars(keep_keys: Sequence[str]) -> list[str]:
    extra = [key for key in privacy.checked_keys(keep_keys) if "*" not in key]
    return list(dict.fromkeys((*privacy.LITELLM_METADATA, *extra)))


def _litellm_struct(text: str, keep_keys: Sequence[str]) -> str:
    spec: dict[str, object] = dict.fromkeys(_litellm_scalars(keep_keys), "JSON")
    spec |= dict.fromkeys(privacy.LITELLM_METADATA_OBJECTS, "JSON")
    for key, parts in privacy.LITELLM_METADATA_PARTS.items():
        spec[key] = dict.fromkeys(parts, "JSON")
    spec |= {"spend_logs_metadata": "JSON", "tags": "JSON"}
    return f"try(from_json({text}, {literal(json.dumps(spec))}))"


def _litellm_text(struct: str, keep_keys: Sequence[str]) -> str:
    entries = []
    for key in _litellm_scalars(keep_keys):
        entries.append(_entry(key, privacy.short_json(f'{struct}."{key}"')))
    for key in privacy.LITELLM_METADATA_OBJECTS:
        entries.append(_entry(key, f"{struct}.{key}::varchar"))
    for key, parts in privacy.LITELLM_METADATA_PARTS.items():
        inner = [_entry(part, privacy.short_json(f"{struct}.{key}.{part}")) for part in parts]
        joined = f"nullif(concat_ws(',', {', '.join(inner)}), '')"
        entries.append(_entry(key, f"'{{' || {joined} || '}}'"))
    own = privacy.short_object(f"{struct}.spend_logs_metadata::varchar")
    entries.append(_entry("spend_logs_metadata", own))
    tags = f"{struct}.tags::varchar"
    is_list = f"starts_with({tags}, '[')"
    entries.append(_entry("tags", f"case when {is_list} then {_short_tags(_tag_items(tags))} end"))
    text = f"'{{' || concat_ws(',', {', '.join(entries)}) || '}}'"
    return f"case when {struct} is not null then {text} end"


LANGFUSE_OBJECTS = ("attributes", "resourceAttributes")
"""Keys of Langfuse's metadata below which the attributes of an OpenTelemetry span are."""


def _langfuse_text(entries: str, keep_keys: Sequence[str]) -> str:
    """Own short values, and the allowed attributes of the span the observation came as."""
    names = ", ".join(literal(key) for key in LANGFUSE_OBJECTS)
    extra = ", ".join(literal(key) for key in privacy.checked_keys(keep_keys) if "*" not in key)
    own = f"(e.key not in ({names}) and {privacy.short_condition()})"
    if extra:
        own = f"({own} or e.key in ({extra}))"
    parts = [_chosen_texts(entries, own)]
    short = f"length(e.value::varchar) <= {4 * privacy.MAX_TAG_CHARACTERS}"
    keep = f"e.key <> 'metadata' and {short} and {privacy.kept_attribute('e.key', keep_keys)}"
    for key in LANGFUSE_OBJECTS:
        found = f"list_filter({entries}, lambda e: e.key = {literal(key)})[1].value"
        # Some exports have them as text.
        value = (
            f"case when starts_with({found}::varchar, '\"') then {found} ->> '$' else {found} end"
        )
        inner = _chosen_texts(_entries(f"({value})"), keep)
        parts.append(_entry(key, f"'{{' || nullif({inner}, '') || '}}'"))
    joined = ", ".join(f"nullif({part}, '')" for part in parts)
    return f"case when {entries} is not null then '{{' || concat_ws(',', {joined}) || '}}' end"


def _chosen_texts(entries: str, condition: str) -> str:
    """The entries that fulfil a condition as the inside of an object's text."""
    kept = f"list_filter({entries}, lambda e: e.value is not null and {condition})"
    texts = f"list_transform({kept}, lambda e: to_json(e.key) || ':' || e.value::varchar)"
    return f"array_to_string({texts}, ',')"


def _entry(key: str, value: str) -> str:
    return f"{literal(json.dumps(key) + ':')} || ({value})"


def finite(text: str) -> str:
    """SQL: JSON text with null for NaN and Infinity, which PostgreSQL does not accept."""
    pattern = literal(r"([:,\[])\s*-?(?:NaN|Infinity)\s*([,}\]])")
    replaced = f"regexp_replace(t, {pattern}, '\\1null\\2', 'g')"
    has_some = "contains(t, 'NaN') or contains(t, 'Infinity')"
    return f"list_transform([{text}], lambda t: case when {has_some} then {replaced} else t end)[1]"
