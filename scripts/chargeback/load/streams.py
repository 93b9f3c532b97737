"""Bytes of a file, decompressed, in blocks; and what kind of file it is."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chargeback.load.foreign import foreign_format, is_binary

BLOCK_BYTES = 4 * 1024 * 1024
"""Size of the blocks a file is read and decompressed in."""
_ZSTD_INPUT_BYTES = 8 * 1024
_HEAD_BYTES = 256 * 1024
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MESSAGE_BYTES = 64 * 1024 * 1024

Advance = Callable[[int], None]
"""Told how many more bytes of the file (compressed, if it is) have been read."""


class StreamCutError(Exception):
    """A compressed stream ends too early or is damaged; what came before was delivered."""


@dataclass(frozen=True)
class FileKind:
    """`format` is parquet, jsonl, json, csv or unknown; `compression` is none, gzip, zstd or
    messages: zstd messages with their size before each, as the collector's file exporter writes.

    `foreign` says what an unknown file is, where its first bytes tell.
    """

    format: str
    compression: str
    foreign: str | None = None


def content_hash(path: Path, advance: Advance | None = None) -> str:
    """SHA-256 of the file's bytes, as 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            if advance:
                advance(len(block))
    return digest.hexdigest()


def file_kind(path: Path) -> FileKind:
    """What a file is, by its first bytes; the name decides between text formats in doubt."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic[:4] == b"PAR1":
        return FileKind("parquet", "none")
    compression = "none"
    if magic[:2] == b"\x1f\x8b":
        compression = "gzip"
    elif magic[:4] == _ZSTD_MAGIC:
        compression = "zstd"
    elif magic[4:] == _ZSTD_MAGIC:
        compression = "messages"
    suffixes = [suffix.lower() for suffix in path.suffixes]
    suffixes = [suffix for suffix in suffixes if suffix not in (".gz", ".gzip", ".zst", ".zstd")]
    suffix = suffixes[-1] if suffixes else ""
    if suffix == ".parquet":
        return FileKind("parquet", compression)
    text = head(path, compression)
    foreign = foreign_format(text)
    if foreign:
        return FileKind("unknown", compression, foreign)
    if suffix in (".csv", ".tsv"):
        header = text.split(b"\n", 1)[0]
        return FileKind("unknown" if b"\0" in header else "csv", compression)
    return FileKind(_text_format(text, suffix), compression)


def head(path: Path, compression: str) -> bytes:
    """The first bytes of a file's text; fewer, or none, when the stream is damaged."""
    parts: list[bytes] = []
    try:
        for block in blocks(path, compression, first_bytes=_HEAD_BYTES):
            parts.append(block)
            if sum(map(len, parts)) >= _HEAD_BYTES:
                break
    except StreamCutError:
        pass
    return b"".join(parts)[:_HEAD_BYTES]


def _text_format(text: bytes, suffix: str) -> str:
    text = text.removeprefix(b"\xef\xbb\xbf")
    if re.match(rb"\s*\[\s*(\{|\]|$)", text[:4096]):
        return "json"
    if is_binary(text):
        return "unknown"
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if suffix == ".json" or re.match(rb"\s*\{", text):
        return "jsonl" if _has_object_lines(text) else "json"
    return "unknown"


def _has_object_lines(text: bytes) -> bool:
    """Whether the text looks like one JSON object a line, rather than one spread over lines."""
    lines = [line.strip() for line in text.split(b"\n", 64)[:64]]
    lines = [line for line in lines if line]
    if not lines or not lines[0].startswith(b"{"):
        return False
    if re.match(rb'\{\s*"(data|rows|records|items|results)"\s*:\s*\[', lines[0]):
        return False
    whole = lines[0].endswith(b"}") and lines[0] != b"{}"
    return whole or (len(lines) == 1 and len(text) >= _HEAD_BYTES)


def blocks(
    path: Path,
    compression: str,
    advance: Advance | None = None,
    first_bytes: int | None = None,
) -> Iterator[bytes]:
    """The file's text in blocks of at most about `BLOCK_BYTES`.

    Raises StreamCutError after the last block when a compressed stream is truncated or damaged.
    `first_bytes` makes the first reads small, for a look at the beginning.
    """
    size = min(first_bytes or BLOCK_BYTES, BLOCK_BYTES)
    with path.open("rb") as file:

        def read(count: int) -> bytes:
            data = file.read(count)
            if advance and data:
                advance(len(data))
            return data

        if compression == "gzip":
            yield from _gunzip(read, size)
        elif compression == "zstd":
            yield from _unzstd(read, size)
        elif compression == "messages":
            yield from _messages(read, size)
        else:
            while data := read(size):
                yield data


def _gunzip(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    machine = zlib.decompressobj(wbits=31)
    data = read(size // 4)
    while data:
        try:
            text = machine.decompress(data, size)
        except zlib.error as error:
            raise StreamCutError("the gzip stream is damaged") from error
        if text:
            yield text
        if machine.eof:
            data = machine.unused_data.lstrip(b"\0") or read(size // 4).lstrip(b"\0")
            if data:
                machine = zlib.decompressobj(wbits=31)
        else:
            data = machine.unconsumed_tail or read(size // 4)
    if not machine.eof:
        yield machine.flush()
        raise StreamCutError("the gzip stream ends too early")


def _unzstd(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    import zstandard

    maker = zstandard.ZstdDecompressor(max_window_size=2**27)
    machine = maker.decompressobj()
    pending: list[bytes] = []
    pending_bytes = 0
    data = read(_ZSTD_INPUT_BYTES)
    while data:
        try:
            text = machine.decompress(data)
        except zstandard.ZstdError as error:
            yield b"".join(pending)
            raise StreamCutError("the zstd stream is damaged") from error
        pending.append(text)
        pending_bytes += len(text)
        if pending_bytes >= size:
            yield b"".join(pending)
            pending, pending_bytes = [], 0
        data = machine.unused_data if machine.eof else b""
        data = data or read(_ZSTD_INPUT_BYTES)
        if machine.eof and data:
            machine = maker.decompressobj()
    yield b"".join(pending)
    if not machine.eof:
        raise StreamCutError("the zstd stream ends too early")


def _messages(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    """Each message on a line of its own."""
    import zstandard

    machine = zstandard.ZstdDecompressor(max_window_size=2**27)
    pending: list[bytes] = []
    pending_bytes = 0
    cut: str | None = None
    while header := read(4):
        count = int.from_bytes(header, "big")
        data = read(min(count, _MESSAGE_BYTES))
        if len(header) < 4 or len(data) < count:
            cut = "the file ends inside a compressed message"
            break
        if zstandard.frame_content_size(data) > _MESSAGE_BYTES:
            cut = f"a compressed message has more than {_MESSAGE_BYTES:,} bytes"
            break
        try:
            text = machine.decompress(data, max_output_size=_MESSAGE_BYTES)
        except zstandard.ZstdError:
            cut = "a compressed message is damaged"
            break
        pending.append(text.rstrip(b"\n"))
        pending_bytes += len(text)
        if pending_bytes >= size:
            yield b"\n".join(pending) + b"\n"
            pending, pending_bytes = [], 0
    yield b"\n".join(pending) + b"\n" if pending else b""
    if cut:
        raise StreamCutError(cut)
