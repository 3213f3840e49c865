"""deploy/kubernetes: valid against Kubernetes' own schemas, and in itself consistent."""

from __future__ import annotations

import tomllib

import kubernetes_validate
import pytest
import yaml

from deploy.accounts import CLUSTER, OURS, ROLES
from riftwatch import settings
from riftwatch.settings import ROOT
from tests.deploy.compose import services, variables

HOME = ROOT / "deploy/kubernetes"
KUSTOMIZATION = yaml.safe_load((HOME / "kustomization.yaml").read_text())
OPERATORS = ("kafka.strimzi.io", "elasticsearch.k8s.elastic.co", "kibana.k8s.elastic.co")
PATCHES = sorted(HOME.glob("*.patch.yaml"))
ROLE_KINDS = ("Deployment", "StatefulSet")


def manifests() -> list[dict[str, object]]:
    """Every object of every listed file."""
    files = [HOME / name for name in KUSTOMIZATION["resources"] if not name.startswith("..")]
    return [one for file in files for one in yaml.safe_load_all(file.read_text())]


def of_kind(*kinds: str) -> list[dict[str, object]]:
    return [one for one in manifests() if one["kind"] in kinds]


def test_every_file_is_used() -> None:
    listed = {*KUSTOMIZATION["resources"], *(patch["path"] for patch in KUSTOMIZATION["patches"])}
    listed |= {"settings.env", "elasticsearch-roles.yml", "kustomization.yaml"}
    assert {file.name for file in HOME.iterdir()} == listed - {"../../config"}


@pytest.mark.parametrize("one", manifests(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_objects_are_valid(one) -> None:
    if not one["apiVersion"].startswith(
        OPERATORS
    ):  # their schemas come with the operators, see docs/deploy.md
        kubernetes_validate.validate(one, "1.33", strict=True)


@pytest.mark.parametrize("file", PATCHES, ids=lambda file: file.name)
def test_patches_are_valid(file) -> None:
    patch = yaml.safe_load(file.read_text())
    patch["spec"]["selector"] = {"matchLabels": {"a": "b"}}
    patch["spec"]["template"]["metadata"] = {"labels": {"a": "b"}}
    patch["spec"]["template"]["spec"].setdefault("containers", [{"name": "role"}])
    kubernetes_validate.validate(patch, "1.33", strict=True)


def test_every_role_runs_and_may_be_moved() -> None:
    commands = {tuple(one["args"]) for role in of_kind(*ROLE_KINDS) for one in _containers(role)}
    wanted = services(dict.fromkeys(variables(), "x"))
    assert commands == {
        tuple(wanted[name]["command"]) for name in ("poll", "process", "search", "mail", "desk")
    }
    budgets = {one["metadata"]["name"] for one in of_kind("PodDisruptionBudget")}
    assert budgets == {one["metadata"]["name"] for one in of_kind("Deployment")}


def test_selectors_find_their_pods() -> None:
    for role in of_kind(*ROLE_KINDS):
        labels = role["spec"]["template"]["metadata"]["labels"]
        assert role["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert labels["app.kubernetes.io/part-of"] == role["metadata"]["labels"]["app.kubernetes.io/part-of"]
        assert _containers(role)[0]["name"] == "role"  # what role.patch.yaml is laid over


def test_settings_are_settings_there_are() -> None:
    lines = (HOME / "settings.env").read_text().splitlines()
    common = dict(line.split("=", 1) for line in lines)
    for one in of_kind(*ROLE_KINDS, "Job"):
        for container in _containers(one):
            own = {env["name"]: env.get("value", "x") for env in container.get("env", ())}
            settings.load(common | {k: v for k, v in own.items() if k.startswith("RIFTWATCH_")})


def test_no_service_puts_its_address_among_our_settings() -> None:
    """A service named riftwatch-… would become RIFTWATCH_…_PORT, and an unknown setting stops the start."""
    pod = yaml.safe_load((HOME / "role.patch.yaml").read_text())["spec"]["template"]["spec"]
    job = of_kind("Job")[0]["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is False
    assert job["enableServiceLinks"] is False


def test_no_secret_stands_in_a_file() -> None:
    for one in of_kind(*ROLE_KINDS, "Job"):
        for container in _containers(one):
            for env in container.get("env", ()):
                secret = any(word in env["name"] for word in ("PASSWORD", "API_KEY"))
                assert not secret or "value" not in env, env["name"]


def test_mounts_have_volumes() -> None:
    for one in of_kind("Job"):
        pod = one["spec"]["template"]["spec"]
        assert {m["name"] for m in pod["containers"][0]["volumeMounts"]} == {
            v["name"] for v in pod["volumes"]
        }
    pod = yaml.safe_load((HOME / "role.patch.yaml").read_text())["spec"]["template"]["spec"]
    mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]} | {
        "data"
    }  # data: scratch, or the desk's own


def test_roles_are_those_of_compose() -> None:
    written = yaml.safe_load((HOME / "elasticsearch-roles.yml").read_text())
    assert written == {
        name: {"cluster": CLUSTER, "indices": [{"names": OURS, "privileges": privileges}]}
        for name, privileges in ROLES.items()
    }


def test_versions_are_those_of_compose() -> None:
    composed = services(dict.fromkeys(variables(), "x"))
    versions = {one["kind"]: one["spec"].get("version") for one in of_kind("Elasticsearch", "Kibana")}
    assert set(versions.values()) == {composed["elasticsearch"]["image"].split(":")[1]}
    assert of_kind("Kafka")[0]["spec"]["kafka"]["version"] == composed["kafka"]["image"].split(":")[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert KUSTOMIZATION["images"][0]["newTag"] == project
    assert composed["poll"]["image"] == f"riftwatch:{project}"


def test_every_file_a_desk_edits_is_carried() -> None:
    carried = yaml.safe_load((ROOT / "config/kustomization.yaml").read_text())["configMapGenerator"][0][
        "files"
    ]
    edited = {file.name for file in (ROOT / "config").iterdir()} - {"kustomization.yaml"}
    assert set(carried) == edited
    assert (
        sum((ROOT / "config" / name).stat().st_size for name in carried) < 900_000
    )  # a ConfigMap holds 1 MiB


def _containers(one) -> list[dict[str, object]]:
    return one["spec"]["template"]["spec"]["containers"]
