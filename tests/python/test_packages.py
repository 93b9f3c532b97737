"""Installing dbt packages with and without the Hub."""

from __future__ import annotations

import shutil
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chargeback.errors import ChargebackError
from chargeback.packages import Installed, install_packages
from chargeback.project import Project

ROOT = Path(__file__).resolve().parents[2]
NO_HUB = "http://127.0.0.1:1/"


@pytest.fixture
def project(small_project: Project, clean_env: pytest.MonkeyPatch) -> Project:
    shutil.copy(ROOT / "packages.yml", small_project.root)
    shutil.copytree(
        ROOT / "scripts" / "offline_packages", small_project.root / "scripts" / "offline_packages"
    )
    clean_env.setenv("DBT_PACKAGE_HUB_URL", NO_HUB)
    return small_project


def test_without_the_hub_the_stand_in_is_installed(project: Project) -> None:
    # What a `dbt deps` without network leaves behind.
    (project.root / "dbt_packages").mkdir()
    installed = install_packages(project)
    assert installed.is_new
    assert "stand-in for dbt_utils" in installed.line
    folder = project.root / "dbt_packages" / "dbt_utils"
    assert (folder / "dbt_project.yml").is_file()
    (folder / "mine").touch()
    assert not install_packages(project).is_new
    assert (folder / "mine").exists(), "a second run installs nothing"


def test_a_changed_stand_in_is_installed_again(project: Project) -> None:
    install_packages(project)
    macro = project.root / "scripts/offline_packages/dbt_utils/macros/new.sql"
    macro.write_text("{% macro new() %}{% endmacro %}")
    install_packages(project)
    assert (project.root / "dbt_packages/dbt_utils/macros/new.sql").is_file()


def test_a_package_that_the_user_installed_is_kept(project: Project) -> None:
    folder = project.root / "dbt_packages" / "dbt_utils"
    folder.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: dbt_utils\n")
    assert install_packages(project) == Installed("", is_new=False)
    assert (folder / "dbt_project.yml").read_text() == "name: dbt_utils\n"


def test_asking_for_the_hub_without_network_is_an_error(project: Project) -> None:
    with pytest.raises(ChargebackError, match="cannot reach"):
        install_packages(project, require_hub=True)


def test_no_stand_in_is_an_error(project: Project) -> None:
    (project.root / "packages.yml").write_text(
        "packages:\n  - package: a/other\n    version: 1.0.0\n"
    )
    with pytest.raises(ChargebackError, match="no stand-in for other"):
        install_packages(project)


def test_offline_does_not_ask_the_hub(project: Project, clean_env: pytest.MonkeyPatch) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        clean_env.setenv("DBT_PACKAGE_HUB_URL", f"http://127.0.0.1:{server.server_port}/")
        clean_env.setenv("CHARGEBACK_OFFLINE_PACKAGES", "1")
        assert "stand-in" in install_packages(project).line
        assert asked == []
        with pytest.raises(ChargebackError, match="answers 503"):
            install_packages(project, require_hub=True)
        server.shutdown()


def test_no_packages_file_means_nothing_to_do(small_project: Project) -> None:
    assert install_packages(small_project) == Installed("", is_new=False)
