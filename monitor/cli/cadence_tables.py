"""The tables of `cadence` for people: figures on one line, the evidence below it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.cli.output import Row, day_text, grid
from monitor.cli.prose import paragraph
from monitor.core.cadence.budget import budget_in_words, expected_false_alerts_per_month
from monitor.core.sparkline import monthly, sparkline
from monitor.core.text import counted
from monitor.core.types import Budgets

CADENCE_COLUMNS = (
    *("organization", "regime", "level", "rate_per_month", "interval", "interval_level", "since"),
    *(
        "previous_rate_per_month",
        "releases",
        "release_days",
        "last_released_at",
        "days_since_last",
        "gap_rank",
    ),
    *("blind", "why", "launches_half_year", "launches_half_year_before", "blind_days_half_year"),
    *("blind_days_half_year_before", "watched_since", "dates", "company", "company_group", "company_moved"),
    "company_why",
)
HISTORY_COLUMNS = (
    *("organization", "regime", "since", "until", "rate_per_month", "interval", "between"),
    *("previous_rate_per_month", "previous_interval", "basis", "note"),
)
GROUP_COLUMNS = (
    *("group", "regime", "level", "since", "between", "release_days", "expected_release_days"),
    *("organizations", "judged", "leaning", "moved", "watched_since", "why", "dates"),
)
_NOBODY = "Nobody is watched yet: `release-monitor poll` takes the configuration up."
_NAMED = 5  # organisations or groups that are watched since another day than the others


def cadence_table(
    rows: Sequence[Row], launches: Sequence[Sequence[datetime]], now: datetime, budgets: str
) -> str:
    """Lay out the cadences, with the launches of each; at the end what the watch list and the budgets mean."""
    both = sorted(zip(rows, launches, strict=True), key=lambda pair: pair[0]["regime"] == "unknown")
    table = grid(
        [
            "organisation",
            "12 months",
            "regime",
            "a month (95%)",
            "half-year",
            "days since last (longer than)",
        ],
        [
            [row["organization"], _bars(released, now), _regime(row), _rate(row), _half_years(row), _gap(row)]
            for row, released in both
        ],
        empty=_NOBODY,
        fold=["12 months"],
        below=[[_why(row), row["company_why"], _unseen(row)] for row, _ in both],
    )
    return "\n\n".join([table, *_dates(rows), paragraph(budgets)]) if rows else table


def history_table(rows: Sequence[Row], *, is_somebody_watched: bool) -> str:
    """Lay out every regime that organisations went through."""
    return grid(
        ["organisation", "regime", "since", "began (80%)", "until", "before", "a month (95%)", "dated by"],
        [
            [
                row["organization"],
                row["regime"],
                day_text(row["since"]),
                _between(row),
                day_text(row["until"]) if row["until"] else "now",
                "" if row["previous_rate_per_month"] is None else f"{row['previous_rate_per_month']:.1f}",
                _rate(row),
                row["basis"],
            ]
            for row in rows
        ],
        empty="No regime yet: 4 release days are needed." if is_somebody_watched else _NOBODY,
        fold=["began (80%)", "before"],
        below=[[row["note"]] for row in rows],
    )


def groups_table(rows: Sequence[Row]) -> str:
    """Lay out the cadences of groups."""
    table = grid(
        ["group", "regime", "since", "began (80%)", "organisations"],
        [
            [
                row["group"],
                _regime(row),
                day_text(row["since"]) if row["since"] else "",
                _between(row),
                f"{row['judged']} of {row['organizations']}",
            ]
            for row in rows
        ],
        empty=_NOBODY,
        below=[[_why(row), _moved(row)] for row in rows],
    )
    return "\n\n".join([table, *_dates(rows, "group")])


def budgets_text(organizations: int, budgets: Budgets) -> str:
    """Say how many false alerts a month to expect of the whole watch list, and what the budgets mean."""
    expected = expected_false_alerts_per_month(organizations, budgets.alert)
    watched = f"{organizations} organisation{'' if organizations == 1 else 's'} watched"
    return f"{watched}: expect {expected:.2g} false alerts a month. " + " ".join(
        f"{sentence[0].upper()}{sentence[1:]}." for sentence in budget_in_words(budgets)
    )


def _regime(row: Row) -> str:
    return f"possibly {row['regime']}" if row["level"] == "watching" else str(row["regime"])


def _rate(row: Row) -> str:
    if row["rate_per_month"] is None or row["interval"] is None:
        return ""
    low, high = row["interval"]
    return f"{row['rate_per_month']:.1f} ({low:.1f} to {high:.1f})"


def _half_years(row: Row) -> str:
    return f"{row['launches_half_year']}, was {row['launches_half_year_before']}"


def _gap(row: Row) -> str:
    """Write the open gap beside the earlier ones: "41 (33 of 34)"."""
    if row["days_since_last"] is None:
        return ""
    return f"{row['days_since_last']}" + (f" ({row['gap_rank']})" if row["gap_rank"] else "")


def _why(row: Row) -> str:
    """Return the reason without how its dates are to be read, which is said once for the whole table."""
    return str(row["why"]).removesuffix(f"; {row['dates']}")


def _unseen(row: Row) -> str | None:
    stretches = (
        ("this half-year", "blind_days_half_year"),
        ("the half-year before", "blind_days_half_year_before"),
    )
    hidden = [(when, row[days]) for when, days in stretches if row[days]]
    said = [f"{counted(days, 'day', 'days')} of {when}" for when, days in hidden]
    return f"not seen on {' and '.join(said)}" if said else None


def _between(row: Row) -> str:
    return " to ".join(day_text(day) for day in row["between"]) if row["between"] else ""


def _moved(row: Row) -> str | None:
    return f"clearly: {', '.join(row['moved'])}" if row["moved"] else None


def _dates(rows: Sequence[Row], name: str = "organization") -> list[str]:
    """Say once for all which dates are creation dates: those before the day on which watching began."""
    began = [(day_text(row["watched_since"]), row[name]) for row in rows if row["dates"]]
    if not began:
        return []
    first = min(day for day, _ in began)
    later = [f"{organization} {day}" for day, organization in sorted(began) if day > first]
    days = ", ".join([first, *later[:_NAMED], *(["..."] if len(later) > _NAMED else [])])
    return [
        paragraph(
            f"Before the day on which watching began ({days}) dates are creation dates of what was still public."
        )
    ]


def _bars(released_at: Iterable[datetime], now: datetime) -> str:
    """Draw the releases of each of the last twelve months as bars, the present month last."""
    return sparkline(monthly((at.date() for at in released_at), now.date()))
