"""Text columns without loops: ids from random bytes, and rows joined from pieces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype="S2")
_UUID_GAPS = (8, 13, 18, 23)

Piece = str | pa.Array


def hex_text(rng: np.random.Generator, count: int, length: int) -> np.ndarray:
    """Random lower-case hex digits: one row of `length` (even) bytes per id."""
    raw = np.frombuffer(rng.bytes(count * (length // 2)), dtype=np.uint8)
    return _HEX[raw].view(np.uint8).reshape(count, length)


def hex_string(rng: np.random.Generator, length: int) -> str:
    """One id of `length` (even) random hex digits."""
    return rng.bytes(length // 2).hex()


def hex_ids(rng: np.random.Generator, count: int, length: int, prefix: str = "") -> pa.Array:
    """Ids such as `msg_01ab...`: a prefix and `length` hex digits (an even number)."""
    digits = hex_text(rng, count, length)
    start = np.broadcast_to(np.frombuffer(prefix.encode(), dtype=np.uint8), (count, len(prefix)))
    return _to_array(np.concatenate([start, digits], axis=1))


def uuids(rng: np.random.Generator, count: int) -> pa.Array:
    """Random UUIDs (version 4) as text."""
    return uuids_from_hex(hex_text(rng, count, 32))


def uuids_from_hex(digits: np.ndarray) -> pa.Array:
    """UUIDs from rows of 32 hex digits."""
    count = len(digits)
    result = np.full((count, 36), ord("-"), dtype=np.uint8)
    places = [place for place in range(36) if place not in _UUID_GAPS]
    result[:, places] = digits
    result[:, 14] = ord("4")
    return _to_array(result)


def hash_hex(numbers: np.ndarray) -> np.ndarray:
    """32 hex digits per number, the same for the same number (splitmix64, two rounds)."""
    seed = numbers.astype(np.uint64)
    halves = [_mix(seed), _mix(seed ^ np.uint64(0x5851F42D4C957F2D))]
    raw = np.stack(halves, axis=1).astype(">u8").view(np.uint8).reshape(len(numbers), 16)
    return _HEX[raw].view(np.uint8).reshape(len(numbers), 32)


def _mix(value: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _to_array(characters: np.ndarray) -> pa.Array:
    count, width = characters.shape
    offsets = pa.py_buffer(np.arange(count + 1, dtype=np.int32) * np.int32(width))
    data = pa.py_buffer(np.ascontiguousarray(characters))
    return pa.StringArray.from_buffers(count, offsets, data)


def number_text(values: np.ndarray) -> pa.Array:
    """Whole numbers and floats as JSON writes them (floats at their shortest)."""
    return pc.cast(pa.array(values), pa.string())


class Choices:
    """A short list of texts that columns pick from; None becomes null."""

    def __init__(self, texts: Sequence[str | None]):
        self.texts = pa.array(texts, pa.string())
        # A dictionary that repeats a text would make Parquet files differ from run to run.
        place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        self.known = pa.array([text or "" for text in place], pa.string())
        self.place = np.array([place[text] for text in texts], dtype=np.int32)
        self.missing = np.array([text is None for text in texts], dtype=bool)

    def pick(self, index: np.ndarray) -> pa.Array:
        """The text per element of `index`."""
        return self.texts.take(pa.array(index))

    def pick_encoded(self, index: np.ndarray) -> pa.DictionaryArray:
        """As `pick`, dictionary-encoded: for columns with few different values."""
        places = pa.array(self.place[index], mask=self.missing[index])
        return pa.DictionaryArray.from_arrays(places, self.known)


def pick(texts: Sequence[str | None] | Choices, index: np.ndarray) -> pa.Array:
    """Text per element from a short list of texts."""
    return _choices(texts).pick(index)


def pick_encoded(texts: Sequence[str | None] | Choices, index: np.ndarray) -> pa.DictionaryArray:
    """As `pick`, dictionary-encoded."""
    return _choices(texts).pick_encoded(index)


def _choices(texts: Sequence[str | None] | Choices) -> Choices:
    return texts if isinstance(texts, Choices) else Choices(texts)


def join(*pieces: Piece) -> pa.Array:
    """Concatenate pieces row by row; at least one of them is an array."""
    scalars = [pa.scalar(piece) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*scalars, "")


def scatter(parts: list[pa.Array], groups: list[np.ndarray]) -> pa.Array:
    """Put the parts' elements at the places that `groups` lists."""
    order = np.concatenate(groups)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return pa.concat_arrays(parts).take(pa.array(back))


def to_json(value: Any) -> str:
    """JSON as the gateway writes it: spaces after separators, text beyond ASCII kept."""
    return json.dumps(value, ensure_ascii=False)
