"""Rows of a JSON document: an array of objects, an object that wraps one, or objects in a row."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator

from chargeback.load.batches import BATCH_BYTES, MAX_LINE_BYTES, TextBatch
from chargeback.load.rejects import Reject, mask_line
from chargeback.load.streams import StreamCutError

WRAPPERS = ("data", "rows", "records", "items", "results")
"""Keys of an object that only wraps an array of rows."""
_SPACE = re.compile(r"[\s,]*")
_WRAPPED = re.compile(r'\{\s*"(resourceSpans|' + "|".join(WRAPPERS) + r')"\s*:\s*\[')
_REST = 4096


def split_document(
    blocks: Iterable[bytes], max_object_bytes: int = MAX_LINE_BYTES
) -> Iterator[TextBatch]:
    """Split a JSON document into batches of objects, numbered from 1, in fixed memory.

    The text of an object is passed on as it is. Where the document is no longer JSON, the rest
    of it is one reject, because the next object can't be found.
    """
    reader = _DocumentReader(blocks, max_object_bytes)
    batch, size = TextBatch(), 0
    for row in reader.rows():
        if isinstance(row, Reject):
            batch.rejects.append(row)
        else:
            batch.numbers.append(reader.number)
            batch.rows.append(row)
            size += len(row)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = TextBatch(), 0
    yield batch
    if reader.cut:
        raise reader.cut


class _DocumentReader:
    def __init__(self, blocks: Iterable[bytes], max_object_bytes: int) -> None:
        self.blocks = iter(blocks)
        self.limit = max_object_bytes
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.json = json.JSONDecoder(strict=False)
        self.window = ""
        self.position = 0
        self.done = False
        self.number = 0
        self.wrapper: str | None = None
        self.wrapped = False
        self.last_text = ""
        self.cut: StreamCutError | None = None

    def rows(self) -> Iterator[str | Reject]:
        self._more()
        self.window = self.window.removeprefix("\ufeff")
        inside = False
        while True:
            character = self._next_character()
            if character == "":
                break
            if not inside and self._enter():
                inside = True
            elif inside and character == "]":
                self._leave()
                inside = False
            else:
                row = self._value()
                if row is None:
                    break
                yield row

    def _more(self) -> bool:
        if self.done:
            return False
        try:
            block = next(self.blocks, None)
        except StreamCutError as error:
            self.cut, block = error, None
        self.done = block is None
        self.window = self.window[self.position :] + self.decoder.decode(
            block or b"", final=self.done
        )
        self.position = 0
        return not self.done

    def _next_character(self) -> str:
        while True:
            self.position = _SPACE.match(self.window, self.position).end()
            if self.position < len(self.window):
                return self.window[self.position]
            if not self._more() and self.position >= len(self.window):
                return ""

    def _enter(self) -> bool:
        """Step into an array of rows, bare or wrapped; False when there is none."""
        while len(self.window) - self.position < _REST and self._more():
            pass
        if self.window[self.position] == "[":
            self.wrapper, self.position = None, self.position + 1
            return True
        match = _WRAPPED.match(self.window, self.position)
        if not match:
            return False
        self.wrapper = match[1] if match[1] == "resourceSpans" else None
        self.wrapped = True
        self.position = match.end()
        return True

    def _leave(self) -> None:
        """Step out of the array, and over the rest of the object that wraps it."""
        self.position += 1
        if self.wrapped:
            self.wrapped = False
            rest = self._next_character()
            if rest == "}":
                self.position += 1
            elif rest == '"':
                self.window = "{" + self.window[self.position :]
                self.position = 0
                self._decode()

    def _value(self) -> str | Reject | None:
        """The next object's text; None when the stream was cut inside it."""
        self.number += 1
        start = self.window[self.position : self.position + 512]
        if not self._decode():
            self.position, self.window, self.done = 0, "", True
            if self.cut:
                return None
            reason = "from here on the document is not valid JSON, or an object is too long"
            return Reject(self.number, "invalid_json", reason, mask_line(start))
        text = self.last_text
        if self.wrapper:
            text = '{"' + self.wrapper + '":[' + text + "]}"
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            reason = "the object has bytes that are not UTF-8"
            text = text.encode("utf-8", "replace").decode()
            return Reject(self.number, "invalid_utf8", reason, mask_line(text))
        return text

    def _decode(self) -> bool:
        """Find the end of the value at the position and move there; False when there is none."""
        while True:
            try:
                _, end = self.json.raw_decode(self.window, self.position)
            except (json.JSONDecodeError, RecursionError):
                end = -1
            if end >= 0 and (end < len(self.window) or self.done):
                self.last_text = self.window[self.position : end]
                self.position = end
                return True
            held = len(self.window) - self.position
            if self.done or held > self.limit:
                return False
            while len(self.window) - self.position < 2 * held and self._more():
                pass
