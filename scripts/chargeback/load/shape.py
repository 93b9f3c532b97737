"""SQL that turns rows as files have them into rows of a raw table, and finds those that don't fit.

Input is a relation with `line_number`, the file's columns, and for JSON the `line` itself.
Output has the raw table's columns, `_line_number`, and `_problem`: null, or
code, column and value of the first thing that does not fit, separated by `SEPARATOR`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from chargeback.load import bodies, json_rules, privacy
from chargeback.load.privacy import literal
from chargeback.load.tables import Column, Table

SEPARATOR = "\x1f"
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}


def json_relation(table: Table, source: str) -> str:
    """SQL over `source` (line_number, line): one text column for each key the table knows.

    `_is_json` is false where the line is no JSON object.
    """
    names = json_columns(table)
    spec = _nested(names)
    fields = ", ".join(f"{_field(name)} as {_quoted(name)}" for name in names)
    return (
        f"select line_number, line, {fields}, "
        f"r is not null and starts_with(ltrim(line), '{{') as _is_json "
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


def _nested(columns: Mapping[str, str]) -> dict[str, object]:
    """Columns and types as the structure that `from_json` reads: paths become objects."""
    spec: dict[str, object] = {}
    for name, type_ in columns.items():
        *parents, last = name.split(".")
        place = spec
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = type_
    return spec


def _field(name: str) -> str:
    return "r." + ".".join(_quoted(key) for key in name.split("."))


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
    lower = {name.lower(): name for name in available}
    raw: list[str] = []
    steps: list[list[str]] = [[] for _ in range(json_rules.STEPS)]
    values: list[str] = []
    checks: list[str] = []
    if from_json_lines:
        checks += [
            f"when not _is_json and json_valid(line) then {_problem('not_an_object', '', 'line')}",
            f"when not _is_json then {_problem('invalid_json', '', 'line')}",
        ]
    for column in table.columns:
        found = [lower[name.lower()] for name in column.file_names if name.lower() in lower]
        if column.rule == "count":
            if found:
                raw.append(f"{_quoted(found[0])}::varchar as {_quoted('r_' + column.name)}")
                checks.append(_count_check(column))
            values.append(f"{_count(table, column, lower)}::bigint as {_quoted(column.name)}")
            continue
        source, type_ = _source(column, found, available, from_json_lines)
        if from_json_lines and column.body_paths:
            source = f"coalesce({source}, {', '.join(_body_values(table, column))})"
        alias = _quoted("r_" + column.name)
        raw.append(f"{source} as {alias}")
        if column.type == "json":
            rules = json_rules.steps(column, alias, keep_emails, keep_keys)
            for layer, step in zip(steps, rules, strict=True):
                layer.append(step)
        reader = _Reader(column, alias, type_, keep_emails)
        values.append(f"{reader.value()} as {_quoted(column.name)}")
        checks += reader.checks(column.name in table.identity)
    kept = ["line", "_is_json"] if from_json_lines else []
    kept += [_quoted(lower[name.lower()]) for name in table.bodies if name.lower() in lower]
    if from_json_lines:
        relation = _with_body_values(table, relation)
    query = f"select {', '.join(['line_number', *kept, *raw])} from ({relation})"
    # One layer a step: within one select DuckDB would compute a step again for each use.
    for layer in [*(step for step in steps if step), values]:
        query = f"select *, {', '.join(layer)} from ({query})"
    names = ", ".join(_quoted(column.name) for column in table.columns)
    problem = f"case {' '.join(checks)} end" if checks else "null::varchar"
    return f"select {names}, line_number as _line_number, {problem} as _problem from ({query})"


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
    if exact and column.type.startswith("numeric"):
        numbers = [_exact_number(_quoted(name), name) for name in found]
        return f"coalesce({', '.join(numbers)})", "VARCHAR"
    if len(found) == 1:
        name, type_ = _quoted(found[0]), available[found[0]]
        if type_ == "JSON":
            return f"{name}::varchar", "VARCHAR"
        if column.type in ("json", "text") and type_ != "VARCHAR":
            nested = "[" in type_ or "(" in type_
            return (f"to_json({name})::varchar" if nested else f"{name}::varchar"), "VARCHAR"
        return name, type_
    return f"coalesce({', '.join(_quoted(name) + '::varchar' for name in found)})", "VARCHAR"


def _with_body_values(table: Table, relation: str) -> str:
    """The relation, with a list of what is at the `body_paths` of all columns in the answer."""
    paths = [literal(path) for column in table.columns for path in column.body_paths]
    if not paths:
        return relation
    [body] = (_quoted(name) for name in table.output_bodies)
    unwrapped = f"case when starts_with({body}::varchar, '\"') then {body} ->> '$' else {body} end"
    values = f"try(json_extract_string({unwrapped}, [{', '.join(paths)}]))"
    return f"select *, {values} as _body_values from ({relation})"


def _body_values(table: Table, column: Column) -> list[str]:
    paths = [(other.name, path) for other in table.columns for path in other.body_paths]
    places = [number for number, (name, _) in enumerate(paths, 1) if name == column.name]
    return [f"_body_values[{number}]" for number in places]


def _exact_number(name: str, key: str) -> str:
    """A JSON number as it is written: DuckDB reads 17 or more digits through a float."""
    last = key.rpartition(".")[2]
    pattern = literal(f'"{last}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)')
    written = f"regexp_extract(line, {pattern}, 1)"
    return (
        f"case when length({name}) >= 17 and try_cast({written} as double) "
        f"= try_cast({name} as double) then {written} else {name} end"
    )


class _Reader:
    """SQL for one column: its value, and the checks of what can't be its value."""

    def __init__(self, column: Column, raw: str, type_: str, keep_emails: bool) -> None:
        self.column, self.raw, self.type = column, raw, type_
        self.keep_emails = keep_emails

    def value(self) -> str:
        kind = self.column.type
        if kind == "json":
            return f"{_quoted(json_rules.last_step(self.column))}::json"
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
            nothing = {"timestamp": "'', 'infinity', '-infinity'", "json": "'', '\"\"', 'null'"}
            empty = nothing.get(self.column.type, "''")
            checks.append(
                f"when {raw} is not null and {raw}::varchar not in ({empty}) and "
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
            case "key_id":
                return privacy.hashed_key(raw, keep_ids=True)
            case "arn":
                return raw if self.keep_emails else privacy.nameless_arn(raw)
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
        elif self.type.startswith("TIMESTAMP") or self.type == "DATE":
            value = f"{raw}::timestamp"
        elif self.type == "VARCHAR":
            value = f"coalesce(try_cast({raw} as timestamptz)::timestamp, {_epoch(raw)})"
        else:
            value = _epoch(raw)
        return f"case when isfinite({value}) then {value} end"


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
    """SQL: a trace or span id as lower-case hex, from hex or base64; null when neither, or 0."""
    hexed = (
        f"case when regexp_full_match({raw}, '(?:[0-9a-fA-F]{{16}}){{1,2}}') then lower({raw}) "
        f"when regexp_full_match({raw}, '[A-Za-z0-9+/_-]{{11}}=|[A-Za-z0-9+/_-]{{22}}==') "
        f"then lower(hex(from_base64(translate({raw}, '-_', '+/')))) end"
    )
    return f"nullif(nullif({hexed}, repeat('0', 16)), repeat('0', 32))"


def _count(table: Table, column: Column, lower: Mapping[str, str]) -> str:
    """Characters of the bodies, or a count the file already has."""
    own = [_own_count(column)] if column.name in lower else []
    is_input = column.name == "input_characters"
    for body in table.input_bodies if is_input else table.output_bodies:
        if body.lower() in lower:
            own.append(bodies.text_characters(f"{_quoted(lower[body.lower()])}::varchar"))
    return bodies.first_known(*own) if own else "null"


def _own_count(column: Column) -> str:
    return f"try_cast({_quoted('r_' + column.name)} as bigint)"


def _count_check(column: Column) -> str:
    raw = _quoted("r_" + column.name)
    return (
        f"when coalesce({raw}, '') <> '' and {_own_count(column)} is null "
        f"then {_problem('invalid_value', column.name, raw)}"
    )
