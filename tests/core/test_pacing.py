"""Where a launch stands among those before it."""

from builders import known
from monitor.core.pacing import pacing_text
from monitor.core.releases import regroup
from monitor.core.types import Weights


def said(last: str, *days: str) -> str:
    """What is said of the last of some launches."""
    repos = [known(f"Name{n}-{n + 1}-7B", day) for n, day in enumerate((*days, last))]
    releases = regroup(repos)
    return pacing_text(releases[-1], releases)


def test_a_launch_soon_after_others_says_which_it_is_and_what_came_before() -> None:
    text = said("2026-05-20", "2026-01-01", "2026-04-25", "2026-05-08")
    assert text == "The 3rd launch in 30 days; the one before, Name2-3-7B, came 12 days earlier."


def test_a_launch_after_a_long_time_says_for_how_long_there_was_none() -> None:
    text = said("2026-05-20", "2025-12-01", "2026-01-01")
    assert text == "The first launch for 139 days: the last was Name1-2-7B, 2026-01-01."


def test_two_launches_at_the_same_moment_are_told_in_their_order() -> None:
    releases = regroup([known("Foo-1-7B", "2026-05-20"), known("Bar-2-7B", "2026-05-20")])
    first, second = (pacing_text(release, releases) for release in releases)
    assert first == "No launch before it is in the log."
    assert (
        second == f"The 2nd launch in 30 days; the one before, {releases[0].name}, came within the same hour."
    )


def test_what_is_undated_or_still_empty_is_compared_with_nothing() -> None:
    releases = regroup(
        [known("Foo-1-7B", "2026-05-01", weights=Weights.PENDING), known("Bar-2-7B", "2026-05-20")]
    )
    assert pacing_text(releases[1], releases) == "No launch before it is in the log."
    (undated,) = regroup([known("Old", None)])
    assert pacing_text(undated, [undated]) == ""
