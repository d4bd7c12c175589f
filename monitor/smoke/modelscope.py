"""The questions for ModelScope."""

from monitor.hubs.probing import Probe, Prober, Query
from monitor.smoke.asking import UNTOLD, Question, Said, yes
from monitor.smoke.headers import header_questions
from monitor.smoke.rows import Row, having, member, newest_first, objects, owners

_PATH = "/openapi/v1/models"
_ACCOUNT: Query = {"owner": "Qwen", "sort": "last_modified", "page_number": 1, "page_size": 50}


def _of(owner: str, **query: str | int) -> Query:
    return {**_ACCOUNT, "owner": owner, **query}


def _rows(probe: Probe) -> list[Row]:
    return objects(member(member(probe.json(), "data"), "models"))


def _total(probe: Probe) -> object:
    return member(member(probe.json(), "data"), "total_count")


def _states_total(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _ACCOUNT)
    total = _total(probe)
    return yes(isinstance(total, int)), f"total_count {total} beside {len(_rows(probe))} rows"


def _counts_what_it_lists(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _of("XiaomiMiMo"))
    rows, total = len(_rows(probe)), _total(probe)
    answer = yes(rows == total) if 0 < rows < 50 else UNTOLD
    return answer, f"total_count {total} beside {rows} rows of XiaomiMiMo"


def _states_gating(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, _ACCOUNT))
    keys = {
        key: having(rows, key) for key in ("gated", "login_required", "private", "created_at", "file_size")
    }
    return yes(keys["gated"] == len(rows)), f"of {len(rows)} rows: " + ", ".join(
        f"{k} {n}" for k, n in keys.items()
    )


def _largest_page(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _of("Qwen", page_size=100))
    return (
        str(len(_rows(probe))) if probe.status == 200 else "refused"
    ), f"page_size=100 answers {probe.status}"


def _capitals(prober: Prober) -> Said:
    exact, other = (prober.probe(_PATH, query) for query in (_ACCOUNT, _of("qwen")))
    return yes(
        _total(exact) != _total(other)
    ), f"Qwen {_total(exact)}, qwen {_total(other)}; {owners(_rows(other))}"


def _renamed_owner(prober: Prober) -> Said:
    rows = _rows(prober.probe(_PATH, _of("AIDC-AI")))
    return yes(bool(rows)), owners(rows)


def _unknown_owner(prober: Prober) -> Said:
    probe = prober.probe(_PATH, _of("no-such-owner-31415926"))
    if probe.status != 200:
        return "no", f"answers {probe.status}"
    rows = _rows(probe)
    return (yes(True) if not rows else UNTOLD), f"total_count {_total(probe)}, {owners(rows)}"


def _missing_repo(prober: Prober) -> Said:
    status = prober.probe(f"{_PATH}/Qwen/no-such-model-31415926", {}).status
    return yes(status == 404), f"answers {status}"


MODELSCOPE = (
    *header_questions(_PATH, _ACCOUNT),
    Question("total_count is stated", _states_total),
    Question("total_count is how many rows can be listed", _counts_what_it_lists),
    Question(
        "rows come last modified first",
        lambda prober: newest_first(_rows(prober.probe(_PATH, _ACCOUNT)), "last_modified"),
    ),
    Question("every row says whether it is gated", _states_gating),
    Question("rows of a page where 100 are asked for", _largest_page),
    Question("owner= minds capitals", _capitals),
    Question("owner= still finds AIDC-AI, which became ATH-MaaS elsewhere", _renamed_owner),
    Question("an unknown owner looks like an empty one", _unknown_owner),
    Question("a repository that is not there is 404", _missing_repo),
)
