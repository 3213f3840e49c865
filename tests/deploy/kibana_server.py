"""A server that behaves as Kibana does for those who deploy: strict, and it forgets nothing.

It refuses unknown keys, a write without kbn-xsrf, a versioned route without its version, a dangling data view, a
saved object of a newer type version. It fills in defaults, as Kibana does, so what comes back is more than what went in.
"""

from __future__ import annotations

import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from jsonschema import Draft202012Validator

from tests.deploy import kibana_schema, reading

Json = dict[str, Any]  # Any: JSON
OPTIONS = {
    "auto_apply_filters": True, "hide_panel_borders": False, "hide_panel_titles": False, "sync_colors": False,
    "sync_cursor": True, "sync_tooltips": False, "use_margins": True,
}  # fmt: skip


class KibanaServer:
    """Use as a context; `url` is its address. `sick` holds statuses it answers with before it is well."""

    def __init__(self, version: str = "9.5.1", key: str = "", space: str = "") -> None:
        self.version, self.key, self.space = version, key, space
        self.sick: list[int] = []
        self.denied = False
        self.objects: dict[tuple[str, str], Json] = {}  # what is stored, by type and id
        self.writes: list[str] = []

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                status, body = outer.answer(self.command, self.path, self.headers, self.rfile.read(length))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = _do

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/kbn"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # Any: the headers of http.server
    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        status, found = self._answer(method, path, headers, body)
        if status < 400 and method in ("PUT", "POST") and "_export" not in path:
            self.writes.append(f"{method} {path}")
        return status, found if isinstance(found, bytes) else json.dumps(found).encode()

    def _answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Json | bytes]:
        if self.sick:
            return self.sick.pop(0), {"message": "Kibana server is not ready yet."}
        path = path.removeprefix("/kbn")
        known = not self.key or headers.get("Authorization") == f"ApiKey {self.key}"
        if path == "/api/status":
            told = {"status": {"overall": {"level": "available"}}}
            return 200, told | ({"version": {"number": self.version}} if known else {})
        if not known:
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "security_exception"}
        if self.space:
            if not path.startswith(f"/s/{self.space}/"):
                return 404, {"message": "Not Found"}
            path = path.removeprefix(f"/s/{self.space}")
        if self.denied:
            return 403, {"statusCode": 403, "message": "Unable to bulk_create dashboard"}
        if method != "GET" and "kbn-xsrf" not in headers:
            return 400, {"message": "Request must contain a kbn-xsrf header."}
        if path.startswith(("/api/dashboards/", "/api/data_views/")):
            return self._versioned(method, path, headers, body)
        if path == "/api/saved_objects/_import?overwrite=true" and method == "POST":
            return self._import(headers, body)
        if path == "/api/saved_objects/_export" and method == "POST":
            return self._export(json.loads(body))
        return 404, {"statusCode": 404, "message": "Not Found"}

    def _versioned(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Json | bytes]:
        if headers.get("Elastic-Api-Version") != "2023-10-31":
            return 400, {"message": "Please specify a version via elastic-api-version header."}
        if path.startswith("/api/data_views/data_view"):
            return self._data_view(method, path.rpartition("/")[2], body)
        if tuple(int(part) for part in self.version.split(".")[:2]) < (9, 4):
            return 404, {"message": "Not Found"}
        return self._dashboard(method, path.rpartition("/")[2], body)

    def _data_view(self, method: str, name: str, body: bytes) -> tuple[int, Json | bytes]:
        if method == "GET":
            found = self.objects.get(("index-pattern", name))
            return (200, {"data_view": found}) if found else (404, {"message": "not found"})
        sent = json.loads(body)
        if wrong := _wrong("data view", body.decode()):
            return 400, {"message": wrong}
        view = sent["data_view"]
        if ("index-pattern", view["id"]) in self.objects and not sent["override"]:
            return 409, {"message": "Duplicate data view"}
        self.objects["index-pattern", view["id"]] = view | {"namespaces": ["default"], "sourceFilters": []}
        return 200, {"data_view": view}

    def _dashboard(self, method: str, name: str, body: bytes) -> tuple[int, Json | bytes]:
        if method == "GET":
            found = self.objects.get(("dashboard", name))
            return (
                (200, {"id": name, "data": found, "meta": {}}) if found else (404, {"message": "not found"})
            )
        sent = json.loads(body)
        if wrong := _wrong("dashboard", body.decode()):
            return 400, {"message": f"[request body.panels]: {wrong}"}
        named = set(_values(sent, "ref_id")) | set(_values(sent, "data_view_id"))
        if dangling := {one for one in named if ("index-pattern", one) not in self.objects}:
            return 400, {"message": f"no data view {sorted(dangling)}"}
        fresh = ("dashboard", name) not in self.objects
        self.objects["dashboard", name] = sent | {"options": OPTIONS | sent["options"]}
        return (201 if fresh else 200), {"id": name, "data": sent}

    def _import(self, headers: Any, body: bytes) -> tuple[int, Json | bytes]:
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        (part,) = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        assert (part.get_filename() or "").endswith(".ndjson")
        sent = [json.loads(line) for line in bytes(part.get_payload(decode=True)).splitlines()]
        known = {(one["type"], one["id"]) for one in sent} | set(self.objects)
        errors = []
        for one in sent:
            if wrong := _wrong(f"saved {one['type']}", json.dumps(reading.decoded(one))):
                return 422, {"message": wrong}
            if any((to["type"], to["id"]) not in known for to in one["references"]):
                errors.append({"type": one["type"], "id": one["id"], "error": {"type": "missing_references"}})
        if errors:
            return 200, {"success": False, "successCount": 0, "errors": errors}
        self.objects |= {
            (one["type"], one["id"]): one | {"updated_at": "2026-01-01T00:00:00Z"} for one in sent
        }
        return 200, {"success": True, "successCount": len(sent)}

    def _export(self, sent: Json) -> tuple[int, Json | bytes]:
        wanted = [(one["type"], one["id"]) for one in sent["objects"]]
        if missing := [one for one in wanted if one not in self.objects]:
            objects = [{"type": kind, "id": name, "error": {"statusCode": 404}} for kind, name in missing]
            return 400, {"message": "Error fetching objects to export", "attributes": {"objects": objects}}
        return 200, "\n".join(json.dumps(self.objects[one]) for one in wanted).encode()


SCHEMAS = {
    "data view": kibana_schema.DATA_VIEW,
    "dashboard": kibana_schema.API,
    "saved dashboard": kibana_schema.SAVED,
    "saved index-pattern": kibana_schema.SAVED_VIEW,
}


@cache
def _wrong(kind: str, text: str) -> str:
    """Return what is wrong with a body; bodies come again and again, and a check takes a moment."""
    errors = Draft202012Validator(SCHEMAS[kind]).iter_errors(json.loads(text))
    return next((f"{one.json_path}: {one.message[:200]}" for one in errors), "")


def _values(value: Any, key: str) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in _values(one, key)]
    if isinstance(value, dict):
        return ([value[key]] if key in value else []) + [
            f for one in value.values() for f in _values(one, key)
        ]
    return []
