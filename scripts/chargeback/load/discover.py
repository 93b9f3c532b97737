"""Which files there are to load."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chargeback.errors import ChargebackError
from chargeback.load.tables import SOURCES

IGNORED_ENDINGS = (".md", ".sql", ".tmp", ".part", ".crc", ".sha256", ".lock", "~")
"""Files that are never data: notes, schemas, and files that are still being written."""
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class SourceFile:
    """A file to load. `name` is its path below the folder of raw files, with slashes."""

    source: str
    path: Path
    name: str
    byte_count: int
    modified_at: datetime
    """UTC, in microseconds."""


@dataclass
class Discovery:
    """What the folder of raw files holds."""

    raw_dir: Path
    files: list[SourceFile] = field(default_factory=list)
    unknown_sources: list[str] = field(default_factory=list)
    empty_sources: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Names of what is there but can't be read, and why."""


def discover(raw_dir: Path) -> Discovery:
    """List the files of each known source in `raw_dir`, sorted by name.

    Hidden files and those of `IGNORED_ENDINGS` are left out. Folders of other names, and files
    outside any folder, are reported as unknown sources. Raises ChargebackError when `raw_dir` is
    there but is no folder that can be read.
    """
    found = Discovery(raw_dir)
    if not raw_dir.exists():
        return found
    if not raw_dir.is_dir():
        raise ChargebackError(f"{raw_dir} is a file: a folder with one folder per source is needed")
    try:
        entries = sorted(raw_dir.iterdir())
    except OSError as error:
        raise ChargebackError(f"cannot read the folder {raw_dir}: {reason(error)}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            if not entry.name.lower().endswith(IGNORED_ENDINGS):
                found.unknown_sources.append(entry.name)
        elif entry.name not in SOURCES:
            found.unknown_sources.append(entry.name + "/")
    for source in SOURCES:
        folder = raw_dir / source
        if not folder.is_dir():
            continue
        before = len(found.files) + len(found.unreadable)
        for path in _walk(folder, found, raw_dir):
            _add(found, source, path, raw_dir)
        if len(found.files) + len(found.unreadable) == before:
            found.empty_sources.append(source)
    return found


def _walk(folder: Path, found: Discovery, raw_dir: Path) -> list[Path]:
    """Everything below the folder, sorted, also through links; closed folders are noted."""
    seen = {os.path.realpath(folder)}

    def note(error: OSError) -> None:
        name = Path(error.filename).relative_to(raw_dir).as_posix()
        found.unreadable[name + "/"] = reason(error)

    paths = []
    for parent, folders, files in os.walk(folder, onerror=note, followlinks=True):
        places = {name: os.path.realpath(Path(parent, name)) for name in folders}
        folders[:] = [name for name in folders if places[name] not in seen]
        seen.update(places.values())
        paths += [Path(parent, name) for name in files]
    return sorted(paths)


def _add(found: Discovery, source: str, path: Path, raw_dir: Path) -> None:
    relative = path.relative_to(raw_dir)
    name = relative.as_posix()
    hidden = any(part.startswith(".") for part in relative.parts)
    try:
        if hidden or path.name.lower().endswith(IGNORED_ENDINGS):
            found.ignored.append(name)
        elif path.is_file():
            status = path.stat()
            modified = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
            found.files.append(SourceFile(source, path, name, status.st_size, modified))
        elif path.is_symlink():
            found.unreadable[name] = "it is a link to a file that is not there"
        else:
            found.unreadable[name] = "it is no regular file"
    except OSError as error:
        found.unreadable[name] = reason(error)


def reason(error: OSError) -> str:
    """Why a file can't be read, in words."""
    return (error.strerror or type(error).__name__).lower()
