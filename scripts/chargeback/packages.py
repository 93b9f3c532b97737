"""Installs the dbt packages of packages.yml: from the dbt Hub, or our stand-in without it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import yaml
from rich.console import Console

from chargeback.dbt import dbt_command, dbt_environment
from chargeback.errors import ChargebackError
from chargeback.project import Project

HUB = "https://hub.getdbt.com/"
_PROBE_SECONDS = 5
_DEPS_SECONDS = 120
_MARKER = ".installed.json"


def deps(
    hub: bool = typer.Option(False, "--hub", help="Install from the dbt Hub again, or fail."),
) -> None:
    """Install the dbt packages: from the Hub, or our stand-in where it can't be reached.

    CHARGEBACK_OFFLINE_PACKAGES=1 takes the stand-in without asking the Hub.
    """
    installed = install_packages(Project.find(), require_hub=hub)
    if installed.line:
        Console(highlight=False, soft_wrap=True).print(installed.line, markup=False)


@dataclass(frozen=True)
class Installed:
    """What is in dbt_packages/: a line to show ('' for nothing to say), and whether it is new."""

    line: str
    is_new: bool


def install_packages(project: Project, require_hub: bool = False) -> Installed:
    """Make dbt_packages/ complete.

    Packages that the user installed with `dbt deps` are kept. Raises ChargebackError when a package
    can neither be fetched nor has a stand-in, or with `require_hub` when the Hub does not answer.
    """
    names = _package_names(project.root / "packages.yml")
    if not names:
        return Installed("", is_new=False)
    offline = os.environ.get("CHARGEBACK_OFFLINE_PACKAGES", "") not in ("", "0")
    folder = project.root / str(project.settings.get("packages-install-path", "dbt_packages"))
    stand_ins = project.root / "scripts" / "offline_packages"
    wanted = _fingerprint([project.root / "packages.yml", stand_ins])
    complete = all((folder / name / "dbt_project.yml").is_file() for name in names)
    marker = _read_marker(folder)
    is_stand_in = marker.get("source") == "stand-in"
    is_current = complete and (not marker or marker.get("fingerprint") == wanted)
    if is_current and not require_hub and (is_stand_in or not offline):
        return Installed(_stand_in_line(names) if is_stand_in else "", is_new=False)
    if not offline or require_hub:
        reason = _install_from_hub(project, folder, names)
        if reason is None:
            _write_marker(folder, "hub", wanted)
            return Installed(f"dbt packages: {', '.join(names)} from the dbt Hub", is_new=True)
        if require_hub:
            raise ChargebackError(f"dbt packages: {reason}")
    _install_stand_ins(stand_ins, folder, names)
    _write_marker(folder, "stand-in", wanted)
    return Installed(_stand_in_line(names), is_new=True)


def _stand_in_line(names: list[str]) -> str:
    return (
        f"dbt packages: the stand-in for {', '.join(names)} (scripts/offline_packages); "
        "`chargeback deps --hub` fetches the real one"
    )


def _package_names(path: Path) -> list[str]:
    """Folder names of the packages, as dbt installs them."""
    if not path.is_file():
        return []
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return [
        str(entry["package"]).split("/")[-1]
        for entry in content.get("packages") or ()
        if "package" in entry
    ]


def _install_from_hub(project: Project, folder: Path, names: list[str]) -> str | None:
    """Run `dbt deps`; returns why it did not work, or None."""
    address = os.environ.get("DBT_PACKAGE_HUB_URL", HUB)
    try:
        with urllib.request.urlopen(address, timeout=_PROBE_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            return f"{address} answers {error.code}"
    except (OSError, ValueError) as error:
        return f"cannot reach {address}: {error}"
    try:
        done = subprocess.run(
            dbt_command(["--quiet", "deps", "--project-dir", str(project.root)]),
            cwd=project.root,
            env=dbt_environment(project),
            capture_output=True,
            text=True,
            timeout=_DEPS_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"`dbt deps` did not finish in {_DEPS_SECONDS} seconds"
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        return f"`dbt deps` failed: {''.join(last)}"
    missing = [name for name in names if not (folder / name / "dbt_project.yml").is_file()]
    return f"`dbt deps` did not install {', '.join(missing)}" if missing else None


def _install_stand_ins(source: Path, folder: Path, names: list[str]) -> None:
    missing = [name for name in names if not (source / name / "dbt_project.yml").is_file()]
    if missing:
        raise ChargebackError(
            f"the dbt Hub cannot be reached, and there is no stand-in for {', '.join(missing)}: "
            "run `dbt deps` where it can be reached"
        )
    # An empty or half-filled folder stops every dbt command, so it is made whole in one go.
    fresh = folder.with_name(folder.name + ".new")
    for old in (fresh, folder):
        shutil.rmtree(old, ignore_errors=True)
    for name in names:
        shutil.copytree(source / name, fresh / name)
    fresh.rename(folder)


def _fingerprint(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(path.parent)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _read_marker(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / _MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _write_marker(folder: Path, source: str, fingerprint: str) -> None:
    content = json.dumps({"source": source, "fingerprint": fingerprint})
    (folder / _MARKER).write_text(content, encoding="utf-8")
