"""SQL that flattens OTLP JSON messages to one row a span."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chargeback.load import otlp_bodies, privacy
from chargeback.load.json_rules import finite
from chargeback.load.privacy import literal
from chargeback.load.shape import SEPARATOR, clean_line, hex_id, is_text
from chargeback.load.tables import OTEL_SPANS

_VALUE = {
    "stringValue": "JSON",
    "intValue": "VARCHAR",
    "doubleValue": "JSON",
    "boolValue": "JSON",
    "arrayValue": "JSON",
    "kvlistValue": "JSON",
}
_ATTRIBUTES = [{"key": "VARCHAR", "value": _VALUE}]
_SPAN = {
    "traceId": "VARCHAR",
    "spanId": "VARCHAR",
    "parentSpanId": "VARCHAR",
    "name": "VARCHAR",
    "kind": "VARCHAR",
    "startTimeUnixNano": "VARCHAR",
    "endTimeUnixNano": "VARCHAR",
    "status": {"code": "VARCHAR"},
    "attributes": _ATTRIBUTES,
    "events": [{"name": "VARCHAR", "attributes": _ATTRIBUTES}],
}
_MESSAGE = {
    "resourceSpans": [
        {
            "resource": {"attributes": _ATTRIBUTES},
            "scopeSpans": [
                {"scope": {"name": "VARCHAR", "version": "VARCHAR"}, "spans": [_SPAN]},
            ],
        }
    ]
}
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES = ("UNSET", "OK", "ERROR")

MESSAGES = "chargeback_messages"


def flatten(
    source: str, first_position: int, nested: str, keep_keys: Sequence[str] = ()
) -> tuple[str, str]:
    """Two queries: the messages of `source` (line_number, line), and the spans of those messages.

    The result of the first goes to a table named `MESSAGES`, which the second reads. Spans have
    the columns of raw.otel_spans, `_line_number` (the span's position in the file, from
    `first_position`), `_problem` as in `shape`, and `_file_line`. `nested` names the function
    that converts an array or a key-value list that holds others.
    """
    message = literal(json.dumps(_MESSAGE))
    messages = (
        f"select line_number, line, try(from_json(line, {message})) as m "
        f"from (select line_number, {clean_line()} as line from {source} where {is_text()})"
    )
    names = ", ".join(f'"{column.name}"' for column in OTEL_SPANS.columns)
    position = "order by line_number, resource_position, scope_position, span_position"
    spans = f"""
        select {names}, {first_position} - 1 + row_number() over ({position}) as _line_number,
            {_problems()} as _problem, line_number as _file_line
        from (
            select *,
                {_object("kept", nested)}::json as attributes,
                {otlp_bodies.characters("input")} as input_characters,
                {otlp_bodies.characters("output")} as output_characters
            from (
                select *,
                    {_kept("s.attributes", keep_keys)} as kept,
                    {otlp_bodies.body_attributes("s.attributes")} as body_attributes,
                    {otlp_bodies.body_events("s.events")} as body_events,
                    {hex_id("s.traceId")} as trace_id,
                    {hex_id("s.spanId")} as span_id,
                    {hex_id("s.parentSpanId")} as parent_span_id,
                    s.name as span_name,
                    {_enumeration("s.kind", "SPAN_KIND_", _KINDS)} as span_kind,
                    {_nanoseconds("s.startTimeUnixNano")} as start_time,
                    {_nanoseconds("s.endTimeUnixNano")} as end_time,
                    coalesce({_enumeration("s.status.code", "STATUS_CODE_", _STATUSES)}, 0)
                        as status_code
                from ({_unnested(nested, keep_keys)})
            )
        )
    """
    return messages, spans


def _unnested(nested: str, keep_keys: Sequence[str]) -> str:
    """One row a span (`s`), with its resource's attributes, its scope, and its place."""
    return f"""
        select line_number, resource_position, scope_position, resource_attributes, scope_name,
            scope_version, unnest(spans) as s, generate_subscripts(spans, 1) as span_position
        from (
            select * exclude (scoped), scoped.scope.name as scope_name,
                scoped.scope.version as scope_version, scoped.spans as spans
            from (
                select line_number, resource_position, unnest(r.scopeSpans) as scoped,
                    generate_subscripts(r.scopeSpans, 1) as scope_position,
                    {_object("kept", nested)}::json as resource_attributes
                from (
                    select *, {_kept("r.resource.attributes", keep_keys)} as kept
                    from (
                        select line_number, unnest(m.resourceSpans) as r,
                            generate_subscripts(m.resourceSpans, 1) as resource_position
                        from {MESSAGES}
                    )
                )
            )
        )
    """


def _problems() -> str:
    checks = []
    for column, raw in (("trace_id", "s.traceId"), ("span_id", "s.spanId")):
        missing = literal(f"missing_value{SEPARATOR}{column}{SEPARATOR}")
        checks.append(f"when coalesce({raw}, '') = '' then {missing}")
        checks.append(f"when {column} is null then {_bad(column, raw)}")
    checks.append(
        "when coalesce(s.parentSpanId, '') <> '' and parent_span_id is null "
        f"and not regexp_full_match(s.parentSpanId, '[0A=]+') "
        f"then {_bad('parent_span_id', 's.parentSpanId')}"
    )
    for column, raw in (
        ("start_time", "s.startTimeUnixNano"),
        ("end_time", "s.endTimeUnixNano"),
        ("span_kind", "s.kind"),
    ):
        checks.append(
            f"when coalesce({raw}, '0') not in ('0', '') and {column} is null "
            f"then {_bad(column, raw)}"
        )
    return f"case {' '.join(checks)} end"


def _bad(column: str, raw: str) -> str:
    prefix = literal(f"invalid_value{SEPARATOR}{column}{SEPARATOR}")
    return f"{prefix} || left({raw}, 500)"


def _enumeration(raw: str, prefix: str, names: Sequence[str]) -> str:
    """A number, or the name that protobuf's JSON may write for it."""
    options = " ".join(f"when '{prefix}{name}' then {i}" for i, name in enumerate(names))
    return f"case {raw} {options} else try_cast({raw} as integer) end"


def _nanoseconds(raw: str) -> str:
    return f"make_timestamp(nullif(try_cast({raw} as bigint), 0) // 1000)"


def _kept(attributes: str, keep_keys: Sequence[str]) -> str:
    """The allowed ones of a list of attributes."""
    keep = privacy.kept_attribute("a.key", keep_keys)
    return f"list_filter({attributes}, lambda a: {keep})"


def _object(kept: str, nested: str) -> str:
    """Attributes as the text of a JSON object; of equal keys the last one."""
    value = _value("a.value", nested)
    limit = 4 * privacy.MAX_TAG_CHARACTERS
    text = "(a.value.stringValue ->> '$')"
    metadata = f"case when json_valid({text}) then to_json({privacy.short_object(text)}) end"
    entry = (
        f"to_json(a.key) || ':' || case when a.key = 'metadata' then {metadata} "
        f"else case when length({value}) <= {limit} then {value} end end"
    )
    keys = f"list_transform({kept}, lambda a: a.key)"
    unique = (
        f"case when len(list_distinct({keys})) = len({keys}) then {kept} else list_filter({kept}, "
        f"lambda a, i: not list_contains(list_transform({kept}[i + 1:], lambda b: b.key), a.key)) "
        f"end"
    )
    entries = f"list_filter(list_transform({unique}, lambda a: {entry}), lambda e: e is not null)"
    return finite(f"('{{' || coalesce(array_to_string({entries}, ','), '') || '}}')")


def _value(value: str, nested: str) -> str:
    """An attribute's value as JSON text; whole numbers unquoted."""
    number = (
        f"case when regexp_full_match({value}.intValue, '-?(?:0|[1-9][0-9]{{0,18}})') "
        f"then {value}.intValue else to_json({value}.intValue)::varchar end"
    )
    return (
        f"case when {value}.stringValue is not null then {value}.stringValue::varchar "
        f"when {value}.intValue is not null then {number} "
        f"when {value}.boolValue is not null then {value}.boolValue::varchar "
        f"when {value}.doubleValue is not null then {value}.doubleValue::varchar "
        f"when {value}.arrayValue is not null then {nested}({value}.arrayValue::varchar) "
        f"when {value}.kvlistValue is not null then {nested}({value}.kvlistValue::varchar) end"
    )
