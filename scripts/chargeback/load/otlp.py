"""SQL that flattens OTLP JSON messages to one row a span."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chargeback.load import bodies, privacy
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
INPUT_MESSAGES = ("gen_ai.input.messages", "gen_ai.system_instructions")
OUTPUT_MESSAGES = ("gen_ai.output.messages",)
INPUT_PARTS = r"^(?:gen_ai\.prompt(?:\.\d+\.content)?|llm\.prompts(?:\..*)?)$"
OUTPUT_PARTS = r"^(?:gen_ai\.completion(?:\.\d+\.content)?|llm\.completions(?:\..*)?)$"
_MESSAGE_TEXT = r"\.\d+\.message\.(?:content|contents\.\d+\.message_content\.text)$"
LLM_INPUT = r"^llm\.input_messages" + _MESSAGE_TEXT
LLM_OUTPUT = r"^llm\.output_messages" + _MESSAGE_TEXT
EMBEDDED = r"^embedding\.embeddings\.\d+\.embedding\.text$"
INPUT_EVENTS = r"^gen_ai\.(?:content\.prompt|(?:system|user|assistant|tool)\.message)$"
OUTPUT_EVENTS = r"^gen_ai\.(?:content\.completion|choice)$"


def flatten(
    source: str, first_position: int, nested: str, keep_keys: Sequence[str] = ()
) -> tuple[str, str]:
    """Two queries: the messages of `source` (line_number, line), and the spans of those messages.

    The result of the first goes to a table named `MESSAGES`, which the second reads. Spans have the columns of raw.otel_spans, `_line_number` (the span's position in the file,
    from `first_position`), `_problem` as in `shape`, and `_file_line`. `nested` names the
    function that converts an array or a key-value list that holds others.
    """
    message = literal(json.dumps(_MESSAGE))
    parsed = (
        f"select line_number, line, try(from_json(line, {message})) as m "
        f"from (select line_number, {clean_line()} as line from {source} where {is_text()})"
    )
    names = ", ".join(f'"{column.name}"' for column in OTEL_SPANS.columns)
    spans = f"""
        select {names}, {first_position} - 1 + row_number() over (
                order by line_number, resource_position, scope_position, span_position
            ) as _line_number,
            {_problems()} as _problem, line_number as _file_line
        from (
            select *,
                {hex_id("s.traceId")} as trace_id,
                {hex_id("s.spanId")} as span_id,
                {hex_id("s.parentSpanId")} as parent_span_id,
                s.name as span_name,
                {_enumeration("s.kind", "SPAN_KIND_", _KINDS)} as span_kind,
                {_nanoseconds("s.startTimeUnixNano")} as start_time,
                {_nanoseconds("s.endTimeUnixNano")} as end_time,
                coalesce({_enumeration("s.status.code", "STATUS_CODE_", _STATUSES)}, 0)
                    as status_code,
                {_object("s.attributes", nested, keep_keys)}::json as attributes,
                {_characters("input")} as input_characters,
                {_characters("output")} as output_characters
            from (
                select line_number, resource_position, scope_position, resource_attributes,
                    scope_name, scope_version, unnest(spans) as s,
                    generate_subscripts(spans, 1) as span_position
                from (
                    select line_number, resource_position, resource_attributes,
                        scope_spans.scope.name as scope_name,
                        scope_spans.scope.version as scope_version,
                        scope_spans.spans as spans, scope_position
                    from (
                        select line_number, resource_position,
                            {_object("r.resource.attributes", nested, keep_keys)}::json
                                as resource_attributes,
                            unnest(r.scopeSpans) as scope_spans,
                            generate_subscripts(r.scopeSpans, 1) as scope_position
                        from (
                            select line_number, unnest(m.resourceSpans) as r,
                                generate_subscripts(m.resourceSpans, 1) as resource_position
                            from {MESSAGES}
                        )
                    )
                )
            )
        )
    """
    return parsed, spans


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


def _object(attributes: str, nested: str, keep_keys: Sequence[str]) -> str:
    """The allowed attributes as the text of a JSON object; of equal keys the last one."""
    kept = f"list_filter({attributes}, lambda a: {privacy.kept_attribute('a.key', keep_keys)})"
    value = _value("a.value", nested)
    limit = 4 * privacy.MAX_TAG_CHARACTERS
    text = "(a.value.stringValue ->> '$')"
    metadata = (
        f"case when json_valid({text}) and starts_with({text}, '{{') "
        f"then {privacy.short_entries(text)} end"
    )
    entry = (
        f"case when a.key = 'metadata' then to_json(a.key) || ':' || to_json({metadata}) "
        f"else to_json(a.key) || ':' || case when length({value}) <= {limit} then {value} end end"
    )
    entries = f"list_filter(list_transform({kept}, lambda a: {entry}), lambda e: e is not null)"
    return f"('{{' || coalesce(array_to_string({entries}, ','), '') || '}}')"


def _value(value: str, nested: str) -> str:
    """An attribute's value as JSON text; whole numbers unquoted."""
    number = (
        f"case when regexp_full_match({value}.intValue, '-?[0-9]{{1,19}}') "
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


def _characters(side: str) -> str:
    """Characters of a span's bodies, from the first place that has them."""
    is_input = side == "input"
    messages = INPUT_MESSAGES if is_input else OUTPUT_MESSAGES
    listed = ", ".join(literal(key) for key in messages)
    parts = INPUT_PARTS if is_input else OUTPUT_PARTS
    llm = LLM_INPUT if is_input else LLM_OUTPUT
    events = INPUT_EVENTS if is_input else OUTPUT_EVENTS
    document = bodies.text_characters("a.value.stringValue::varchar")
    plain = "length(a.value.stringValue ->> '$')"
    places = [
        _sum("s.attributes", f"a.key in ({listed})", document),
        _sum("s.attributes", f"regexp_matches(a.key, {literal(parts)})", plain),
        _sum("s.attributes", f"regexp_matches(a.key, {literal(llm)})", plain),
    ]
    if is_input:
        places.append(_sum("s.attributes", f"regexp_matches(a.key, {literal(EMBEDDED)})", plain))
    of_events = (
        f"flatten(list_transform(list_filter(s.events, "
        f"lambda e: regexp_matches(e.name, {literal(events)})), lambda e: e.attributes))"
    )
    places.append(
        _sum(of_events, "a.value.stringValue is not null and a.key <> 'gen_ai.system'", plain)
    )
    places.append(_sum("s.attributes", f"a.key = '{side}.value'", document))
    return bodies.first_known(*places)


def _sum(attributes: str, condition: str, count: str) -> str:
    return (
        f"list_sum(list_transform(list_filter({attributes}, lambda a: {condition}), "
        f"lambda a: {count}))::bigint"
    )
