"""Hubs of known behaviour for the smoke questions: what each answers to one request."""

import json

from monitor.demo.server import Answer, Request
from servers import json_answer


def tagged(request: Request, value: object, *headers: tuple[str, str]) -> Answer:
    """A JSON answer with an entity tag, spared where the client has it."""
    tag = f'W/"{len(json.dumps(value))}"'
    if request.headers.get("if-none-match") == tag:
        return Answer(304, (("ETag", tag), *headers))
    return json_answer(json.dumps(value), 200, ("ETag", tag), *headers)


def modelscope(request: Request) -> Answer:
    """A ModelScope whose owner= minds no capitals, with 60 models of Qwen."""
    if request.path != "/openapi/v1/models":
        return json_answer('{"success": false}', 404)
    owner = request.first("owner") or ""
    total = {"qwen": 60, "xiaomimimo": 3}.get(owner.casefold(), 0)
    size = min(int(request.first("page_size") or 10), 50, total)
    models = [
        {"id": f"Qwen/M{n}", "gated": False, "last_modified": f"2026-05-02T00:{59 - n:02}:00Z"}
        for n in range(size)
    ]
    return json_answer(json.dumps({"success": True, "data": {"models": models, "total_count": total}}))


def github(request: Request) -> Answer:
    """A GitHub that grants 304s for nothing to those with a token, and leads to renamed repositories."""
    free = "if-none-match" in request.headers and "authorization" in request.headers
    limits = (("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "59" if free else "58"))
    if "if-none-match" not in request.headers:
        limits = (limits[0], ("X-RateLimit-Remaining", "59"))
    if request.path == "/orgs/deepseek-ai/repos":
        rows = [{"id": n, "pushed_at": f"2026-05-0{9 - n}T00:00:00Z"} for n in range(3)]
        return tagged(request, rows, ("Cache-Control", "public, max-age=60, s-maxage=60"), *limits)
    if request.path.startswith("/repos/"):
        return Answer(301, (("Location", "/repositories/1"), *limits))
    return json_answer('{"message": "Not Found"}', 404, *limits)


def openrouter(request: Request) -> Answer:
    """An OpenRouter with an image model, a row without a slug, and pages that state a total."""
    rows = [
        {"id": "deepseek/v4", "canonical_slug": "deepseek/v4-2026", "hugging_face_id": "deepseek-ai/V4"},
        {"id": "qwen/q4", "hugging_face_id": ""},
        {"id": "qwen/image", "canonical_slug": "qwen/image", "hugging_face_id": None},
    ]
    if request.first("output_modalities") != "all":
        rows = rows[:2]
    if request.first("model_authors"):
        rows = rows[:1]
    paged = {"total": 3, "links": {"next": None}} if request.first("limit") else {}
    return tagged(request, {"data": rows, **paged})
