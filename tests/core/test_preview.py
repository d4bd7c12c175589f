"""What watching an organisation would show, foreseen from its listings."""

from datetime import timedelta

from builders import ACME, NOW, known, listing, repo
from monitor.core.corrections import Correction, CorrectionKind
from monitor.core.preview import Known, preview
from monitor.core.types import Budgets, Direction, Regime, Repo

DAY = timedelta(days=1)


def every_ten_days(number: int, last: int) -> list[Repo]:
    return [repo(f"V{n}.0-7B", NOW - (last + 10 * n) * DAY) for n in range(number)]


def test_a_laboratory_that_fell_silent_is_shown_with_the_alert_it_would_have_raised() -> None:
    found = preview(ACME, Known(), [listing(*every_ten_days(40, last=90))], Budgets(), NOW)
    assert (found.repos, found.releases, found.undated) == (40, 40, 0)
    assert found.since == (NOW - 480 * DAY).date()
    assert found.verdict.regime is Regime.SILENT
    assert {one.direction for one in found.crossings} == {Direction.SILENT}


def test_what_would_have_been_raised_more_than_two_years_ago_is_left_out() -> None:
    old = [*every_ten_days(40, last=900), repo("Late-7B", NOW - 5 * DAY)]
    found = preview(ACME, Known(), [listing(*old)], Budgets(), NOW)
    assert [one.direction for one in found.crossings] == [Direction.RESUMED]


def test_quantisations_join_and_what_the_hub_dates_before_all_is_said() -> None:
    repos = [repo("Lyra-7B", "2026-05-01"), repo("Lyra-7B-GGUF", "2026-05-20"), repo("Old-7B", "2022-03-01")]
    found = preview(ACME, Known(), [listing(*repos)], Budgets(), NOW)
    assert (found.repos, found.releases, found.undated) == (3, 2, 1)
    assert found.verdict.regime is Regime.LEARNING


def test_nothing_is_foreseen_of_an_account_without_models() -> None:
    found = preview(ACME, Known(), [listing()], Budgets(), NOW)
    assert (found.repos, found.releases, found.since, found.crossings) == (0, 0, None, ())


def test_what_is_known_already_counts_and_is_grouped_as_people_corrected_it() -> None:
    before = known("Lyra-7B", "2026-05-01", account="acme-two")
    merged = Correction(
        1, CorrectionKind.MERGE, frozenset({before.key}), frozenset({("huggingface", "acme-ai/Vega-7B")})
    )
    listed = [listing(repo("Vega-7B", "2026-03-01"))]
    assert preview(ACME, Known((before,)), listed, Budgets(), NOW).releases == 2
    assert preview(ACME, Known((before,), (merged,)), listed, Budgets(), NOW).releases == 1
