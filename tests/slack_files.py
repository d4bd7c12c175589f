"""A workspace of Slack that takes files: an address for each, the upload itself, and the share into a thread.

The three steps of https://docs.slack.dev/messaging/working-with-files; the address is on another server, as Slack's.
"""

import json
from collections.abc import Mapping
from typing import Any

from monitor.demo.server import Answer, LocalServer, Request
from slack_workspace import SCOPES, Workspace


class FilesWorkspace(Workspace):
    """`pictures` holds what was shared: channel, thread, title and bytes. `upload_url` replaces the given address.

    Without `draws` it refuses Slack's own charts, as a plan or a client may that does not have them.
    """

    def __init__(self, *, scopes: str = f"{SCOPES} files:write") -> None:
        super().__init__(scopes=scopes)
        self.pictures: list[dict[str, Any]] = []
        self.upload_url = ""
        self.upload_status = 200
        self.draws = True  # whether it knows Slack's own charts
        self._announced: dict[str, int] = {}
        self._uploaded: dict[str, bytes] = {}
        self._server = LocalServer(self._take)

    def __enter__(self) -> "FilesWorkspace":
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)

    def call(self, method: str, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        if not method.startswith("files."):
            drawn = any(block["type"] == "data_visualization" for block in body.get("blocks") or [])
            if drawn and not self.draws:
                return {"ok": False, "error": "invalid_blocks"}
            return super().call(method, body, headers)
        if refusal := self._refused("auth.test", headers):
            return refusal
        if "files:write" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "files:write", "provided": "chat:write"}
        return self._announce(body) if method == "files.getUploadURLExternal" else self._complete(body)

    def _announce(self, body: dict[str, Any]) -> dict[str, Any]:
        if not body.get("filename") or not body.get("length"):
            return {"ok": False, "error": "invalid_arguments"}
        file = f"F000000000{len(self._announced)}"
        self._announced[file] = int(body["length"])
        url = self.upload_url or f"{self._server.url}/upload/v1/{file}"
        return {"ok": True, "upload_url": url, "file_id": file}

    def _take(self, request: Request) -> Answer:
        file = request.path.rpartition("/")[2]
        if "authorization" in request.headers:  # the token is not for the upload
            return Answer(403)
        if self.upload_status != 200 or len(request.body) != self._announced.get(file):
            return Answer(self.upload_status if self.upload_status != 200 else 400)
        self._uploaded[file] = request.body
        return Answer(200, body=b"OK")

    def _complete(self, body: dict[str, Any]) -> dict[str, Any]:
        files = json.loads(body["files"]) if isinstance(body.get("files"), str) else body.get("files") or []
        channel = self.channels.get(str(body.get("channel_id")))
        if not files or any(set(file) - {"id", "title"} for file in files):
            return {"ok": False, "error": "invalid_arguments"}
        if channel is None or channel.message(body.get("thread_ts")) is None:
            return {"ok": False, "error": "channel_not_found"}
        if any(file["id"] not in self._uploaded for file in files):
            return {"ok": False, "error": "file_not_found"}
        for file in files:
            shared = {"channel": channel.id, "thread": body["thread_ts"], "title": file["title"]}
            self.pictures.append(shared | {"bytes": self._uploaded[file["id"]]})
        return {"ok": True, "files": [{"id": file["id"], "title": file["title"]} for file in files]}
