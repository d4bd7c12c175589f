"""The environment: defaults, secrets from files, and what is wrong said at once and without the secret."""

from pathlib import Path

import pytest

from monitor.config import Environment, read_environment
from monitor.config.environment import data_directory
from monitor.errors import ConfigError

HERE = Path("/here")
HOME = {"HOME": "/home/me"}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-s3cret", "SLACK_CHANNEL": "C0123456789"}
HOOK = "https://hooks.slack.com/services/T0/B0/s3cret"
SIGNED = {"MONITOR_WEBHOOK_URL": "https://a.example/s3cret", "MONITOR_WEBHOOK_SECRET": f"whsec_{'s3cr' * 8}"}


def read(**variables: str) -> Environment:
    return read_environment({**HOME, **variables}, HERE)


def problems(**variables: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as raised:
        read(**variables)
    assert "s3cret" not in str(raised.value)
    return raised.value.problems


def test_without_any_variable_everything_has_a_default() -> None:
    environment = read()
    assert environment.database_url == "sqlite:////home/me/.local/share/release-monitor/monitor.db"
    assert environment.hf_endpoint == "https://huggingface.co"
    assert environment.modelscope_endpoint == "https://modelscope.cn"
    assert environment.github_api_url == "https://api.github.com"
    assert environment.openrouter_api_url == "https://openrouter.ai/api/v1"
    assert environment.slack_api_url == "https://slack.com/api/"
    assert (environment.modelscope_token, environment.github_token, environment.contact) == (None, None, None)
    assert (environment.slack_bot_token, environment.slack_webhook_url, environment.hf_token) == (
        None,
        None,
        None,
    )
    assert environment.notices == ()


def test_every_variable_reaches_its_place() -> None:
    environment = read(
        **SLACK,
        DATABASE_URL="postgres://me:s3cret@db:5432/monitor",
        HF_ENDPOINT="http://127.0.0.1:8000/",
        HF_TOKEN="hf_s3cret",
        MODELSCOPE_ENDPOINT="http://127.0.0.1:8002",
        MODELSCOPE_TOKEN="ms-s3cret",
        GITHUB_API_URL="http://127.0.0.1:8003/api/v3/",
        GITHUB_TOKEN="ghp_s3cret",
        OPENROUTER_API_URL="http://127.0.0.1:8004/api/v1",
        MONITOR_CONTACT="https://models.example.org/about",
        SLACK_API_URL="http://127.0.0.1:8001/api",
        SLACK_APP_TOKEN="xapp-1-A0-s3cret",
        **SIGNED,
        MONITOR_APPRISE_URL="mailto://me:s3cret@mail.example",
        MONITOR_APPRISE_URL_ON_CALL="ntfy://s3cret",
        MONITOR_PING_URL="https://ping.example.org/s3cret?x=1",
    )
    assert environment == Environment(
        database_url="postgresql+psycopg://me:s3cret@db:5432/monitor",
        database_shown="postgresql+psycopg://me:***@db:5432/monitor",
        hf_endpoint="http://127.0.0.1:8000",
        hf_token="hf_s3cret",
        modelscope_endpoint="http://127.0.0.1:8002",
        modelscope_token="ms-s3cret",
        github_api_url="http://127.0.0.1:8003/api/v3",
        github_token="ghp_s3cret",
        openrouter_api_url="http://127.0.0.1:8004/api/v1",
        contact="https://models.example.org/about",
        slack_bot_token="xoxb-1-s3cret",
        slack_channel="C0123456789",
        slack_api_url="http://127.0.0.1:8001/api/",
        slack_app_token="xapp-1-A0-s3cret",
        webhook_url=SIGNED["MONITOR_WEBHOOK_URL"],
        webhook_secret=SIGNED["MONITOR_WEBHOOK_SECRET"],
        apprise_urls={"apprise": "mailto://me:s3cret@mail.example", "apprise:on_call": "ntfy://s3cret"},
        ping_url="https://ping.example.org/s3cret?x=1",
    )


def test_secrets_do_not_show_in_the_repr() -> None:
    tokens = {"HF_TOKEN": "s3cret", "MODELSCOPE_TOKEN": "s3cret", "GITHUB_TOKEN": "s3cret"}
    environment = read(**SLACK, **tokens, DATABASE_URL="postgresql://u:s3cret@h/d?password=s3cret")
    assert "s3cret" not in repr(environment)
    assert "s3cret" not in repr(read(SLACK_WEBHOOK_URL=HOOK, MONITOR_PING_URL="https://p.example/s3cret"))
    others = {"SLACK_APP_TOKEN": "xapp-s3cret", "MONITOR_APPRISE_URL_X": "ntfy://s3cret", **SIGNED}
    assert "s3cr" not in repr(read(**SLACK, **others))


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read(DATABASE_URL="", HF_TOKEN=" ", SLACK_BOT_TOKEN="", SLACK_CHANNEL="\n") == read()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("sqlite:////data/m.db", "sqlite:////data/m.db"),
        ("sqlite:///m.db", "sqlite:////here/m.db"),
        ("sqlite:///sub/m.db?timeout=5", "sqlite:////here/sub/m.db?timeout=5"),
        ("postgresql://db/m", "postgresql+psycopg://db/m"),
        ("postgresql+psycopg://me@/m?host=/run/pg", "postgresql+psycopg://me@/m?host=/run/pg"),
    ],
)
def test_a_database_is_named_whole_with_its_driver(given: str, url: str) -> None:
    assert read(DATABASE_URL=given).database_url == url


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("sqlite:////data/m@home.db", "sqlite:////data/m@home.db"),
        ("postgresql://me@db/m", "postgresql+psycopg://me@db/m"),
        ("postgresql://me:p%40:x@db/m", "postgresql+psycopg://me:***@db/m"),
        ("postgresql://db/m?user=me&password=s3cret", "postgresql+psycopg://db/m?user=me&password=***"),
    ],
)
def test_a_database_is_shown_without_its_password(given: str, shown: str) -> None:
    assert read(DATABASE_URL=given).database_shown == shown


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"DATABASE_URL": "/data/s3cret.db"}, "DATABASE_URL: is no address; write sqlite:///"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL: names no file"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL: names no file"),
        ({"DATABASE_URL": "mysql://u:s3cret@h/d"}, "DATABASE_URL: no database of kind 'mysql'"),
        ({"DATABASE_URL": "postgresql+asyncpg://h/d"}, "DATABASE_URL: no database of kind"),
        (
            {"DATABASE_URL": "postgresql://u:s3cret/x@h:1/d"},
            "DATABASE_URL: has no valid host and port; write /",
        ),
        ({"HF_ENDPOINT": "huggingface.co"}, "HF_ENDPOINT: is no address"),
        ({"HF_ENDPOINT": "https://huggingface.co?x=1"}, "HF_ENDPOINT: must have no user"),
        ({"HF_ENDPOINT": "file:///etc/passwd"}, "HF_ENDPOINT: is no address"),
        ({"HF_ENDPOINT": "http://host:port"}, "HF_ENDPOINT: is no address"),
        ({"MODELSCOPE_ENDPOINT": "modelscope.cn"}, "MODELSCOPE_ENDPOINT: is no address"),
        ({"GITHUB_API_URL": "https://me@api.github.com"}, "GITHUB_API_URL: must have no user"),
        ({"OPENROUTER_API_URL": "https://openrouter.ai/api/v1?x=1"}, "OPENROUTER_API_URL: must have no user"),
        ({"MODELSCOPE_TOKEN": "a s3cret"}, "MODELSCOPE_TOKEN: has spaces"),
        ({"GITHUB_TOKEN": "'ghp_s3cret'"}, "GITHUB_TOKEN: has quotes round it"),
        ({"MONITOR_CONTACT": "me (at) example.org"}, "MONITOR_CONTACT: has blanks, brackets or letters"),
        ({"MONITOR_CONTACT": "https://example.org/(x)"}, "MONITOR_CONTACT: has blanks, brackets or letters"),
        ({"MONITOR_CONTACT": "me@example.org\r\nX-Evil:1"}, "MONITOR_CONTACT: has blanks, brackets"),
        ({"MONITOR_CONTACT": "https://bücher.example"}, "MONITOR_CONTACT: has blanks, brackets or letters"),
        ({"MONITOR_CONTACT": "ask-me"}, "MONITOR_CONTACT: is no address; write a page"),
        ({"SLACK_API_URL": "ftp://slack.com/api/"}, "SLACK_API_URL: is no address"),
        (
            {"SLACK_API_URL": "http://slack.test/api/"},
            "SLACK_API_URL: would get the token unencrypted; write https://",
        ),
        ({"MONITOR_PING_URL": "ping.example.org/s3cret"}, "MONITOR_PING_URL: is no address"),
        ({"HF_TOKEN": '"hf_s3cret"'}, "HF_TOKEN: has quotes round it"),
        ({"HF_TOKEN": "hf_s3cret hf"}, "HF_TOKEN: has spaces"),
        ({"HF_TOKEN": "hf_s3cret\nX-Evil: 1"}, "HF_TOKEN: has spaces, line breaks"),
        ({**SLACK, "SLACK_BOT_TOKEN": "xapp-1-s3cret"}, "SLACK_BOT_TOKEN: is an app-level token (xapp-…)"),
        ({**SLACK, "SLACK_BOT_TOKEN": "xoxp-s3cret"}, "SLACK_BOT_TOKEN: is a person's token"),
        (
            {**SLACK, "SLACK_BOT_TOKEN": HOOK},
            "SLACK_BOT_TOKEN: is an address; put a webhook's address into SLACK_W",
        ),
        ({**SLACK, "SLACK_BOT_TOKEN": "'xoxb-s3cret'"}, "SLACK_BOT_TOKEN: has quotes round it"),
        (
            {**SLACK, "SLACK_BOT_TOKEN": "s3cret"},
            "SLACK_BOT_TOKEN: is no bot token; set the one that begins with xoxb-",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-s3cret"},
            "SLACK_CHANNEL: is not set, but SLACK_BOT_TOKEN is; set it to the",
        ),
        (
            {"SLACK_CHANNEL": "C0123456789"},
            "SLACK_CHANNEL: is set without SLACK_BOT_TOKEN; set the token, or",
        ),
        (
            {"SLACK_CHANNEL": "C012345", "SLACK_WEBHOOK_URL": HOOK},
            "SLACK_CHANNEL: is set without SLACK_BOT_TOKEN; unset",
        ),
        ({**SLACK, "SLACK_WEBHOOK_URL": HOOK}, "SLACK_WEBHOOK_URL: is set besides SLACK_BOT_TOKEN"),
        ({**SLACK, "SLACK_CHANNEL": "releases"}, "SLACK_CHANNEL: is no channel; did you mean #releases?"),
        ({**SLACK, "SLACK_CHANNEL": "#Model Releases"}, "SLACK_CHANNEL: is no channel; set the channel's id"),
        ({**SLACK, "SLACK_CHANNEL": "U0123456789"}, "SLACK_CHANNEL: is no channel; set the channel's id"),
        ({**SLACK, "SLACK_CHANNEL": "c0123456789"}, "SLACK_CHANNEL: is no channel"),
        ({"SLACK_WEBHOOK_URL": "xoxb-s3cret"}, "SLACK_WEBHOOK_URL: is a token; put a bot token"),
        (
            {**SLACK, "SLACK_APP_TOKEN": "xoxb-s3cret"},
            "SLACK_APP_TOKEN: is no app-level token; set the one that",
        ),
        ({**SLACK, "SLACK_APP_TOKEN": "s3cret"}, "SLACK_APP_TOKEN: is no app-level token; copy the one that"),
        ({"SLACK_APP_TOKEN": "xapp-s3cret"}, "SLACK_APP_TOKEN: is set without SLACK_BOT_TOKEN; set both"),
        (
            {**SIGNED, "MONITOR_WEBHOOK_URL": "http://a.example/s3cret"},
            "MONITOR_WEBHOOK_URL: would be readable on the way; write https://",
        ),
        (
            {**SIGNED, "MONITOR_WEBHOOK_URL": "a.example/s3cret"},
            "MONITOR_WEBHOOK_URL: is no address; write it",
        ),
        (
            {"MONITOR_WEBHOOK_URL": "https://a.example/s3cret"},
            "MONITOR_WEBHOOK_SECRET: is not set, but MONITOR_WEBHOOK_URL is; `release-monitor notify secret` pri",
        ),
        (
            {"MONITOR_WEBHOOK_SECRET": SIGNED["MONITOR_WEBHOOK_SECRET"]},
            "MONITOR_WEBHOOK_SECRET: is set without MONITOR_WEBHOOK_URL; set both",
        ),
        (
            {**SIGNED, "MONITOR_WEBHOOK_SECRET": "s3cret"},
            "MONITOR_WEBHOOK_SECRET: is no secret for webhooks: those begin with whsec_",
        ),
        (
            {**SIGNED, "MONITOR_WEBHOOK_SECRET": "whsec_s3cret!"},
            "MONITOR_WEBHOOK_SECRET: is no Base64 after whsec_; copy it again",
        ),
        (
            {**SIGNED, "MONITOR_WEBHOOK_SECRET": "whsec_s3crs3cr"},
            "MONITOR_WEBHOOK_SECRET: has 6 bytes and not 24 to 64",
        ),
        (
            {"MONITOR_APPRISE_URL": "s3cret"},
            "MONITOR_APPRISE_URL: is no address of Apprise; write one, such as",
        ),
        ({"MONITOR_APPRISE_URL_OPS": "ntfy://s3cret b"}, "MONITOR_APPRISE_URL_OPS: is no address of Apprise"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy_and_without_the_secret(
    variables: dict[str, str], problem: str
) -> None:
    (said,) = problems(**variables)
    assert said.startswith(problem), said


def test_a_webhook_of_ones_own_may_be_on_this_machine_unencrypted() -> None:
    assert read(**{**SIGNED, "MONITOR_WEBHOOK_URL": "http://127.0.0.1:9/x"}).webhook_url


def test_several_receivers_stand_side_by_side() -> None:
    environment = read(
        **SLACK, **SIGNED, MONITOR_APPRISE_URL_OPS="ntfy://a", MONITOR_APPRISE_URL_b2="ntfy://b"
    )
    assert list(environment.apprise_urls) == ["apprise:ops", "apprise:b2"]
    assert environment.slack_channel
    assert environment.webhook_url


def test_a_webhook_is_accepted_with_blanks_round_it_and_one_that_is_none_is_refused() -> None:
    assert read(SLACK_WEBHOOK_URL=f" {HOOK}\n").slack_webhook_url == HOOK
    (said,) = problems(SLACK_WEBHOOK_URL="https://hooks.slack.com.evil.test/services/T/B/s3cret")
    assert said.startswith("SLACK_WEBHOOK_URL: is no Slack webhook; copy it whole")


def test_a_webhook_may_stand_beside_a_slack_of_ones_own() -> None:
    own = {"SLACK_API_URL": "https://slack.test:8000/api/", "SLACK_WEBHOOK_URL": "https://slack.test/hook"}
    assert read(**own).slack_webhook_url == own["SLACK_WEBHOOK_URL"]


@pytest.mark.parametrize("name", ["#releases", "#模型", "#a_b-1"])
def test_a_channels_name_is_accepted_and_its_price_said(name: str) -> None:
    environment = read(**{**SLACK, "SLACK_CHANNEL": name})
    assert environment.slack_channel == name
    assert "set the channel's id" in environment.notices[0]


def test_a_token_that_travels_unencrypted_is_said() -> None:
    assert "unencrypted" in read(HF_TOKEN="t", HF_ENDPOINT="http://mirror.test").notices[0]
    assert read(HF_TOKEN="t", HF_ENDPOINT="http://127.0.0.1:1").notices == ()


@pytest.mark.parametrize("contact", ["me@example.org", "mailto:me@example.org", "http://example.org/bot?a=1"])
def test_a_contact_is_a_page_or_a_mailbox(contact: str) -> None:
    assert read(MONITOR_CONTACT=contact).contact == contact


def test_a_token_that_goes_to_another_host_than_the_hubs_own_is_said() -> None:
    (said,) = read(GITHUB_TOKEN="t", GITHUB_API_URL="https://github.corp.test/api/v3").notices
    assert said == "GITHUB_TOKEN is sent to github.corp.test, which GITHUB_API_URL names"
    assert read(GITHUB_TOKEN="t", GITHUB_API_URL="https://api.github.com").notices == ()
    assert read(GITHUB_API_URL="https://github.corp.test/api/v3").notices == ()


def test_the_token_that_a_continuous_integration_sets_does_no_harm() -> None:
    environment = read(GITHUB_TOKEN="ghs_16C7e42F292c6912E7710c838347Ae178B4a", GITHUB_ACTIONS="true")
    assert environment.notices == ()


def test_all_problems_are_said_at_once() -> None:
    said = problems(
        DATABASE_URL="x",
        HF_ENDPOINT="x",
        HF_TOKEN="a b",
        GITHUB_TOKEN="a b",
        MONITOR_CONTACT="x",
        SLACK_BOT_TOKEN="xapp-x",
        MONITOR_PING_URL="x",
    )
    assert [line.partition(":")[0] for line in said] == [
        "DATABASE_URL",
        "HF_ENDPOINT",
        "HF_TOKEN",
        "GITHUB_TOKEN",
        "MONITOR_CONTACT",
        "SLACK_BOT_TOKEN",
        "MONITOR_PING_URL",
        "SLACK_CHANNEL",
    ]


# Secrets in files


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "HF_TOKEN", "MODELSCOPE_TOKEN", "GITHUB_TOKEN", "SLACK_WEBHOOK_URL", "MONITOR_PING_URL"],
)
def test_a_s3cret_may_stand_in_a_file_and_is_trimmed(tmp_path: Path, name: str) -> None:
    value = {"DATABASE_URL": "postgresql://h/d", "HF_TOKEN": "hf_x"}.get(name, HOOK)
    (tmp_path / "it").write_text(f"  {value}\r\n")
    assert read(**{f"{name}_FILE": str(tmp_path / "it")}) == read(**{name: value})


@pytest.mark.parametrize("name", ["MONITOR_APPRISE_URL", "MONITOR_APPRISE_URL_ON_CALL"])
def test_an_address_of_apprise_may_stand_in_a_file_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "it").write_text("ntfy://s3cret\n")
    by_file = read(**{f"{name}_FILE": str(tmp_path / "it")})
    assert by_file == read(**{name: "ntfy://s3cret"})
    assert len(by_file.apprise_urls) == 1
    (said,) = problems(**{name: "ntfy://s3cret", f"{name}_FILE": str(tmp_path / "it")})
    assert said == f"{name}_FILE: is set besides {name}; unset one of them"


def test_the_tokens_and_the_webhook_may_stand_in_files(tmp_path: Path) -> None:
    (tmp_path / "app").write_text("xapp-1")
    (tmp_path / "url").write_text(SIGNED["MONITOR_WEBHOOK_URL"])
    (tmp_path / "secret").write_text(SIGNED["MONITOR_WEBHOOK_SECRET"])
    environment = read(
        **SLACK,
        SLACK_APP_TOKEN_FILE=str(tmp_path / "app"),
        MONITOR_WEBHOOK_URL_FILE=str(tmp_path / "url"),
        MONITOR_WEBHOOK_SECRET_FILE=str(tmp_path / "secret"),
    )
    assert environment == read(**SLACK, **SIGNED, SLACK_APP_TOKEN="xapp-1")


@pytest.mark.parametrize(
    ("content", "problem"), [(b" \n", "is empty"), (b"\xff", "is not UTF-8"), (None, "cannot be")]
)
def test_a_file_without_a_secret_is_an_error_that_names_both(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    (said,) = problems(HF_TOKEN_FILE=str(path))
    assert said.startswith(f"HF_TOKEN_FILE: {path} {problem}")


def test_a_database_url_that_cannot_be_read_is_not_replaced_by_the_default(tmp_path: Path) -> None:
    (said,) = problems(DATABASE_URL_FILE=str(tmp_path / "missing"))
    assert said.startswith("DATABASE_URL_FILE: ")


def test_a_s3cret_and_its_file_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("b")
    (said,) = problems(HF_TOKEN="a", HF_TOKEN_FILE=str(tmp_path / "token"))
    assert said == "HF_TOKEN_FILE: is set besides HF_TOKEN; unset one of them"


# The default database


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"HOME": "/h"}, "linux", "/h/.local/share/release-monitor"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/x"}, "linux", "/x/release-monitor"),
        ({"HOME": "/h", "XDG_DATA_HOME": "x"}, "linux", "/h/.local/share/release-monitor"),
        ({"XDG_DATA_HOME": "/x"}, "linux", "/x/release-monitor"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/release-monitor"),
        ({"HOME": "/h", "LOCALAPPDATA": "/l"}, "win32", "/l/release-monitor"),
    ],
)
def test_data_is_kept_where_the_system_keeps_a_users_data(
    environ: dict[str, str], platform: str, folder: str
) -> None:
    assert data_directory(environ, platform) == Path(folder)
