"""Both files of the configuration: what is accepted, and how what is wrong is said."""

import os
import subprocess
import sys
from datetime import time, timedelta
from pathlib import Path

import pytest

from monitor.config import (
    HUBS,
    Charts,
    Config,
    NotifySettings,
    PollSettings,
    Settings,
    SlackSettings,
    load,
)
from monitor.config.rules import check_account, check_country, check_glob, parse_duration
from monitor.core.routing import Mode
from monitor.core.timetable import Timetable
from monitor.core.types import WITNESSES, Account, Budgets
from monitor.errors import ConfigError

ACME = '[acme]\nhuggingface = ["acme-ai"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organizations.toml").write_text(ACME)
    return tmp_path


def loaded(folder: Path, organizations: str = ACME, settings: str = "") -> Config:
    (folder / "organizations.toml").write_text(organizations)
    (folder / "settings.toml").write_text(settings)
    return load(folder)


def problems(folder: Path, organizations: str = ACME, settings: str = "") -> list[str]:
    """The problems of both files, without the folder's name."""
    with pytest.raises(ConfigError) as raised:
        loaded(folder, organizations, settings)
    return [problem.removeprefix(f"{folder}{os.sep}") for problem in raised.value.problems]


# Organisations


def test_one_account_is_all_that_an_organisation_needs(folder: Path) -> None:
    (acme,) = load(folder).organizations
    assert (acme.name, acme.country, acme.groups) == ("acme", None, ())
    assert acme.accounts == (Account("acme", "huggingface", "acme-ai"),)


def test_everything_that_an_organisation_says_is_kept(folder: Path) -> None:
    text = '[acme]\nname = "ACME"\ncountry = "CN"\ngroups = ["big", "old"]\nhuggingface = ["b", "a"]\n'
    (acme,) = loaded(folder, text + 'include = ["A*"]\nexclude = ["*-GGUF"]\n').organizations
    assert (acme.name, acme.country, acme.groups) == ("ACME", "CN", ("big", "old"))
    assert [account.name for account in acme.accounts] == ["b", "a"]
    assert (acme.include, acme.exclude) == (("A*",), ("*-GGUF",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[acme]\nhugginface = ["a"]', "acme.hugginface: unknown key; did you mean `huggingface`?"),
        ('[acme]\nhuggingface = ["a"]\nzzz = 1', "acme.zzz: unknown key; known here: name, country"),
        ('[acme]\nhuggingface = ["a"]\ngithup = ["a"]', "acme.githup: unknown key; did you mean `github`?"),
        (
            '[acme]\ngithub = ["a"]\nopenrouter = ["a"]',
            "acme: has accounts on github and openrouter alone, where releases are confirmed but never made; "
            "add a huggingface or modelscope account",
        ),
        ('[acme]\nhuggingface = ["a"]\ngithub = ["a.b"]', "acme.github: `a.b` is no account name"),
        ('[Acme_AI]\nhuggingface = ["a"]', "organizations.toml: `Acme_AI` is no key: lower-case"),
        ('[Acme_AI]\nhuggingface = ["a"]', "did you mean `acme-ai`?"),
        ('[01.AI]\nhuggingface = ["a"]', "01.AI: unknown table; the key of an organisation has no dots"),
        ('[acme]\nname = "ACME"', 'acme: has no account; add one, such as huggingface = ["its-name-there"]'),
        ("[acme]\nhuggingface = []", "acme: has no account"),
        ('[acme]\nhuggingface = "a"', "acme.huggingface: must be a list"),
        ("[acme]\nhuggingface = [1]", "acme.huggingface: must be text in quotes, not 1"),
        ('[acme]\nhuggingface = ["a/b"]', "acme.huggingface: `a/b` is no account name"),
        ('[acme]\nhuggingface = ["a"]\nname = 1', "acme.name: must be text in quotes, not 1"),
        ('[acme]\nhuggingface = ["a"]\nname = " "', "acme.name: must be 1 to 80 printable characters"),
        ('[acme]\nhuggingface = ["a"]\ncountry = "cn"', "acme.country: `cn` is no ISO 3166-1"),
        ('[acme]\nhuggingface = ["a"]\ngroups = ["country"]', "acme.groups: `country` is always there"),
        ('[acme]\nhuggingface = ["a"]\ngroups = ["Big Tech"]', "did you mean `big-tech`?"),
        ('[acme]\nhuggingface = ["a"]\nexclude = ["a/*-GGUF"]', "write `*-GGUF`"),
        ('[[acme]]\nhuggingface = ["a"]', "must be one table; write [acme] instead of [[acme]]"),
        ('huggingface = ["a"]', "`huggingface`: stands outside a table"),
        (
            '[acme]\nhuggingface = ["a", "a"]',
            "acme.huggingface: `a` is watched already, under acme.huggingface as `a`",
        ),
        (
            '[acme]\nhuggingface = ["a"]\n[b]\nhuggingface = ["A"]',
            "b.huggingface: `A` is watched already, under acme",
        ),
        (
            '[acme]\nmodelscope = ["a"]\n[b]\nmodelscope = ["A"]',
            "b.modelscope: `A` is watched already, under acme.modelscope as `a`",
        ),
        ('[acme]\nhuggingface = ["a"', "is no valid TOML: Unclosed array (at end of document)"),
        ('[acme]\nhuggingface = ["a"]\nname = x', "is no valid TOML: Invalid value (at line 3, column 8)"),
        (
            '[acme]\nhuggingface = ["a"]\n[acme]',
            "is no valid TOML: Cannot declare ('acme',) twice (at line 3",
        ),
    ],
)
def test_what_is_wrong_with_an_organisation_is_said_with_its_place_and_a_remedy(
    folder: Path, text: str, problem: str
) -> None:
    said = problems(folder, text)
    assert any(line.startswith("organizations.toml: ") and problem in line for line in said), said


def test_all_problems_of_both_files_are_said_at_once(folder: Path) -> None:
    said = problems(
        folder, '[Bad]\nhugginface = ["a/b"]\ncountry = "UK"\n[b]\n', "[poll]\nevery = 300\n[notfy]\n"
    )
    assert [line.split(": ")[0:2] for line in said] == [
        ["organizations.toml", "`Bad` is no key"],
        ["organizations.toml", "Bad.country"],
        ["organizations.toml", "Bad.hugginface"],
        ["organizations.toml", "b"],
        ["settings.toml", "poll.every"],
        ["settings.toml", "notfy"],
    ]


def test_a_file_that_is_not_utf_8_is_named_with_the_line(folder: Path) -> None:
    (folder / "organizations.toml").write_bytes(b'[acme]\nname = "\xff"\n')
    with pytest.raises(ConfigError, match="line 2: is not UTF-8"):
        load(folder)


def test_a_problem_is_one_line_whatever_the_file_holds(folder: Path) -> None:
    said = problems(folder, '["a\\nb\\u001b"]\nhuggingface = ["c\\nd"]\n"e\\n" = 1\n')
    assert all(line.isprintable() for line in said), said
    assert len(said) == 3


@pytest.mark.parametrize("text", [f"poll.every = {'9' * 5000}", f"poll = {'[' * 100_000}"])
def test_a_value_that_python_cannot_read_is_a_problem_and_not_a_crash(folder: Path, text: str) -> None:
    (said,) = problems(folder, settings=text)
    assert said.startswith("settings.toml: is no valid TOML: ")


def test_a_byte_order_mark_does_no_harm(folder: Path) -> None:
    (folder / "organizations.toml").write_bytes(b"\xef\xbb\xbf" + ACME.encode())
    assert len(load(folder).organizations) == 1


def test_a_file_that_watches_nobody_is_loaded_with_a_warning(folder: Path) -> None:
    assert "watches nobody" in loaded(folder, "").warnings[0]


def test_a_missing_list_of_organisations_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"organizations\.toml: is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("https://huggingface.co/deepseek-ai", "`deepseek-ai`"),
        ("deepseek-ai/DeepSeek-V3", "`deepseek-ai`"),
        ("@deepseek-ai", "`deepseek-ai`"),
        (" deepseek-ai ", "`deepseek-ai`"),
        ("https://github.com/orgs/deepseek-ai/repositories", "`deepseek-ai`"),
        ("https://modelscope.cn/organization/deepseek-ai", "`deepseek-ai`"),
    ],
)
def test_an_account_in_another_form_is_recognised(wrong: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {remedy}"):
        check_account(wrong)


@pytest.mark.parametrize("name", ["", "-a", "a.", "a--b", "a..b", "../etc", "a b", "é", "a" * 97, "a\n"])
def test_what_no_hub_has_as_a_namespace_is_no_account(name: str) -> None:
    with pytest.raises(ValueError, match="is no account name"):
        check_account(name)


@pytest.mark.parametrize(
    ("hub", "name"),
    [
        ("modelscope", "Shanghai_AI_Laboratory"),
        ("modelscope", "01ai"),
        ("modelscope", "a--b."),
        ("openrouter", "z-ai"),
        ("openrouter", "01-ai"),
        ("github", "MiniMax-AI"),
        ("github", "an--old-name-"),
        ("github", "octocat_acme"),
    ],
)
def test_a_name_that_a_hub_may_have_is_an_account(hub: str, name: str) -> None:
    assert check_account(name, hub) == name


@pytest.mark.parametrize(
    ("hub", "name"),
    [
        ("modelscope", "../etc"),
        ("modelscope", "a/b"),
        ("openrouter", "~anthropic"),
        ("openrouter", "a b"),
        ("openrouter", "a?b"),
        ("github", "-a"),
        ("github", "a.b"),
        ("github", "a" * 40),
    ],
)
def test_a_name_that_a_hub_cannot_have_is_no_account(hub: str, name: str) -> None:
    with pytest.raises(ValueError, match="is no account name"):
        check_account(name, hub)


def test_an_organisation_may_have_accounts_on_every_hub_and_no_two_hubs_are_confused(folder: Path) -> None:
    text = "[acme]\n" + "".join(f'{hub} = ["acme"]\n' for hub in reversed(HUBS))
    (acme,) = loaded(folder, text).organizations
    assert [str(account) for account in acme.accounts] == [f"{hub}:acme" for hub in HUBS]
    (other,) = loaded(folder, '[other]\nmodelscope = ["o"]\n').organizations
    assert other.accounts == (Account("other", "modelscope", "o"),)


@pytest.mark.parametrize(
    ("wrong", "remedy"), [("cn", "`CN`"), ("UK", "`GB`"), ("China", "two capital letters")]
)
def test_a_country_is_an_assigned_iso_code(wrong: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        check_country(wrong)


@pytest.mark.parametrize("glob", ["*-GGUF", "Qwen[23]*", "[[]x", "[!a]*", "[]]", "a?b"])
def test_a_glob_is_accepted(glob: str) -> None:
    assert check_glob(glob) == glob


@pytest.mark.parametrize("glob", ["", " ", "Qwen[23", "a/b", "*" * 201, "a\tb"])
def test_a_glob_that_can_never_fit_as_meant_is_refused(glob: str) -> None:
    with pytest.raises(ValueError, match=r"glob|never fits|does not close"):
        check_glob(glob)


# Settings


@pytest.mark.parametrize("settings", ["", "[poll]\n", "# nothing\n"])
def test_an_empty_settings_file_means_the_defaults(folder: Path, settings: str) -> None:
    assert loaded(folder, settings=settings).settings == Settings()


def test_a_missing_settings_file_means_the_defaults(folder: Path) -> None:
    assert load(folder).settings == Settings()


def test_every_setting_reaches_its_place(folder: Path) -> None:
    settings = loaded(
        folder,
        settings="""
            poll = { every = "10m", newest_every = "1m" }
            cadence = { alert = 0.01, watch = 0.3 }
            [notify]
            releases = "off"
            changes = "digest"
            watching = "each"
            settle = "0s"
            digest = "hourly"
            time_zone = "Asia/Shanghai"
            quiet_hours = "22:00-07:30"
            brief = "friday 17:00"
            [slack]
            charts = "png"
            permitted = ["U0123456789", "W0123456789", "U0123456789"]
        """,
    ).settings
    assert settings.poll == PollSettings(timedelta(minutes=10), timedelta(minutes=1))
    assert settings.cadence == Budgets(0.01, 0.3)
    assert settings.notify == NotifySettings(
        releases=Mode.OFF,
        changes=Mode.DIGEST,
        watching=Mode.EACH,
        settle=timedelta(0),
        timetable=Timetable("Asia/Shanghai", None, (time(22), time(7, 30)), (4, time(17))),
    )
    assert settings.slack == SlackSettings(Charts.PNG, ("U0123456789", "W0123456789"))


def test_the_fast_lane_is_on_unless_it_is_turned_off(folder: Path) -> None:
    assert Settings().poll.newest_every == timedelta(seconds=30)
    assert loaded(folder, settings='poll.newest_every = "5s"').settings.poll.newest_every == timedelta(
        seconds=5
    )
    assert loaded(folder, settings='poll.newest_every = "off"').settings.poll.newest_every is None


def test_only_possible_changes_of_pace_wait_for_a_digest_by_default() -> None:
    assert [kind for kind, mode in Settings().notify.modes.items() if mode is not Mode.EACH] == ["watching"]
    assert Settings().notify.watching is Mode.DIGEST


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("poll.every = 300", 'poll.every: 300 is no duration; a unit is missing: write "300s"'),
        ('poll.every = "5 min"', 'poll.every: `5 min` is no duration; did you mean "5m"?'),
        ('poll.every = "0s"', 'poll.every: `0s` is out of bounds; write "auto"'),
        ('poll.every = "1000000d"', "poll.every: `1000000d` is out of bounds"),
        ("poll.every = true", "poll.every: True is no duration; write one number and one unit"),
        ('poll.evry = "5m"', "poll.evry: unknown key; did you mean `every`?"),
        (
            'poll.newest_every = "4s"',
            'poll.newest_every: `4s` is out of bounds; write "5s" to "1d", or "off"',
        ),
        ('poll.newest_every = "2d"', "poll.newest_every: `2d` is out of bounds"),
        ("poll.newest_every = 30", 'poll.newest_every: 30 is no duration; a unit is missing: write "30s"'),
        ("poll.newest_every = false", "poll.newest_every: False is no duration"),
        ('poll.newest = "30s"', "poll.newest: unknown key; did you mean `newest_every`?"),
        ("cadence.alert = 0", "cadence.alert: must be above 0, not 0"),
        ("cadence.watch = 1.0", "cadence.watch: must be below 1, not 1.0"),
        ("cadence.alert = nan", "cadence.alert: must be a number such as 0.05, not nan"),
        ('cadence.alert = "5%"', "cadence.alert: must be a number such as 0.05, not `5%`"),
        ("cadence.alert = true", "cadence.alert: must be a number such as 0.05, not True"),
        ("cadence.alert = 0.3", "cadence: alert (0.3) must not be above watch (0.2)"),
        ('notify.health = "on"', 'notify.health: must be "each", "digest" or "off", not `on`'),
        ("notify.health = false", 'notify.health: must be "each", "digest" or "off", not False'),
        ('notify.settle = "2d"', "notify.settle: `2d` is too long"),
        ('slack.charts = "svg"', 'slack.charts: must be "native", "png" or "off", not `svg`'),
        ("slack.charts = 1", 'slack.charts: must be "native", "png" or "off", not 1'),
        ('slack.permited = ["U0123456789"]', "slack.permited: unknown key; did you mean `permitted`?"),
        ('slack.permitted = ["@me"]', "slack.permitted: `@me` is no id of a person on Slack"),
        ('slack.permitted = "U0123456789"', "slack.permitted: must be a list, such as"),
        (
            'web.public_url = "models.example.org"',
            "web.public_url: `models.example.org` is no address of a site",
        ),
        (
            'web.public_url = "https://example.org/models"',
            "web.public_url: `https://example.org/models` is no",
        ),
        ("web.address = 8080", "web.address: 8080 is no address with a port; write"),
        ('web.address = "127.0.0.1"', "web.address: `127.0.0.1` is no address with a port"),
        ('web.address = "127.0.0.1:99999"', "web.address: `127.0.0.1:99999` is no address with a port"),
        ('web.address = "::1:8080"', "web.address: `::1:8080` names no host"),
        ('web.open = "yes"', "web.open: must be true or false, not `yes`"),
        ("poll = 1", "poll: must be a table, not 1"),
        ("[pol]", "pol: unknown key; did you mean `poll`?"),
        ("[poll", "is no valid TOML: Expected ']' at the end of a table declaration (at end of document)"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_with_its_place_and_a_remedy(
    folder: Path, text: str, problem: str
) -> None:
    (said,) = problems(folder, settings=text)
    assert said.startswith(f"settings.toml: {problem}"), said


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("30s", 30), ("10m", 600), ("6h", 21_600), ("7d", 604_800)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "1.5h", "1h30m", "5w", "５m", "5m ", "9" * 5000 + "s"])
def test_nothing_else_is_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


# Cost


def test_commands_that_read_no_configuration_do_not_pay_for_its_libraries() -> None:
    heavy = "pydantic tomlkit huggingface_hub slack_sdk sqlalchemy".split()
    program = f"import monitor.config, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "[]"


def test_every_hub_that_only_confirms_is_a_hub_and_not_the_first() -> None:
    assert set(HUBS) > WITNESSES
    assert HUBS[0] not in WITNESSES
