"""The questions for the Hugging Face Hub.

Not among them: whether `sort=lastModified` moves when a repository is made public, which needs one of one's own.
"""

from monitor.hubs.probing import Probe, Prober, Query
from monitor.smoke.asking import Question, Said, yes
from monitor.smoke.headers import header_questions
from monitor.smoke.rows import Row, member, newest_first, objects, owners

_PATH = "/api/models"
_ACCOUNT: Query = {"author": "deepseek-ai", "sort": "createdAt", "limit": 100, "expand": "createdAt"}
_NEWEST: Query = {"sort": "createdAt", "limit": 100, "expand": "createdAt"}
_MANY: Query = {"author": "google", "expand": "createdAt"}  # an account with more than 1,000 repositories


def _rows(probe: Probe) -> list[Row]:
    return objects(probe.json())


def _total(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _ACCOUNT)
    total = probe.headers.get("x-total-count")
    return yes(total is not None), f"{total or 'none'} beside {len(_rows(probe))} rows"


def _usual_limit(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _MANY)
    more = 'rel="next"' in probe.headers.get("link", "")
    rows = len(_rows(probe))
    return (str(rows) if more else f"{rows} or more"), f"a next page: {yes(more)}"


def _renamed_author(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, {"author": "AIDC-AI", "limit": 5, "expand": "createdAt"}))
    return yes(bool(rows)), owners(rows)


def _renamed_overview(prober: Prober) -> Said:
    probe = prober.probe("/api/organizations/AIDC-AI/overview", {})
    if probe.status == 404:
        return "no", "answers 404"
    name = str(member(probe.json(), "name"))
    return yes(name != "AIDC-AI"), f"it names {name}"


def _capitals(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, {"author": "DeepSeek-AI", "limit": 5, "expand": "createdAt"}))
    return yes(not rows), owners(rows)


HUGGINGFACE = (
    *header_questions(_PATH, _ACCOUNT),
    Question("lists carry X-Total-Count", _total),
    Question(
        "an account's rows come newest first",
        lambda prober: newest_first(_rows(prober.probe(_PATH, _ACCOUNT)), "createdAt"),
    ),
    Question(
        "the whole hub's rows come newest first",
        lambda prober: newest_first(_rows(prober.probe(_PATH, _NEWEST)), "createdAt"),
    ),
    Question("rows of a page where no limit is asked for", _usual_limit),
    Question("author= still finds a renamed account (AIDC-AI, now ATH-MaaS)", _renamed_author),
    Question("a renamed account's overview names the new account", _renamed_overview),
    Question("author= minds capitals", _capitals),
)
