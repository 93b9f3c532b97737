"""Which files of a folder `chargeback sample` wrote."""

from __future__ import annotations

import json
from pathlib import Path

MANIFEST = ".sample.json"


def sample_files(out: Path) -> list[Path]:
    """The files that earlier runs wrote into a folder of raw files."""
    try:
        names = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return []
    folder = out.resolve()
    paths = [(folder / name).resolve() for name in names if isinstance(name, str)]
    return [path for path in paths if path.is_relative_to(folder)]
