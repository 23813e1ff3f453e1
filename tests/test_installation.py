"""The wheel, installed apart from the checkout: complete, and at home beside any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment that borrows only the libraries; return its bin."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"),
            *("--no-index", "--quiet", "--disable-pip-version-check", str(wheel)),
        ],
        check=True,
        capture_output=True,
    )
    # A .pth inside a folder added by a .pth is not read: the checkout's editable install stays out.
    (Path(own) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


def test_the_wheel_is_complete(wheel: Path) -> None:
    """Settings, types and licence are in it; tests and data are not."""
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {f"pipelines/settings/{p.name}" for p in (ROOT / "pipelines/settings").glob("*.yaml")}
    assert len(shipped) >= 3
    code = {"churn/py.typed", "pipelines/py.typed", "pipelines/cli/__init__.py"}
    assert shipped | code <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"churn", "pipelines"}


def test_it_works_beside_a_foreign_folder_of_the_same_name(installed: Path, tmp_path: Path) -> None:
    """`churn` runs its own recipes, whatever `pipelines/` the user stands beside."""
    foreign = tmp_path / "pipelines"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise RuntimeError('not mine')\n", encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def churn(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installed / "churn", *words],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )

    told = churn("--help")
    assert told.returncode == 0, told.stderr
    assert "nightly" in told.stdout
    made = churn("init", "company")
    assert made.returncode == 0, made.stderr
    # The settings are read by the installed copy, up to the extracts that are not there yet.
    assert churn("check", "--settings", "company/churn.yaml").returncode == 11
    where = subprocess.run(
        [installed / "python", "-P", "-c", "import churn, pipelines; print(pipelines.__file__)"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(installed.parent) in where.stdout
