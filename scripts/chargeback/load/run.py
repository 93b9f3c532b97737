"""Load files, each in one transaction: its rows, its rejects and its line of the manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from chargeback.load.discover import Discovery, SourceFile, discover, reason
from chargeback.load.file_loader import FileLoader, FileRefusedError, Options, Problem
from chargeback.load.rejects import Reject
from chargeback.load.streams import content_hash
from chargeback.load.target import MEMORY_LIMIT, Known, Target, open_target
from chargeback.warehouse import Warehouse

LOADED, SKIPPED, REFUSED, FAILED = "loaded", "skipped", "refused", "failed"


@dataclass
class FileResult:
    """What became of a file. `state` is loaded, skipped (it is empty, or its content was loaded
    before), refused (nothing in it could be loaded) or failed (it could not be read, try again).
    """

    file: SourceFile
    state: str
    table_name: str | None = None
    row_count: int = 0
    loaded_count: int = 0
    rejected_count: int = 0
    message: str | None = None
    problems: list[Problem] = field(default_factory=list)
    is_changed: bool = False
    """Whether a file of this name was loaded before, with other content."""


@dataclass
class LoadReport:
    """What became of all files."""

    discovery: Discovery
    results: list[FileResult] = field(default_factory=list)

    @property
    def rejected_count(self) -> int:
        """Lines, rows, spans and files that were refused in this run."""
        return sum(result.rejected_count for result in self.results)

    @property
    def failed(self) -> list[FileResult]:
        """Files that could not be read and are not in the manifest."""
        return [result for result in self.results if result.state == FAILED]


class Progress:
    """Told how far the load is; this one ignores it."""

    def start(self, files: Iterable[SourceFile]) -> None:
        """The files that will be loaded."""

    def begin(self, file: SourceFile) -> None:
        """A file is next."""

    def advance(self, byte_count: int) -> None:
        """So many more bytes of the file were read."""

    def end(self, result: FileResult) -> None:
        """A file is done."""


def load_folder(
    warehouse: Warehouse,
    raw_dir: Path,
    options: Options | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Load every file of `raw_dir` that was not loaded before. All raw tables are made first."""
    report = LoadReport(discover(raw_dir))
    progress = progress or Progress()
    with open_target(warehouse) as target:
        progress.start(report.discovery.files)
        known_files = target.known_files()
        for file in report.discovery.files:
            progress.begin(file)
            known = known_files.get((file.source, file.name))
            if known and known.is_unchanged(file):
                result = _skipped(file, known)
            else:
                result = load_file(target, file, options or Options(), progress.advance)
            report.results.append(result)
            progress.end(result)
        target.compact()
    return report


def load_file(
    target: Target,
    file: SourceFile,
    options: Options,
    advance: Callable[[int], None] = lambda _: None,
) -> FileResult:
    """Load one file, unless its content was loaded for the same source before."""
    try:
        before = _fingerprint(file.path)
        if not before[0]:
            return FileResult(file, SKIPPED, message="the file is empty")
        digest = content_hash(file.path)
        known = target.loaded_before(file.source, digest)
        if known is not None:
            if known.file_name == file.name:
                target.note_modified(file)
            return _skipped(file, known)
        try:
            return _load_new(target, file, digest, before, options, advance)
        except duckdb.OutOfMemoryException:
            return _load_new(target, file, digest, before, options, advance, in_batches=True)
    except FileRefusedError as refused:
        return _refuse(target, file, digest, refused)
    except _FileChangedError:
        return FileResult(file, FAILED, message="it changed while it was read: load again")
    except duckdb.OutOfMemoryException:
        return FileResult(file, FAILED, message=f"a row of it needs more than {MEMORY_LIMIT}")
    except OSError as error:
        return FileResult(file, FAILED, message=reason(error))


def _skipped(file: SourceFile, known: Known) -> FileResult:
    words = []
    if known.file_name != file.name:
        words.append(f"same content as {known.file_name}")
    if known.rejected_count and not known.loaded_count:
        words.append("nothing in it could be loaded the first time, see raw.rejects")
    return FileResult(file, SKIPPED, known.table_name, message="; ".join(words) or None)


class _FileChangedError(Exception):
    """A file is not what it was when its content was hashed."""


def _fingerprint(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def _load_new(
    target: Target,
    file: SourceFile,
    digest: str,
    before: tuple[int, int, int],
    options: Options,
    advance: Callable[[int], None],
    in_batches: bool = False,
) -> FileResult:
    is_changed = target.has_loaded_name(file.source, file.name)
    with target.transaction():
        load_id = target.next_load_id()
        loader = FileLoader(target, file, load_id, options, advance, in_batches)
        loader.load()
        if _fingerprint(file.path) != before:
            raise _FileChangedError
        table_name = loader.table.name if loader.table else None
        result = FileResult(
            file,
            LOADED,
            table_name,
            loader.loaded_count + loader.rejected_count,
            loader.loaded_count,
            loader.rejected_count,
            None if loader.loaded_count + loader.rejected_count else "it has no rows",
            list(loader.problems.values()),
            is_changed,
        )
        _manifest(target, result, load_id, digest, before[0])
    return result


def _refuse(target: Target, file: SourceFile, digest: str, refused: FileRefusedError) -> FileResult:
    """Write the refusal of a whole file: one reject, line 0."""
    reject: Reject = refused.reject
    name = refused.table_name
    with target.transaction():
        load_id = target.next_load_id()
        result = FileResult(file, REFUSED, name, 1, 0, 1, reject.reason)
        target.add_rejects(file.source, name, file.name, load_id, [reject])
        _manifest(target, result, load_id, digest, file.path.stat().st_size)
    return result


def _manifest(
    target: Target, result: FileResult, load_id: int, digest: str, byte_count: int
) -> None:
    target.add_manifest(
        {
            "load_id": load_id,
            "source": result.file.source,
            "table_name": result.table_name,
            "file_name": result.file.name,
            "content_hash": digest,
            "byte_count": byte_count,
            "modified_at": result.file.modified_at,
            "row_count": result.row_count,
            "loaded_count": result.loaded_count,
            "rejected_count": result.rejected_count,
        }
    )
