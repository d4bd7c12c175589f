"""How the study is printed: each figure beside the bar that it is measured against."""

from collections.abc import Sequence
from statistics import fmean

from benchmarks.cadence.delays import FACTORS, Delay
from benchmarks.cadence.false_alarms import Shares
from benchmarks.cadence.intervals import Coverage

DELAY_BAR, WORST_BAR, SILENT_BAR = 1.75, 2.25, 1.3  # mean delay over the oracle's
AFTER_BAR, DAY_BAR, DAY_WORST_BAR = 0.90, 0.75, 0.68  # coverage


def verdict(met: bool) -> str:
    """Say whether a bar is met."""
    return "met" if met else "MISSED"


def false_alarms(title: str, measured: Sequence[Shares]) -> None:
    """Print the shares of unchanged organisations with an alarm within a year."""
    size = measured[0].streams
    print(f"\nFalse alarms per organisation and year, {title}; {size} organisations a row: 5% is")
    print(f"known to {100 * (0.05 * 0.95 / size) ** 0.5:.1f} points (one standard error)")
    print(
        f"{'':37}| faster or slower at 5% | {'silent at 2.5%':18} |    at 20%     | naive: 30/90 days, monthly z"
    )
    head = f"{'kind':18}{'history':>9}{'a month':>9} | {'':6} {'bar':>4} {'':6} faster"
    print(f"{head}| {'':6} {'bar':>4} {'':6} | either silent | {'x 2':>6} {'z > 2':>6} {'z > 3':>6}")
    for one in measured:
        cell = one.cell
        changed = _judged(one.changed[0], cell.bar) + f" {one.faster[0]:6.1%}"
        watched = f"{one.changed[1]:6.1%} {one.silent[1]:6.1%}"
        naive = " ".join(f"{share:6.0%}" for share in one.naive)
        print(
            f"{cell.kind:18}{cell.months:6} mo{cell.per_month:9g} | {changed}"
            f"| {_judged(one.silent[0], cell.silent_bar)} | {watched} | {naive}"
        )


def _judged(share: float, bar: float | None) -> str:
    """Show a share with its bar and whether it is met: 18 characters."""
    return f"{share:6.1%} {bar:4.0%} {verdict(share <= bar):6}" if bar else f"{share:6.1%}{'':12}"


def delays(measured: Sequence[Delay], level: int, budget: str) -> None:
    """Print median delays with, in brackets, mean over the oracle's mean; a star where the oracle is quick."""
    print(
        f"\nMedian days to the alarm, 12 months of history, {budget}; in brackets the mean over the oracle's mean;"
    )
    print(
        "* where the oracle's median is at most 120 days. A stop is seen as slower or silent, whichever is first."
    )
    print(f"{'a month':>8}  " + "".join(f"{_factor(factor):>14}" for factor in FACTORS))
    for rate in dict.fromkeys(one.per_month for one in measured):
        row = (_delay(one, level) for one in measured if one.per_month == rate)
        print(f"{rate:8g}  " + "".join(f"{text:>14}" for text in row))
    quick = [one for one in measured if one.quick(level)]
    mean = fmean(one.ratio(level) for one in quick)
    up, down = (
        fmean(one.ratio(level) for one in quick if (one.factor > 1) == faster) for faster in (True, False)
    )
    worst = max(quick, key=lambda one: one.ratio(level))
    at = f"{worst.ratio(level):.2f} ({_factor(worst.factor)} at {worst.per_month:g} a month)"
    stops = [(one.per_month, one.silence(level)) for one in quick if one.factor == 0]
    shown = ", ".join(f"{ratio:.2f} at {rate:g} a month" for rate, ratio in stops)
    print(
        f"{len(quick)} cells with a star: mean {mean:.2f} (up {up:.2f}, down {down:.2f})"
        + _bar(mean, DELAY_BAR, level)
    )
    print(f"  worst {at}" + _bar(worst.ratio(level), WORST_BAR, level))
    print(f"  silent by itself {shown}" + _bar(max(ratio for _, ratio in stops), SILENT_BAR, level))


def _bar(value: float, bar: float, level: int) -> str:
    """Hold a value against its bar; bars are about the first budget."""
    return "" if level else f"; bar {bar}: {verdict(value <= bar)}"


def _delay(one: Delay, level: int) -> str:
    median = one.engine[level].median
    days = ">365" if median >= 365 else f"{median:.0f}"
    return f"{days} ({one.ratio(level):.2f}){'*' if one.quick(level) else ' '}"


def _factor(factor: float) -> str:
    return "stop" if factor == 0 else f"x{factor:g}" if factor > 1 else f"/{1 / factor:g}"


def intervals(measured: Sequence[Coverage]) -> None:
    """Print how often what an alarm says is true."""
    print("\nCoverage at the moment of the alarm: rates before and after (95%), day of the change (80%)")
    print(f"{'a month':>8} {'':>5} {'alarms':>7} {'before':>7} {'after':>7} {'day':>6} {'median error':>13}")
    for one in measured:
        coverage = f"{one.before:7.0%} {one.after:7.0%} {one.day:6.0%}"
        print(f"{one.per_month:8g} {_factor(one.factor):>5} {one.alarms:7} {coverage} {one.error:11.0f} d")
    after, days = fmean(one.after for one in measured), [one.day for one in measured]
    least = min(one.after for one in measured)
    print(
        f"rate after: mean {after:.0%}, bar {AFTER_BAR:.0%}: {verdict(after >= AFTER_BAR)} (least {least:.0%})"
    )
    print(f"day: mean {fmean(days):.0%}, bar {DAY_BAR:.0%}: {verdict(fmean(days) >= DAY_BAR)}")
    print(f"     least {min(days):.0%}, bar {DAY_WORST_BAR:.0%}: {verdict(min(days) >= DAY_WORST_BAR)}")
