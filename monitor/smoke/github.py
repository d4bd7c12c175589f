"""The questions for GitHub."""

from monitor.hubs.probing import Prober, Query
from monitor.smoke.asking import Question, Said, yes
from monitor.smoke.headers import header_questions
from monitor.smoke.rows import newest_first, objects

_PATH = "/orgs/deepseek-ai/repos"
_ACCOUNT: Query = {"type": "public", "sort": "pushed", "direction": "desc", "per_page": 100}


def _in_order(prober: Prober) -> Said:
    return newest_first(objects(prober.probe(_PATH, _ACCOUNT).json()), "pushed_at")


def _cached(prober: Prober) -> Said:
    control = prober.probe(_PATH, _ACCOUNT).headers.get("cache-control", "")
    return yes("max-age" in control), control or "no Cache-Control"


def _leads_on(path: str) -> Question:
    def find_out(prober: Prober) -> Said:
        probe = prober.probe(path, {}, follow=False)
        leads = probe.status in (301, 302, 307, 308)
        return yes(leads), f"answers {probe.status} {probe.headers.get('location', '')}".rstrip()

    return Question(f"a former name leads to the new one: {path}", find_out)


GITHUB = (
    *header_questions(_PATH, _ACCOUNT),
    Question("repositories come last pushed first", _in_order),
    Question("an answer may be kept for a while by caches", _cached),
    _leads_on("/orgs/AIDC-AI/repos"),
    _leads_on("/repos/AIDC-AI/Ovis"),
)
