"""SQL that turns rows as files have them into rows of a raw table, and finds those that don't fit.

Input is a relation with `line_number`, the file's columns, and for JSON the `line` itself.
Output has the raw table's columns, `_line_number`, and `_problem`: null, or
code, column and value of the first thing that does not fit, separated by `SEPARATOR`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from chargeback.load import bodies, privacy
from chargeback.load.privacy import literal
from chargeback.load.tables import Column, Table

SEPARATOR = "\x1f"
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}


def json_relation(table: Table, source: str) -> str:
    """SQL over `source` (line_number, line): one text column for each key the table knows.

    `_is_json` is false where the line is no JSON object.
    """
    spec = json_columns(table)
    fields = ", ".join(f'r."{key}" as "{key}"' for key in spec)
    return (
        f"select line_number, line, r is not null and starts_with(ltrim(line), '{{') as _is_json, {fields} "
        f"from (select line_number, line, try(from_json(line, {literal(json.dumps(spec))})) as r "
        f"from (select line_number, {clean_line()} as line from {source} where {is_text()}))"
    )


def clean_line() -> str:
    """SQL: the line, with the replacement character for escaped NULs.

    PostgreSQL can store NUL neither in text nor in jsonb.
    """
    escaped = r"((?:^|[^\\])(?:\\\\)*)(?:\\u0000)+"
    return (
        f"case when contains(line, '\\u0000') "
        f"then regexp_replace(line, '{escaped}', '\\1\\\\ufffd', 'g') else line end"
    )


def is_text() -> str:
    """SQL: whether the line is more than white space."""
    return "trim(line, ' ' || chr(9) || chr(11) || chr(12) || chr(13)) <> ''"


def json_columns(table: Table) -> dict[str, str]:
    """Columns of `json_relation` and their DuckDB types."""
    spec: dict[str, str] = {}
    for column in table.columns:
        type_ = "JSON" if column.type == "json" else "VARCHAR"
        spec |= dict.fromkeys(column.file_names, type_)
    return spec | dict.fromkeys(table.bodies, "JSON")


def shaped(
    table: Table,
    relation: str,
    available: Mapping[str, str],
    *,
    from_json_lines: bool = False,
    keep_emails: bool = False,
    keep_keys: Sequence[str] = (),
) -> str:
    """SQL that shapes `relation`, whose columns and types are `available`."""
    raw, values, checks = [], [], []
    lower = {name.lower(): name for name in available}
    for column in table.columns:
        found = [lower[name.lower()] for name in column.file_names if name.lower() in lower]
        if column.rule == "count":
            values.append(f"{_count(table, column, lower)}::bigint as {_quoted(column.name)}")
            continue
        source, type_ = _source(column, found, available, from_json_lines)
        raw.append(f"{source} as {_quoted('r_' + column.name)}")
        reader = _Reader(column, _quoted("r_" + column.name), type_, keep_emails, keep_keys)
        values.append(f"{reader.value()} as {_quoted(column.name)}")
        checks += reader.checks(column.name in table.identity)
    head = [
        f"when not _is_json and json_valid(line) then {_problem('not_an_object', '', 'line')}",
        f"when not _is_json then {_problem('invalid_json', '', 'line')}",
    ]
    checks = (head if from_json_lines else []) + checks
    problem = f"case {' '.join(checks)} end" if checks else "null::varchar"
    names = ", ".join(_quoted(column.name) for column in table.columns)
    kept = "line, _is_json, " if from_json_lines else ""
    counted = [column.name for column in table.columns if column.rule == "count"]
    extra = "".join(f", {_quoted(lower[n])}" for n in (*table.bodies, *counted) if n in lower)
    return (
        f"select {names}, line_number as _line_number, {problem} as _problem from ("
        f"select *, {', '.join(values)} from ("
        f"select line_number, {kept}{', '.join(raw)}{extra} from ({relation})))"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _problem(code: str, column: str, value: str) -> str:
    prefix = literal(f"{code}{SEPARATOR}{column}{SEPARATOR}")
    return f"{prefix} || coalesce(left({value}::varchar, 500), '')"


def _source(
    column: Column, found: list[str], available: Mapping[str, str], exact: bool
) -> tuple[str, str]:
    """The file's column, and its type: VARCHAR unless the file has a type of its own."""
    if not found:
        return "null::varchar", "VARCHAR"
    if len(found) == 1:
        name, type_ = _quoted(found[0]), available[found[0]]
        if exact and column.type.startswith("numeric"):
            return _exact_number(name, found[0]), "VARCHAR"
        if type_ == "JSON":
            return f"{name}::varchar", "VARCHAR"
        if column.type in ("json", "text") and type_ != "VARCHAR":
            nested = "[" in type_ or "(" in type_
            return (f"to_json({name})::varchar" if nested else f"{name}::varchar"), "VARCHAR"
        return name, type_
    return f"coalesce({', '.join(_quoted(name) + '::varchar' for name in found)})", "VARCHAR"


def _exact_number(name: str, key: str) -> str:
    """A JSON number as it is written: DuckDB reads 17 or more digits through a float."""
    pattern = literal(f'"{key}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)')
    written = f"regexp_extract(line, {pattern}, 1)"
    return (
        f"case when length({name}) >= 17 and try_cast({written} as double) "
        f"= try_cast({name} as double) then {written} else {name} end"
    )


class _Reader:
    """SQL for one column: its value, and the checks of what can't be its value."""

    def __init__(
        self, column: Column, raw: str, type_: str, keep_emails: bool, keep_keys: Sequence[str]
    ) -> None:
        self.column, self.raw, self.type = column, raw, type_
        self.keep_emails, self.keep_keys = keep_emails, keep_keys

    def value(self) -> str:
        kind = self.column.type
        if kind == "json":
            return f"{self._json()}::json"
        if kind == "text":
            return self._text()
        if kind in ("bigint", "integer"):
            return self._integer(kind)
        if kind == "timestamp":
            return self._timestamp()
        return self._decimal(kind)

    def checks(self, is_identity: bool) -> list[str]:
        name, raw = self.column.name, self.raw
        checks = []
        if is_identity:
            checks.append(
                f"when {raw} is null or trim({raw}::varchar) = '' "
                f"then {literal(f'missing_value{SEPARATOR}{name}{SEPARATOR}')}"
            )
        if self.column.type != "text" and not self._always_fits():
            never = "in ('', 'infinity', '-infinity')" if self._is_time() else "= ''"
            checks.append(
                f"when {raw} is not null and not {raw}::varchar {never} and "
                f"{_quoted(name)} is null then {_problem('invalid_value', name, raw)}"
            )
        elif self.column.rule == "hex_id":
            checks.append(
                f"when {raw} is not null and {raw} <> '' and {_quoted(name)} is null "
                f"and not regexp_full_match({raw}, '[0A=]+') "
                f"then {_problem('invalid_value', name, raw)}"
            )
        return checks

    def _is_time(self) -> bool:
        return self.column.type == "timestamp"

    def _always_fits(self) -> bool:
        if self.column.type in ("bigint", "integer"):
            return self.type in _INTEGERS and self.column.type == "bigint"
        return self._is_time() and self.type.startswith("TIMESTAMP")

    def _text(self) -> str:
        raw = self.raw
        match self.column.rule:
            case "api_key":
                return privacy.hashed_key(raw)
            case "hex_id":
                return hex_id(raw)
            case "email":
                return raw if self.keep_emails else "null::varchar"
            case "alias":
                return (
                    raw
                    if self.keep_emails
                    else f"case when not contains({raw}, '@') then {raw} end"
                )
            case "key_name":
                whole = f"{raw} like 'sk-%' and not contains({raw}, '...')"
                return f"case when {whole} then sha256({raw}) else {raw} end"
        return raw

    def _integer(self, kind: str) -> str:
        raw = self.raw
        if self.type in _INTEGERS:
            return raw if kind == "bigint" else f"try_cast({raw} as {kind})"
        # A cast would round 12.5 to 13.
        text = f"{raw}::varchar" if self.type != "VARCHAR" else raw
        return (
            f"case when not contains({text}, '.') "
            f"or try_cast({raw} as double) = try_cast({raw} as bigint) "
            f"then try_cast({raw} as {kind}) end"
        )

    def _decimal(self, kind: str) -> str:
        # A float goes through its shortest text, so 0.1 stays 0.1.
        floating = self.type in ("DOUBLE", "FLOAT")
        raw = f"{self.raw}::varchar" if floating else self.raw
        type_ = kind.replace("numeric", "decimal")
        return f"try_cast({raw} as {type_})"

    def _timestamp(self) -> str:
        raw = self.raw
        if self.type.startswith("TIMESTAMP WITH"):
            value = f"make_timestamp(epoch_us({raw}))"
        elif self.type.startswith("TIMESTAMP"):
            value = f"{raw}::timestamp"
        elif self.type == "DATE":
            value = f"{raw}::timestamp"
        elif self.type == "VARCHAR":
            value = f"coalesce(try_cast({raw} as timestamptz)::timestamp, {_epoch(raw)})"
        else:
            value = _epoch(raw)
        return f"case when isfinite({value}) then {value} end"

    def _json(self) -> str:
        raw = self.raw
        # JSON text inside a JSON string, as exports of a jsonb column have it.
        text = f"case when starts_with({raw}, '\"') then {raw}::json ->> '$' else {raw} end"
        match self.column.rule:
            case "tags":
                return f"case when {raw} <> '' then {_tags(text)} end"
            case "litellm_metadata":
                kept = litellm_metadata("d", self.keep_keys)
            case "attributes":
                kept = flat_attributes("d", self.keep_keys)
            case "user_metadata":
                kept = privacy.short_entries("d", drop_addresses=not self.keep_emails)
            case _:
                kept = privacy.short_entries("d")
        parsed = f"list_transform([{text}], lambda d: case when json_valid(d) then {kept} end)[1]"
        return f"case when {raw} <> '' then {parsed} end"


def _epoch(raw: str) -> str:
    """A number as seconds, milliseconds, microseconds or nanoseconds since 1970, by its size."""
    number = f"try_cast({raw} as double)"
    scaled = (
        f"case when abs({number}) < 1e11 then {number} * 1e6 "
        f"when abs({number}) < 1e14 then {number} * 1e3 "
        f"when abs({number}) < 1e17 then {number} "
        f"when abs({number}) < 1e19 then try_cast({raw} as bigint) // 1000 end"
    )
    return f"make_timestamp(try_cast(round({scaled}) as bigint))"


def hex_id(raw: str) -> str:
    """SQL: a trace or span id as lower-case hex, from hex or base64; null when it is neither or 0."""
    hexed = (
        f"case when regexp_full_match({raw}, '(?:[0-9a-fA-F]{{16}}){{1,2}}') then lower({raw}) "
        f"when regexp_full_match({raw}, '[A-Za-z0-9+/_-]{{11}}=|[A-Za-z0-9+/_-]{{22}}==') "
        f"then lower(hex(from_base64(translate({raw}, '-_', '+/')))) end"
    )
    return f"nullif(nullif({hexed}, repeat('0', 16)), repeat('0', 32))"


def _tags(text: str) -> str:
    """SQL: a JSON array of short texts, from JSON, a PostgreSQL array, or a separated list."""
    limit = privacy.MAX_TAG_CHARACTERS
    split = "string_split_regex(trim(d, '{}'), '\\s*[,;]\\s*')"
    unquoted = f"list_transform({split}, lambda t: trim(t, '\"'))"
    items = (
        f"case when starts_with(d, '[') then try(from_json(d, '[\"VARCHAR\"]')) "
        f"when d in ('{{}}', '') then [] else {unquoted} end"
    )
    short = f"list_filter({items}, lambda t: t is not null and length(t) <= {limit})"
    return f"list_transform([{text}], lambda d: to_json({short})::varchar)[1]"


def litellm_metadata(value: str, keep_keys: Sequence[str] = ()) -> str:
    """SQL: the allowed keys of a spend log's metadata, as JSON text."""
    spec: dict[str, object] = {key: "JSON" for key in privacy.LITELLM_METADATA}
    spec |= {key: "JSON" for key in privacy.checked_keys(keep_keys) if "*" not in key}
    scalars = list(spec)
    spec |= {key: "JSON" for key in privacy.LITELLM_METADATA_OBJECTS}
    spec |= {key: dict.fromkeys(parts, "JSON") for key, parts in _parts()}
    spec |= {"spend_logs_metadata": "JSON", "tags": "JSON"}
    entries = []
    for key in scalars:
        entries.append(_entry(key, privacy.short_json(f"m.{_quoted(key)}")))
    for key in privacy.LITELLM_METADATA_OBJECTS:
        entries.append(_entry(key, f"m.{key}"))
    for key, parts in _parts():
        inner = [_entry(part, privacy.short_json(f"m.{key}.{part}")) for part in parts]
        text = f"nullif(concat_ws(',', {', '.join(inner)}), '')"
        entries.append(_entry(key, f"('{{' || {text} || '}}')"))
    entries.append(
        _entry("spend_logs_metadata", f"nullif({_own_metadata('m.spend_logs_metadata')}, '{{}}')")
    )
    entries.append(
        _entry(
            "tags",
            f"case when starts_with(m.tags::varchar, '[') then {_tags('m.tags::varchar')} end",
        )
    )
    parsed = f"from_json({value}, {literal(json.dumps(spec))})"
    text = f"'{{' || concat_ws(',', {', '.join(entries)}) || '}}'"
    return f"list_transform([{parsed}], lambda m: {_finite(text)})[1]"


def _own_metadata(value: str) -> str:
    return f"case when starts_with({value}::varchar, '{{') then {privacy.short_entries(value)} end"


def _parts() -> list[tuple[str, tuple[str, ...]]]:
    return list(privacy.LITELLM_METADATA_PARTS.items())


def _entry(key: str, value: str) -> str:
    return f"{literal(json.dumps(key) + ':')} || ({value})"


def _finite(text: str) -> str:
    """NaN and Infinity, which no other reader of JSON accepts, become null."""
    pattern = literal(r"([:,\[])\s*-?(?:NaN|Infinity)\s*([,}\]])")
    return (
        f"case when contains({text}, 'NaN') or contains({text}, 'Infinity') "
        f"then regexp_replace({text}, {pattern}, '\\1null\\2', 'g') else {text} end"
    )


def flat_attributes(value: str, keep_keys: Sequence[str] = ()) -> str:
    """SQL: the allowed attributes of a JSON object key -> value, as JSON text."""
    entries = f"map_entries(from_json({value}, '\"MAP(VARCHAR,JSON)\"'))"
    is_short = f"length(e.value::varchar) <= {4 * privacy.MAX_TAG_CHARACTERS}"
    kept = (
        f"list_filter({entries}, lambda e: e.value is not null and {is_short} "
        f"and e.key <> 'metadata' and {privacy.kept_attribute('e.key', keep_keys)})"
    )
    texts = f"list_transform({kept}, lambda e: to_json(e.key) || ':' || e.value::varchar)"
    return f"'{{' || coalesce(array_to_string({texts}, ','), '') || '}}'"


def _count(table: Table, column: Column, lower: Mapping[str, str]) -> str:
    """Characters of the bodies, or a count the file already has."""
    own = [f"try_cast({_quoted(lower[column.name])} as bigint)"] if column.name in lower else []
    is_input = column.name == "input_characters"
    wanted = ("messages", "proxy_server_request") if is_input else ("response",)
    for body in wanted:
        if body in table.bodies and body in lower:
            own.append(bodies.text_characters(f"{_quoted(lower[body])}::varchar"))
    return bodies.first_known(*own) if own else "null"
