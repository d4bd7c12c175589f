"""Episodes of the recorded history as values: the messages that the monitor's own core makes of them.

Where the data come from is said beside each; monitor/demo/data/NOTICE and benchmarks/data/NOTICE have the licences.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product

from docs.replaying import (
    DAY,
    HUB,
    brief_of,
    cadence_message,
    in_company,
    known_repo,
    laboratory,
    launch_message,
    moment,
    qwen_releases,
    recorded_launch,
    recorded_repos,
)
from monitor.core.change_messages import account_renamed_message, change_message
from monitor.core.config_health import refused
from monitor.core.delivery_health import judge_delivery
from monitor.core.health import AccountHealth, judge_health
from monitor.core.releases import regroup
from monitor.core.standing import Standing, reminder
from monitor.core.telling import Message, ReceiverHealth
from monitor.core.types import (
    Account,
    Change,
    ChangeKind,
    Level,
    Organization,
)
from monitor.errors import Trouble


@dataclass(frozen=True, slots=True)
class Episode:
    """What happened, where that is known from, and what the monitor said."""

    title: str
    told: str
    source: str
    message: Message


@cache
def episodes() -> tuple[Episode, ...]:
    """Return the episodes in order of time."""
    return tuple(make() for make in _EPISODES)


def health_messages() -> tuple[Message, ...]:
    """Return what the monitor says of itself: accounts out of sight, a reminder, a bad file, a revoked token."""
    now = moment("2026-03-02T10:14")
    accounts = [
        AccountHealth(Account(name, HUB, name), 3, Trouble.SERVER, "server error 503", now, now)
        for name in ("deepseek-ai", "moonshotai", "tencent")
    ]
    (blind,), _ = judge_health(accounts, [], now)
    still = reminder(Standing(blind.key, blind.message, now, now), now + DAY)
    problem = 'organizations.toml: deepseek.hugingface: unknown key; did you mean "huggingface"?'
    held = ReceiverHealth("slack:C0123456789", now, "Slack: token_revoked", 12, 0)
    (unreached,), _ = judge_delivery([held], [held.name], {}, {}, now)
    told = (blind, still, refused([problem], now), unreached)
    return tuple(alert.message for alert in told if alert)


def _withdrawn() -> Episode:
    return Episode(
        "A flagship vanishes",
        "On 12 September 2023 Qwen's models were gone from Hugging Face and ModelScope, without a word.",
        "dates: QwenLM/Qwen issues 3 and 295, QwenLM/Qwen-VL issue 73",
        change_message(laboratory("alibaba"), _qwen_2023(ChangeKind.WITHDRAWN), _QWEN_2023),
    )


def _returned() -> Episode:
    return Episode(
        "… and comes back",
        "Thirteen days later they were there again. A tool that compares two listings would call that four releases.",
        "dates: QwenLM/Qwen issues 297, 316 and 318",
        change_message(laboratory("alibaba"), _qwen_2023(ChangeKind.RETURNED)),
    )


def _tsunami() -> Episode:
    return Episode(
        "21 repositories, one launch",
        "Baidu opened ERNIE 4.5 on 30 June 2025: 21 repositories that had been made on one day, two days before.",
        "creation days: author listing of June 2026; names: as public model lists have them",
        launch_message(_BAIDU, _ERNIE, moment("2025-06-30T00:00"), moment("2025-06-30T00:05"), hidden=True),
    )


def _renamed() -> Episode:
    return Episode(
        "An account gets another name",
        "THUDM became zai-org in the summer of 2025. Who watches the old name sees nothing any more, and no error.",
        "xorbitsai/inference issue 3870",
        account_renamed_message(Account("zhipu", HUB, "THUDM"), "zai-org"),
    )


def _possible() -> Episode:
    return Episode(
        "Qwen, summer 2025: the first sign",
        "From 21 July on Qwen released every other day. After five of these days the monitor said that something may "
        "have changed; in the default settings such notices come in the digest.",
        _QWEN_SOURCE,
        cadence_message(laboratory("alibaba"), qwen_releases(), "2025-08-01", Level.WATCHING),
    )


def _faster() -> Episode:
    return Episode(
        "Qwen, summer 2025: the alert",
        "Four days later it was called a change. In the two years before there had been no such alert.",
        _QWEN_SOURCE,
        in_company("alibaba", qwen_releases(), "2025-08-05"),
    )


def _week() -> Episode:
    return Episode(
        "A week, and DeepSeek's quiet months",
        "The brief of Monday, 4 August 2025, on seven laboratories. Everybody waited for DeepSeek, whose last release "
        "was of 28 May: it is quiet, longer than each of its gaps, and that is no alert yet.",
        _DEMO_SOURCE,
        brief_of(moment("2025-08-04T09:00")),
    )


def _first_for_long() -> Episode:
    return Episode(
        "The first for ten months",
        "OpenAI published gpt-oss on 5 August 2025, after years without open language models.",
        _DEMO_SOURCE,
        recorded_launch("openai", "2025-08-04T22:00", "2025-08-05T00:00"),
    )


def _quiet_ends() -> Episode:
    return Episode(
        "DeepSeek's quiet months end",
        "DeepSeek-V3.1-Base, 19 August 2025. The line below the title says why it is news.",
        _DEMO_SOURCE,
        recorded_launch("deepseek", "2025-08-19T10:00", "2025-08-19T10:05"),
    )


def _grown() -> Episode:
    return Episode(
        "A launch grows",
        "Two days after its first four repositories Tencent's Hunyuan got eight more: the same launch, told in its "
        "thread, and one release in every count.",
        _DEMO_SOURCE,
        recorded_launch("tencent", "2025-07-29T00:00", "2025-07-31T00:00"),
    )


def _silent() -> Episode:
    return Episode(
        "A laboratory falls silent",
        "01.AI published nothing after Yi-Coder, of August 2024. It had released seldom before, so that it takes long "
        "to tell a silence from a long gap; the message says how long, and after how many gaps.",
        "creation dates of benchmarks/data/release-labels.csv",
        cadence_message(
            laboratory("01-ai"), regroup(recorded_repos("01-ai")), "2026-01-30", Level.ALERT, date(2025, 6, 1)
        ),
    )


def _licence() -> Episode:
    change = Change(
        HUB,
        "arcee-ai/Trinity-Large-Thinking",
        "arcee-ai/Trinity-Large-Thinking",
        ChangeKind.LICENCE,
        moment("2026-06-11T18:42"),
        "https://huggingface.co/arcee-ai/Trinity-Large-Thinking",
        "apache-2.0",
        "other",
    )
    return Episode(
        "A licence changes under published weights",
        "Arcee's Trinity-Large-Thinking stated apache-2.0 on 4 May 2026, and a licence of its own on 11 June.",
        "listings of both days: github 0motionguy/starscreener and currentai-org/os-ai-map, both MIT",
        change_message(
            Organization("arcee", "Arcee", (Account("arcee", HUB, "arcee-ai"),), country="US"), [change]
        ),
    )


_EPISODES: tuple[Callable[[], Episode], ...] = (
    *(_withdrawn, _returned, _tsunami, _renamed, _grown, _possible, _week),
    *(_first_for_long, _faster, _quiet_ends, _silent, _licence),
)

_DEMO_SOURCE = "creation dates of the recording that the demo plays (monitor/demo/data)"
_QWEN_SOURCE = "release days of tests/data/cadence/qwen-releases.csv"


_QWEN_2023 = tuple(
    replace(known_repo(f"Qwen/{name}", moment(day)), missing_since=moment("2023-09-12T02:10"))
    for name, day in (
        ("Qwen-7B", "2023-08-03"),
        ("Qwen-7B-Chat", "2023-08-03"),
        ("Qwen-VL", "2023-08-22"),
        ("Qwen-VL-Chat", "2023-08-22"),
    )
)

_BAIDU = Organization("baidu", "Baidu", (Account("baidu", HUB, "baidu"),), country="CN")
_ERNIE = tuple(
    known_repo(
        f"baidu/ERNIE-4.5-{name}",
        moment("2025-06-28T00:00"),
        licence="apache-2.0",
        pipeline_tag="text-generation",
    )
    for name in (
        *("-".join(parts) for parts in product(("21B-A3B", "0.3B", "300B-A47B"), ("PT", "Paddle"))),
        *(
            "-".join(parts)
            for parts in product(("21B-A3B", "0.3B", "300B-A47B"), ("Base",), ("PT", "Paddle"))
        ),
        *("-".join(parts) for parts in product(("VL-28B-A3B", "VL-424B-A47B"), ("PT", "Paddle"))),
        *("-".join(parts) for parts in product(("VL-28B-A3B", "VL-424B-A47B"), ("Base",), ("PT", "Paddle"))),
        "300B-A47B-FP8-Paddle",
    )
)


def _qwen_2023(kind: ChangeKind) -> list[Change]:
    seen_at = moment("2023-09-12T02:20" if kind is ChangeKind.WITHDRAWN else "2023-09-25T08:00")
    return [
        Change(HUB, known.repo.hub_id, known.repo.name, kind, seen_at, known.repo.url) for known in _QWEN_2023
    ]
