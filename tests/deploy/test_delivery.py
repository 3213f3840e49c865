"""Dashboards brought into a server that behaves as Kibana does, new and old, well and unwell."""

from __future__ import annotations

import json
import ssl
from base64 import b64decode
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from commands.main import cli
from deploy.dashboards import kibana as kibana_module
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.delivery import Difference, deliver, lacking
from deploy.dashboards.kibana import WAITS_S, Kibana
from deploy.dashboards.place import Place
from deploy.dashboards.views import VIEWS
from riftwatch.errors import AccessError, ConfigError, Retry, StateError
from riftwatch.settings import Settings
from tests.deploy.kibana_server import KibanaServer

PLACE = Place(desk="https://desk.example.org")
ALL = len(VIEWS) + len(DASHBOARDS)
BOTH = pytest.mark.parametrize("version", ["9.5.1", "9.4.0", "9.3.2", "9.0.0"])


class Naps:
    """Counts the seconds that would have been waited."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def run(
    server: KibanaServer, *, applying: bool, place: Place = PLACE, key: str = "", space: str = ""
) -> list[Difference]:
    settings = Settings(kibana=server.url, kibana_api_key=key, kibana_space=space)
    async with Kibana(settings, Naps()) as kibana:
        return await deliver(kibana, place, applying=applying)


@BOTH
async def test_everything_is_made_once_and_then_left_alone(version: str) -> None:
    with KibanaServer(version) as server:
        missing = await run(server, applying=False)
        assert [one.state for one in missing] == ["missing"] * ALL
        assert server.writes == []
        assert await run(server, applying=True) == missing
        assert len(server.objects) == ALL
        written = list(server.writes)
        assert await run(server, applying=False) == []
        assert await run(server, applying=True) == []
        assert server.writes == written
        assert len(written) == (1 if version < "9.4" else ALL)


@BOTH
async def test_what_somebody_changed_is_named_and_put_right(version: str) -> None:
    with KibanaServer(version) as server:
        await run(server, applying=True)
        kept = json.loads(json.dumps(server.objects["dashboard", "riftwatch-coverage"]))
        (kept.get("attributes") or kept)["title"] = "Mine"
        server.objects["dashboard", "riftwatch-coverage"] = kept
        (one,) = await run(server, applying=False)
        assert (one.kind, one.name, one.state) == ("dashboard", "riftwatch-coverage", "differs")
        assert one.detail.endswith("title")
        assert await run(server, applying=True) == [one]
        assert await run(server, applying=False) == []


@BOTH
async def test_another_address_of_the_desk_changes_links_and_clicks_only_where_they_are(version: str) -> None:
    with KibanaServer(version) as server:
        await run(server, applying=True)
        found = await run(server, applying=False, place=Place(desk="https://elsewhere.example.org"))
        kinds = [one.kind for one in found]
        assert kinds.count("dashboard") == len(DASHBOARDS)
        assert kinds.count("data view") == sum(bool(view.opens) for view in VIEWS)  # by their clicks


async def test_an_object_that_is_missing_alone_is_seen_by_the_import_too() -> None:
    with KibanaServer("9.1.0") as server:
        await run(server, applying=True)
        del server.objects["dashboard", "riftwatch-actor"]
        assert [str(one) for one in await run(server, applying=False)] == [
            "dashboard riftwatch-actor: missing"
        ]


async def test_key_and_space_are_used() -> None:
    with KibanaServer(key="a2V5", space="news") as server:
        await run(server, applying=True, key="a2V5", space="news")
        assert len(server.objects) == ALL


# --- unwell -----------------------------------------------------------------------------------------


async def test_a_kibana_that_is_starting_is_waited_for() -> None:
    with KibanaServer() as server:
        server.sick = [503, 502, 429]
        naps = Naps()
        async with Kibana(Settings(kibana=server.url), naps) as kibana:
            await deliver(kibana, PLACE, applying=True)
        assert naps.taken == list(WAITS_S[:3])
        assert len(server.objects) == ALL


async def test_a_kibana_that_stays_unwell_is_told_with_its_words() -> None:
    with KibanaServer() as server:
        server.sick = [503] * 20
        with pytest.raises(Retry, match=r"does not serve us \(it says 503: Kibana server is not ready yet"):
            await run(server, applying=True)


async def test_nobody_at_the_address() -> None:
    naps = Naps()
    async with Kibana(Settings(kibana="http://127.0.0.1:9"), naps) as kibana:
        with pytest.raises(Retry, match=r"Kibana at http://127\.0\.0\.1:9 does not serve us"):
            await kibana.version()
    assert naps.taken == list(WAITS_S)


# --- refused ----------------------------------------------------------------------------------------


async def test_a_wrong_key() -> None:
    with KibanaServer(key="right") as server:
        with pytest.raises(AccessError, match="does not tell its version: set RIFTWATCH_KIBANA_API_KEY"):
            await run(server, applying=False)
        server.answer = lambda *_: (401, b"{}")  # type: ignore[method-assign]
        with pytest.raises(AccessError, match=r"does not know us \(401\): set RIFTWATCH_KIBANA_API_KEY"):
            await run(server, applying=False, key="wrong")


@BOTH
async def test_a_key_without_rights(version: str) -> None:
    with KibanaServer(version) as server:
        server.denied = True
        with pytest.raises(AccessError, match=r"403.*all of Dashboards and Data View Management"):
            await run(server, applying=True)


@pytest.mark.parametrize("version", ["8.19.3", "10.0.0"])
async def test_another_major_version(version: str) -> None:
    with KibanaServer(version) as server:
        with pytest.raises(
            AccessError, match=rf"is version {version}.*use a Kibana and an Elasticsearch of major version 9"
        ):
            await run(server, applying=True)
        assert server.objects == {}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"<html>not here</html>", r"there is no Kibana at .* \(GET /api/status says 404\)"),
        (200, b'{"name": "node-1", "tagline": "You Know, for Search"}', r"there is no Kibana at .* says 200"),
        (302, b"", r"sends us elsewhere \(302\), as a login page does"),
    ],
)
async def test_an_address_at_which_something_else_answers(status: int, body: bytes, said: str) -> None:
    with KibanaServer() as server:
        server.answer = lambda *_: (status, body)  # type: ignore[method-assign]
        with pytest.raises(AccessError, match=said):
            await run(server, applying=False)


async def test_what_kibana_refuses_is_told_with_its_reason() -> None:
    with KibanaServer() as server:
        usual = server.answer

        def grumpy(method: str, path: str, headers: object, body: bytes) -> tuple[int, bytes]:
            if method == "PUT":
                return 400, b'{"message": "[request body.panels.3]: definition for this key is missing"}'
            return usual(method, path, headers, body)

        server.answer = grumpy  # type: ignore[method-assign]
        with pytest.raises(
            StateError, match=r"does not take dashboard riftwatch-newsroom \(400\): .*definition for this key"
        ):
            await run(server, applying=True)


async def test_an_import_that_is_not_whole_is_an_error() -> None:
    with KibanaServer("9.2.0") as server:
        usual = server.answer

        def partial(method: str, path: str, headers: object, body: bytes) -> tuple[int, bytes]:
            if "_import" in path:
                error = {
                    "type": "dashboard",
                    "id": "riftwatch-actor",
                    "error": {"type": "missing_references"},
                }
                return 200, json.dumps({"success": False, "errors": [error]}).encode()
            return usual(method, path, headers, body)

        server.answer = partial  # type: ignore[method-assign]
        with pytest.raises(
            StateError, match=r"did not import everything .dashboard riftwatch-actor: missing_references"
        ):
            await run(server, applying=True)


@pytest.mark.parametrize("url", ["localhost:5601", "ftp://host", "http://", "http://host:notaport"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError, match="kibana must be http"):
        Kibana(Settings(kibana=url))


def test_a_certificate_that_is_none(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="cannot be read as a certificate"):
        Kibana(Settings(kibana="https://host:5601", kibana_ca=str(tmp_path / "none.pem")))
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="cannot be read as a certificate"):
        Kibana(Settings(kibana="https://host:5601", kibana_ca=str(tmp_path / "ca.pem")))


def test_user_and_password_may_stand_in_the_address_and_are_never_shown() -> None:
    kibana = Kibana(Settings(kibana="https://elastic:se%40cret@kibana:5601/base"))
    assert kibana.where == "https://***@kibana:5601/base"
    assert kibana._root == "https://kibana:5601/base"
    assert b64decode(kibana._login["Authorization"].removeprefix("Basic ")) == b"elastic:se@cret"


def test_the_system_is_trusted_unless_a_file_is_named() -> None:
    assert kibana_module._trust("").verify_mode is ssl.CERT_REQUIRED


def test_what_is_lacking_is_found_at_its_place() -> None:
    assert lacking({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}], "d": 4}) is None
    assert lacking({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == "a[1].b"
    assert lacking({"a": [1]}, {"a": [1, 2]}) == "a"
    assert lacking({"a": None}, {}) is None


# --- the command ------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[KibanaServer]:
    with KibanaServer() as started:
        monkeypatch.setenv("RIFTWATCH_KIBANA", started.url)
        monkeypatch.setenv("RIFTWATCH_DESK_URL", "https://desk.example.org")
        yield started


def riftwatch(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["deploy", "kibana", *arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value or 0), result.output


def test_the_command_checks_applies_and_checks_again(server: KibanaServer) -> None:
    code, said = riftwatch("--check")
    assert (code, said.splitlines()[-1]) == (1, f"{ALL} differ: run --apply")
    code, said = riftwatch("--apply")
    assert (code, said.splitlines()[-1]) == (0, f"{ALL} changed")
    assert riftwatch("--check") == (0, "everything is as it should be\n")
    assert riftwatch("--apply") == (0, "everything was as it should be\n")


def test_the_command_opens_with_the_pair_it_is_told(server: KibanaServer) -> None:
    riftwatch("--apply", "--pair", "softbank|openai", "--actor", "openai")
    opens = server.objects["dashboard", "riftwatch-relationship"]["pinned_panels"][0]["config"]
    assert opens["selected_options"] == ["openai|softbank"]
    code, said = riftwatch("--check", "--json")
    assert code == 1
    assert {json.loads(line)["name"] for line in said.splitlines()} == {
        "riftwatch-relationship",
        "riftwatch-actor",
    }


def test_the_command_without_a_kibana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RIFTWATCH_KIBANA", raising=False)
    with pytest.raises(ConfigError, match="there is no Kibana in the settings"):
        riftwatch("--check")
