"""Which files there are to load."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chargeback.load.tables import SOURCES

IGNORED_ENDINGS = (".md", ".sql", ".tmp", ".part", ".crc", ".sha256", ".lock", "~")
"""Files that are never data: notes, schemas, and files that are still being written."""


@dataclass(frozen=True)
class SourceFile:
    """A file to load. `name` is its path below the folder of raw files, with slashes."""

    source: str
    path: Path
    name: str
    byte_count: int


@dataclass
class Discovery:
    """What the folder of raw files holds."""

    files: list[SourceFile] = field(default_factory=list)
    unknown_sources: list[str] = field(default_factory=list)
    empty_sources: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def discover(raw_dir: Path) -> Discovery:
    """List the files of each known source in `raw_dir`, sorted by name.

    Hidden files and those of `IGNORED_ENDINGS` are left out. Folders of other names, and files
    outside any folder, are reported as unknown sources.
    """
    found = Discovery()
    if not raw_dir.is_dir():
        return found
    for entry in sorted(raw_dir.iterdir()):
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
        before = len(found.files)
        for path in sorted(folder.rglob("*")):
            _add(found, source, path, raw_dir)
        if len(found.files) == before:
            found.empty_sources.append(source)
    return found


def _add(found: Discovery, source: str, path: Path, raw_dir: Path) -> None:
    relative = path.relative_to(raw_dir)
    name = relative.as_posix()
    hidden = any(part.startswith(".") for part in relative.parts)
    try:
        if path.is_dir():
            return
        if hidden or path.name.lower().endswith(IGNORED_ENDINGS):
            found.ignored.append(name)
        elif path.is_file():
            found.files.append(SourceFile(source, path, name, path.stat().st_size))
        else:
            found.unreadable.append(name)
    except OSError:
        found.unreadable.append(name)
