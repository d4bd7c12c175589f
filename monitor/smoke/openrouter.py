"""The questions for OpenRouter."""

from monitor.core.text import counted
from monitor.hubs.probing import Probe, Prober, Query
from monitor.smoke.asking import Question, Said, yes
from monitor.smoke.headers import header_questions
from monitor.smoke.rows import Row, having, member, objects

_PATH = "/models"
_ALL: Query = {"output_modalities": "all"}
_PAGE: Query = {**_ALL, "limit": 5, "offset": 0}
_AUTHOR: Query = {**_ALL, "model_authors": "deepseek"}


def _rows(probe: Probe) -> list[Row]:
    return objects(member(probe.json(), "data"))


def _of_author(rows: list[Row]) -> int:
    return sum(str(row.get("canonical_slug") or row.get("id")).startswith("deepseek/") for row in rows)


def _pages(query: Query) -> Question:
    def find_out(prober: Prober) -> Said:
        probe = prober.probe(_PATH, query)
        body = probe.json()
        links = member(body, "links")
        following = links.get("next") if isinstance(links, dict) else None
        stated = member(body, "total")
        said = f"total {stated}, links.next {following} beside {counted(len(_rows(probe)), 'row', 'rows')}"
        return yes(stated is not None or following is not None), said

    asked = "a page of five" if "limit" in query else "the whole list"
    return Question(f"{asked} states total or links.next", find_out)


def _without_slug(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, _ALL))
    lacking = len(rows) - having(rows, "canonical_slug")
    return yes(lacking > 0), f"{lacking} of {len(rows)}"


def _join(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, _ALL))
    named = sum(bool(row.get("hugging_face_id")) for row in rows)
    return yes(named > 0), f"{named} of {len(rows)}"


def _modalities(prober: Prober) -> Said:
    everything, usual = (len(_rows(prober.probe(_PATH, query))) for query in (_ALL, {}))
    return yes(everything > usual), f"{everything} rows, {usual} without it"


def _authors(prober: Prober) -> Said:
    asked = len(_rows(prober.probe(_PATH, _AUTHOR)))
    among = _of_author(_rows(prober.probe(_PATH, _ALL)))
    return yes(asked == among), f"{asked} rows, {among} of that author in the whole list"


OPENROUTER = (
    *header_questions(_PATH, _ALL),
    _pages(_ALL),
    _pages(_PAGE),
    Question("there are rows without canonical_slug", _without_slug),
    Question("rows name their repository on Hugging Face", _join),
    Question("output_modalities=all shows more", _modalities),
    Question("model_authors= shows what the whole list has of an author", _authors),
)
