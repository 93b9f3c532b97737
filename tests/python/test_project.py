"""Finding the project, and rendering its profile as dbt does."""

from __future__ import annotations

from pathlib import Path

import pytest

from chargeback.errors import ChargebackError
from chargeback.project import Project, render


def test_is_found_from_a_folder_below(small_project: Project) -> None:
    folder = small_project.root / "models" / "deep"
    folder.mkdir()
    assert Project.find(folder).root == small_project.root


def test_environment_variable_names_the_project(
    small_project: Project, clean_env: pytest.MonkeyPatch
) -> None:
    clean_env.setenv("CHARGEBACK_PROJECT_DIR", str(small_project.root))
    clean_env.chdir("/")
    assert Project.find().root == small_project.root


def test_no_project_is_a_clear_error(tmp_path: Path, clean_env: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChargebackError, match=r"no dbt_project\.yml"):
        Project.find(tmp_path)


def test_raw_dir_and_duckdb_path(small_project: Project, clean_env: pytest.MonkeyPatch) -> None:
    assert small_project.raw_dir == small_project.root / "data" / "raw"
    assert small_project.duckdb_path == small_project.root / "warehouse" / "small.duckdb"
    clean_env.setenv("CHARGEBACK_RAW_DIR", "/elsewhere")
    assert small_project.raw_dir == Path("/elsewhere")


def test_target_is_the_option_then_the_variable_then_the_profile(
    small_project: Project, clean_env: pytest.MonkeyPatch
) -> None:
    assert small_project.target == "duckdb"
    clean_env.setenv("DBT_TARGET", "other")
    assert Project.find().target == "other"
    assert Project.find(target="third").target == "third"
    with pytest.raises(ChargebackError, match=r"no target 'third'.*it has: duckdb"):
        _ = Project.find(target="third").profile


def test_missing_profile_says_what_to_do(
    small_project: Project, clean_env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (small_project.root / "profiles.yml").unlink()
    clean_env.setenv("HOME", str(tmp_path / "nobody"))
    with pytest.raises(ChargebackError, match=r"copy profiles\.example\.yml"):
        _ = Project.find().target


ENV = {"PORT": "6543", "NAME": "box", "EMPTY": "", "FLAG": "True", "CODE": "007", "LIST": "[1, 2]"}
TEMPLATES = [
    "plain",
    "{{ env_var('NAME') }}",
    "{{ env_var('NONE', 'default') }}",
    "{{ env_var('EMPTY') }}",
    "{{ env_var('PORT') }}",
    "{{ env_var('PORT') | as_number }}",
    "{{ env_var('PORT') | int }}",
    "{{ env_var('NONE', '5432') | as_number }}",
    "{{ env_var('CODE') }}",
    "{{ env_var('CODE') | as_text }}",
    "{{ env_var('FLAG') | as_bool }}",
    "{{ env_var('LIST') | as_native }}",
    "{{ env_var('LIST') }}",
    "dir/{{ env_var('NAME') }}/{{ env_var('PORT') }}.duckdb",
    "{{ env_var('PORT') | int + 1 }}",
    "{% if env_var('FLAG') == 'True' %}yes{% else %}no{% endif %}",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_renders_as_dbt_does(template: str) -> None:
    from dbt.config.renderer import ProfileRenderer
    from dbt_common.context import set_invocation_context

    set_invocation_context(ENV)
    expected = ProfileRenderer({}).render_data({"key": template})["key"]
    got = render(template, ENV)
    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ env_var('NONE') }}", "NONE, which is not set"),
        ("{{ env_var('NAME') | as_number }}", "no number"),
        ("{{ env_var('NAME') | as_bool }}", "not True or False"),
        ("{{ env_var('NAME' }}", "cannot render"),
        ("{{ nothing }}", "cannot render"),
    ],
)
def test_bad_templates_are_clear_errors(template: str, message: str) -> None:
    with pytest.raises(ChargebackError, match=message):
        render({"outputs": [template]}, ENV)
