"""SQL that counts the characters of message bodies in spans, in each instrumentation's dialect."""

from __future__ import annotations

from chargeback.load import bodies
from chargeback.load.privacy import literal

_INPUT_MESSAGES = ("gen_ai.input.messages", "gen_ai.system_instructions")
_OUTPUT_MESSAGES = ("gen_ai.output.messages",)
_INPUT_PARTS = r"^(?:gen_ai\.prompt(?:\.\d+\.content)?|llm\.prompts(?:\..*)?)$"
_OUTPUT_PARTS = r"^(?:gen_ai\.completion(?:\.\d+\.content)?|llm\.completions(?:\..*)?)$"
_MESSAGE_TEXT = r"\.\d+\.message\.(?:content|contents\.\d+\.message_content\.text)$"
_LLM_INPUT = r"^llm\.input_messages" + _MESSAGE_TEXT
_LLM_OUTPUT = r"^llm\.output_messages" + _MESSAGE_TEXT
_EMBEDDED = r"^embedding\.embeddings\.\d+\.embedding\.text$"
_ANY_BODY = (
    r"^(?:gen_ai\.(?:input\.messages|output\.messages|system_instructions|prompt|completion)"
    r"|llm\.(?:prompts|completions|input_messages|output_messages)"
    r"|embedding\.embeddings|(?:input|output)\.value)"
)
_INPUT_EVENTS = r"^gen_ai\.(?:content\.prompt|(?:system|user|assistant|tool)\.message)$"
_OUTPUT_EVENTS = r"^gen_ai\.(?:content\.completion|choice)$"


def body_attributes(attributes: str) -> str:
    """SQL: those of a list of attributes that may hold a body."""
    return f"list_filter({attributes}, lambda a: regexp_matches(a.key, {literal(_ANY_BODY)}))"


def body_events(events: str) -> str:
    """SQL: those of a list of span events that may hold a body."""
    return f"list_filter({events}, lambda e: starts_with(e.name, 'gen_ai.'))"


def characters(side: str) -> str:
    """SQL: characters of a span's bodies ('input' or 'output'), from the first place with any.

    Reads the columns `body_attributes` and `body_events`. A body that is there twice, as messages
    and as input.value, counts once.
    """
    is_input = side == "input"
    messages = _INPUT_MESSAGES if is_input else _OUTPUT_MESSAGES
    listed = ", ".join(literal(key) for key in messages)
    document = bodies.text_characters("a.value.stringValue::varchar")
    plain = "length(a.value.stringValue ->> '$')"
    parts = [_INPUT_PARTS, _LLM_INPUT, _EMBEDDED] if is_input else [_OUTPUT_PARTS, _LLM_OUTPUT]
    events = literal(_INPUT_EVENTS if is_input else _OUTPUT_EVENTS)
    places = [_sum("body_attributes", f"a.key in ({listed})", document)]
    for pattern in parts:
        places.append(_sum("body_attributes", f"regexp_matches(a.key, {literal(pattern)})", plain))
    of_events = (
        f"flatten(list_transform(list_filter(body_events, lambda e: "
        f"regexp_matches(e.name, {events})), lambda e: e.attributes))"
    )
    of_text = "a.value.stringValue is not null and a.key not in ('gen_ai.system', 'role')"
    places.append(_sum(of_events, of_text, plain))
    places.append(_sum("body_attributes", f"a.key = '{side}.value'", document))
    found = bodies.first_known(*places)
    return f"case when len(body_attributes) > 0 or len(body_events) > 0 then {found} end"


def _sum(attributes: str, condition: str, count: str) -> str:
    return (
        f"list_sum(list_transform(list_filter({attributes}, lambda a: {condition}), "
        f"lambda a: {count}))::bigint"
    )
