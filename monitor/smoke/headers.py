"""The questions that every hub is asked, of headers: limits, entity tags and what a 304 costs."""

import re
from collections.abc import Mapping

from monitor.hubs.probing import Probe, Prober, Query
from monitor.smoke.asking import UNTOLD, Question, Said, yes

_LIMITS = re.compile(r"rate-?limit|retry-after", re.IGNORECASE)
_REMAINING = re.compile(r"\br\s*=\s*(\d{1,9})")  # RateLimit: "api";r=499;t=293
_TAG = re.compile(r'(W/)?"[!#-~]{1,200}"')


def header_questions(path: str, query: Query) -> tuple[Question, ...]:
    """Return the questions about one listing; the first two belong next to each other."""
    return (
        Question(
            "an unchanged listing is answered with 304", lambda prober: _answered_304(prober, path, query)
        ),
        Question("a 304 is charged", lambda prober: _charged_304(prober, path, query)),
        Question("limits are told", lambda prober: _limits(prober.probe(path, query).headers)),
    )


def _answered_304(prober: Prober, path: str, query: Query) -> Said:
    again = _again(prober, path, query)
    if again is None:
        return "no", "there is no ETag"
    first, second = again
    return yes(second.status == 304), f"ETag {first.headers['etag']}, then {second.status}"


def _charged_304(prober: Prober, path: str, query: Query) -> Said:
    again = _again(prober, path, query)
    if again is None or again[1].status != 304:
        return UNTOLD, "no 304 came"
    before, after = (_remaining(probe.headers) for probe in again)
    how = "with a token" if prober.access.token else "anonymously"
    if before is None or after is None:
        return UNTOLD, f"the headers name no limits, {how}"
    if after > before:
        return UNTOLD, f"a new window began in between: remaining {before} → {after}, {how}"
    return yes(after < before), f"remaining {before} → {after}, {how}"


def _again(prober: Prober, path: str, query: Query) -> tuple[Probe, Probe] | None:
    """Ask for a listing, and again for what is new in it; None where the answer has no entity tag."""
    first = prober.probe(path, query)
    first.json()
    tag = first.headers.get("etag", "")
    if not _TAG.fullmatch(tag):
        return None
    return first, prober.probe(path, query, {"If-None-Match": tag})


def _limits(headers: Mapping[str, str]) -> Said:
    told = [f"{name}: {value}" for name, value in headers.items() if _LIMITS.search(name)]
    return yes(bool(told)), "; ".join(told) or "no header of that kind"


def _remaining(headers: Mapping[str, str]) -> int | None:
    found = _REMAINING.search(headers.get("ratelimit", ""))
    left = found[1] if found else headers.get("x-ratelimit-remaining", "")
    return int(left) if re.fullmatch(r"[0-9]{1,9}", left) else None
