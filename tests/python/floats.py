"""Finds floats: in SQL as DuckDB's parser reads it, and by the names of their types."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

FLOATS = {"DOUBLE", "FLOAT"}
FLOAT_TYPES = re.compile(r"\b(?:double(?: precision)?|float[48]?|real)\b", re.IGNORECASE)
"""Names of floating types, on any engine."""
# Jinja's comments, SQL's comments and texts; Jinja's filter `float` is no type of SQL.
_NO_SQL = re.compile(r"\{#.*?#\}|--[^\n]*|'(?:[^']|'')*'|\|\s*float\b", re.DOTALL)

# `interval (n) month`, as DuckDB's parser writes it: a part of a date, with a float inside.
_INTERVALS = {f"to_{unit}" for unit in ("years", "months", "weeks", "days", "hours", "minutes")}


def named_floats(sql: str) -> list[str]:
    """Floating types that SQL or a template of SQL names."""
    return FLOAT_TYPES.findall(_NO_SQL.sub(" ", sql))


@cache
def _float_functions() -> dict[str, str]:
    """Functions of DuckDB that give a float though they got none, and why."""
    overloads: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    for name, returned, parameters in duckdb.sql(
        "select function_name, return_type, parameter_types from duckdb_functions() "
        "where function_type in ('scalar', 'aggregate')"
    ).fetchall():
        overloads[name].append((returned, set(parameters)))
    found = {"/": "divides whole numbers and decimals as floats"}
    for name, kinds in overloads.items():
        if any(returned in FLOATS and not parameters & FLOATS for returned, parameters in kinds):
            found[name] = "gives a float"
        elif all(returned in FLOATS for returned, _ in kinds):
            found[name] = "knows nothing but floats"
    return found


def _floats_of(node: Any, function: str = "") -> Iterator[str]:
    """Every place in a syntax tree of DuckDB where a float is made."""
    if isinstance(node, list):
        for child in node:
            yield from _floats_of(child, function)
    if not isinstance(node, dict):
        return
    match node.get("class"):
        case "FUNCTION" | "WINDOW":
            function = node.get("function_name") or ""
            if function in _INTERVALS:
                return
            if function in _float_functions():
                yield f"{function} {_float_functions()[function]}"
        case "CAST" if (node.get("cast_type") or {}).get("id") in FLOATS:
            yield "a cast to a float"
        case "CONSTANT":
            value = node.get("value") or {}
            if (value.get("type") or {}).get("id") in FLOATS:
                yield f"the constant {value.get('value')} is a float (an exponent makes it one)"
            elif function.startswith(("from_json", "json_transform")) and FLOAT_TYPES.search(
                str(value.get("value"))
            ):
                yield "JSON read as a float"
    for child in node.values():
        yield from _floats_of(child, function)


def floats_of(sql: str) -> list[str]:
    """Every float that a query makes on DuckDB, as the reason why it is one."""
    [text] = duckdb.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(text)
    assert not tree.get("error"), (tree, sql)
    return list(_floats_of(tree))
