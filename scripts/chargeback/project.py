"""Where the project is, and which dbt target it talks to."""

from __future__ import annotations

import os
from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from chargeback.errors import ChargebackError

DEFAULT_RAW_SCHEMA = "raw"


@dataclass(frozen=True)
class Project:
    """A dbt project folder and the target chosen in its profile.

    Make one with `Project.find()`. The profile is read when first asked for, so commands that
    only write files work without a profiles.yml.
    """

    root: Path
    target_name: str | None = None
    profiles_dir_name: str | None = None

    @classmethod
    def find(
        cls,
        start: Path | None = None,
        target: str | None = None,
        profiles_dir: str | Path | None = None,
    ) -> Project:
        """Find the project at or above `start` (default: the current folder).

        The environment variable CHARGEBACK_PROJECT_DIR wins over `start`. `target` and
        `profiles_dir` override what dbt would choose. Raises ChargebackError when no folder on
        the way up has a dbt_project.yml.
        """
        named = os.environ.get("CHARGEBACK_PROJECT_DIR")
        if named:
            root = Path(named).expanduser().resolve()
            if not (root / "dbt_project.yml").is_file():
                raise ChargebackError(f"CHARGEBACK_PROJECT_DIR={named} has no dbt_project.yml")
        else:
            root = _find_upward((start or Path.cwd()).resolve())
        return cls(root, target, str(profiles_dir) if profiles_dir else None)

    @property
    def raw_dir(self) -> Path:
        """Folder with one folder of log files per source."""
        named = os.environ.get("CHARGEBACK_RAW_DIR")
        return (self.root / named).resolve() if named else self.root / "data" / "raw"

    @property
    def raw_schema(self) -> str:
        """Schema of the raw tables: the variable `raw_schema`."""
        return str(self.variables.get("raw_schema") or DEFAULT_RAW_SCHEMA)

    @property
    def schema(self) -> str:
        """Schema of the marts, and the first half of the names of dbt's other schemas."""
        return str(self.profile.get("schema", "chargeback"))

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The content of dbt_project.yml, not rendered."""
        return _read_yaml(self.root / "dbt_project.yml")

    @property
    def variables(self) -> dict[str, Any]:
        """What dbt_project.yml sets under `vars: llm_chargeback:`."""
        found: Any = self.settings
        for key in ("vars", "llm_chargeback"):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    @cached_property
    def profiles_dir(self) -> Path:
        """The folder with profiles.yml: as given, DBT_PROFILES_DIR, the project, ~/.dbt."""
        named = self.profiles_dir_name or os.environ.get("DBT_PROFILES_DIR")
        if named:
            folder = (self.root / Path(named).expanduser()).resolve()
            candidates = [folder]
        else:
            candidates = [self.root, Path.home() / ".dbt"]
        for folder in candidates:
            if (folder / "profiles.yml").is_file():
                return folder
        places = " or ".join(str(folder) for folder in candidates)
        raise ChargebackError(
            f"no profiles.yml in {places}: copy profiles.example.yml to profiles.yml"
        )

    @cached_property
    def _profile(self) -> dict[str, Any]:
        path = self.profiles_dir / "profiles.yml"
        name = self.settings.get("profile")
        profiles = _read_yaml(path)
        if not name or not isinstance(profiles.get(name), dict):
            raise ChargebackError(f"{path} has no profile named {name!r} (see dbt_project.yml)")
        return profiles[name]

    @cached_property
    def target(self) -> str:
        """Name of the dbt target: as given, DBT_TARGET, or the profile's own default."""
        named = self.target_name or os.environ.get("DBT_TARGET")
        return str(named or render(self._profile.get("target", "default")))

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The chosen target's settings, with `env_var()` rendered as dbt renders it."""
        outputs = self._profile.get("outputs") or {}
        if self.target not in outputs:
            known = ", ".join(outputs) or "none"
            path = self.profiles_dir / "profiles.yml"
            raise ChargebackError(f"{path} has no target {self.target!r} (it has: {known})")
        return render(outputs[self.target])

    @property
    def duckdb_path(self) -> Path:
        """The DuckDB file of a `duckdb` target; relative paths start at the project folder."""
        path = str(self.profile.get("path", "warehouse/llm_chargeback.duckdb"))
        return Path(path) if path == ":memory:" else (self.root / Path(path).expanduser()).resolve()


def render(value: Any, env: Mapping[str, str] | None = None) -> Any:
    """Render the Jinja in a profile value, or in every value of a dict or list, as dbt does.

    `env_var(name, default)` is available, and the filters `as_text`, `as_number`, `as_bool` and
    `as_native`. Text stays text unless a filter says otherwise. Raises ChargebackError for a
    missing variable or a value that does not convert.
    """
    env = os.environ if env is None else env
    if isinstance(value, dict):
        return {key: render(item, env) for key, item in value.items()}
    if isinstance(value, list):
        return [render(item, env) for item in value]
    if not isinstance(value, str) or not any(mark in value for mark in ("{{", "{%", "{#")):
        return value
    return _render_text(value, env)


class _Text(str):
    pass


class _Native(str):
    pass


class _Number(_Native):
    pass


class _Bool(_Native):
    pass


def _render_text(text: str, env: Mapping[str, str]) -> Any:
    import jinja2
    from jinja2.nativetypes import NativeCodeGenerator
    from jinja2.sandbox import SandboxedEnvironment

    class _Environment(SandboxedEnvironment):
        code_generator_class = NativeCodeGenerator

    def env_var(name: str, default: str | None = None) -> str:
        if name in env:
            return env[name]
        if default is None:
            raise ChargebackError(
                f"profiles.yml needs the environment variable {name}, which is not set"
            )
        return default

    jinja = _Environment(undefined=jinja2.StrictUndefined)
    jinja.globals["env_var"] = env_var
    jinja.filters.update(as_text=_Text, as_native=_Native, as_number=_Number, as_bool=_Bool)
    try:
        template = jinja.from_string(text)
        parts = list(template.root_render_func(template.new_context()))
    except jinja2.TemplateError as error:
        raise ChargebackError(f"profiles.yml: cannot render {text!r}: {error}") from error
    return _convert(parts, text)


def _convert(parts: list[Any], text: str) -> Any:
    """Join what a template produced; a single marked value takes the type its filter asks for."""
    from jinja2 import Undefined

    if any(isinstance(part, Undefined) for part in parts):
        raise ChargebackError(f"profiles.yml: cannot render {text!r}: a name in it is not defined")
    if not parts:
        return ""
    head, *rest = parts
    if rest:
        return "".join(str(part) for part in chain([head], rest))
    if isinstance(head, _Text):
        return str(head)
    if not isinstance(head, _Native):
        return head
    try:
        result = literal_eval(head)
    except (ValueError, SyntaxError, MemoryError):
        result = str(head)
    is_number = isinstance(result, int | float) and not isinstance(result, bool)
    if isinstance(head, _Number) and not is_number:
        raise ChargebackError(f"profiles.yml: {text!r} gives {str(head)!r}, which is no number")
    if isinstance(head, _Bool) and not isinstance(result, bool):
        raise ChargebackError(f"profiles.yml: {text!r} gives {str(head)!r}, not True or False")
    return result


def _find_upward(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise ChargebackError(
        f"no dbt_project.yml in {start} or above: run this inside the project, "
        "or set CHARGEBACK_PROJECT_DIR"
    )


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChargebackError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ChargebackError(f"{path} is no valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise ChargebackError(f"{path} is empty or no mapping")
    return content
