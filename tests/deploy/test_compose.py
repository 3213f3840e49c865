"""docker-compose.yml: the whole set-up on one machine, without Docker."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from commands.main import COMMANDS
from riftwatch import settings
from riftwatch.settings import ROOT
from tests.deploy.compose import EXAMPLE, FILE, JOBS, ROLES, services, variables

SECRETS = {name: "a-secret-of-twenty-four" for name in variables() if re.search("PASSWORD|KEY", name)}
ENV = variables() | SECRETS


@pytest.fixture(scope="module")
def composed() -> dict[str, dict[str, object]]:
    return services(ENV)


def test_the_file_is_valid(tmp_path) -> None:
    if not (compose := shutil.which("docker-compose")):
        pytest.skip("docker-compose is not installed")
    env = tmp_path / "env"
    env.write_text("\n".join(f"{name}={value}" for name, value in ENV.items()))
    checked = subprocess.run(
        [compose, "--env-file", str(env), "-f", str(FILE), "config", "-q"],
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_no_secret_stands_in_a_file() -> None:
    assert not any(value for name, value in variables().items() if name in SECRETS)
    assert "a-secret" not in FILE.read_text() + EXAMPLE.read_text()
    for name in SECRETS:
        required = name not in {"RIFTWATCH_SMTP_PASSWORD"}
        assert (f"${{{name}:?" in FILE.read_text()) is required


def test_every_role_and_every_job_is_a_command_there_is(composed) -> None:
    for name in ROLES:
        assert composed[name]["command"][0] in COMMANDS
    assert composed["dashboards"]["command"][0] in COMMANDS
    assert all(
        word in COMMANDS for word in re.findall(r"riftwatch (\w+)", composed["setup"]["entrypoint"][2])
    )


@pytest.mark.parametrize("name", [*ROLES, "setup", "dashboards"])
def test_settings_are_settings_there_are(composed, name) -> None:
    settings.load(composed[name]["environment"])


@pytest.mark.parametrize("name", [*ROLES, *JOBS])
def test_our_containers_have_no_rights(composed, name) -> None:
    service = composed[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    assert "user" not in service  # the image's own, which is not root
    assert re.search(r"^USER 10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_only_loopback_is_published(composed) -> None:
    ports = [port for service in composed.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_everything_has_limits_restarts_and_bounded_logs(composed) -> None:
    for name, service in composed.items():
        assert service["logging"]["options"]["max-size"] == "20m", name
        assert service["restart"] in {"unless-stopped", "on-failure"}, name
        assert "mem_limit" in service or name in JOBS, name


def test_versions_of_client_and_server_go_together(composed) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    client = next(one for one in project if one.startswith("elasticsearch=="))
    servers = {composed[name]["image"].split(":")[1] for name in ("elasticsearch", "kibana")}
    assert len(servers) == 1
    assert servers.pop().split(".")[0] == client.split("==")[1].split(".")[0]
    lock = (ROOT / "commands/kafka.lock.toml").read_text()
    assert (
        f'"{composed["kafka"]["image"].split(":")[1]}"' in lock
        or composed["kafka"]["image"].split(":")[1] in lock
    )


def test_what_is_mounted_and_copied_is_there(composed) -> None:
    for service in composed.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), source
    copied = re.findall(r"^COPY (\w+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert set(copied) == {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    } - {"requirements.txt"}
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert {package.split(".")[0] for package in packages} - {"demo"} <= set(copied)


def test_the_file_says_nothing_twice() -> None:
    """Two keys of one name: YAML keeps the last and tells nobody."""

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        assert len(keys) == len(set(keys)), keys
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    yaml.load(FILE.read_text(), Strict)  # a safe loader that counts
