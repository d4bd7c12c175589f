"""Secrets go where they belong alone, and a secret in the wrong place is named without being repeated."""

import pytest

from monitor.addresses import (
    bot_token,
    endpoint,
    is_loopback,
    slack_api_url,
    token,
    webhook_url,
    without_password,
)

SECRET = "/services/T0123/B0123/abcSECRET"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com" + SECRET,
        "https://hooks.slack-gov.com" + SECRET,
        "https://hooks.slack.com/workflows/T/A/1/x",
        "http://127.0.0.1:8080" + SECRET,
        "http://127.0.0.2/hook",
        "http://localhost:8080/hook",
        "http://[::1]:8080/hook",
    ],
)
def test_a_webhook_at_slack_or_on_this_machine_is_taken(url: str) -> None:
    assert webhook_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com" + SECRET,
        "https://hooks.slack.com.evil.test" + SECRET,
        "https://hooks.slack.community" + SECRET,
        "https://hooks.slack.com@evil.test" + SECRET,
        "https://user@hooks.slack.com" + SECRET,
        "https://hooks.slack.com:x@evil.test" + SECRET,
        "https://evil.test\\@hooks.slack.com" + SECRET,
        "https://hooks.slack.com\\.evil.test" + SECRET,
        "https://evil.test#hooks.slack.com" + SECRET,
        "https://evil.test/?hooks.slack.com" + SECRET,
        "https://evil.test/https://hooks.slack.com" + SECRET,
        "https://hooks.slack.com/../api/chat.postMessage",
        "https://hooks.slack.com\t" + SECRET,
        "//hooks.slack.com" + SECRET,
        "hooks.slack.com" + SECRET,
        "javascript:alert(1)",
        "https://hooks.slack.com:443" + SECRET,
        "https://hooks.slack.com:8443" + SECRET,
        "https://hooks.slack.com./services/T/B/x",
        "https://hooks.slack.com/",
        "https://hooks.slack.com/services/../../x",
        "https://hooks.slack.com" + SECRET + "%2e",
        "https://hooks.slack.com" + SECRET + "=",
        "https://hooks.slack.com" + SECRET + "\n",
        "https://hooks.slack.com" + SECRET + "?x=1",
        "https://hooks.slaсk.com" + SECRET,  # a Cyrillic letter
        "https://127.0.0.1.evil.test/x",
        "http://user@127.0.0.1/x",
        "http://169.254.169.254/latest",
        "http://[::1/x",
        "https://slack.com/api/",
        "file:///etc/passwd",
        "xoxb-1-SECRET",
        "",
    ],
)
def test_any_other_webhook_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^is (no|a token)") as raised:
        webhook_url(url)
    assert "SECRET" not in str(raised.value)


def test_a_webhook_at_the_host_of_our_own_slack_is_taken() -> None:
    url = "https://slack.example.org/hooks/x"
    assert webhook_url(url, "https://slack.example.org/api/") == url
    for other in ("http://slack.example.org/hooks/x", "https://slack.example.org/hooks/x?y"):
        with pytest.raises(ValueError, match="no Slack webhook"):
            webhook_url(other, "https://slack.example.org/api/")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://slack.com/api/", "https://slack.com/api/"),
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:9/api", "http://127.0.0.1:9/api/"),
    ],
)
def test_slacks_methods_are_at_https_or_on_this_machine(url: str, base: str) -> None:
    assert slack_api_url(url) == base


@pytest.mark.parametrize(
    "url",
    [
        "http://slack.com/api/",
        "slack.com/api",
        "ftp://x/",
        "https://u@x/",
        "https://x/?a",
        "https://x\\y/",
        "https://x..y/",
        "",
    ],
)
def test_another_address_of_slacks_methods_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is no address|must have no user|would get the token)"):
        slack_api_url(url)


def test_an_endpoint_may_be_a_service_of_a_compose_file_and_have_a_path() -> None:
    assert endpoint("http://my_mirror:8000/hf/") == "http://my_mirror:8000/hf"


@pytest.mark.parametrize("given", ["xoxb-1-SECRET", "xoxe.xoxb-1-SECRET_x"])
def test_a_bot_token_is_taken(given: str) -> None:
    assert bot_token(given) == given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("xapp-1-SECRET", "app-level"),
        ("xoxp-1-SECRET", "a person's"),
        ("https://hooks.slack.com/services/SECRET", "SLACK_WEBHOOK_URL"),
        ('"xoxb-1-SECRET"', "quotes"),
        ("xoxb-1 SECRET", "spaces"),
        ("xoxb-SECRET/b=c", "a character that no bot token has"),
        ("SECRET", "is no bot token"),
        ("", "copy it again"),
    ],
)
def test_a_wrong_bot_token_is_told_which_it_is_and_not_repeated(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        bot_token(given)
    assert "SECRET" not in str(raised.value)


def test_a_token_of_another_service_may_hold_whatever_a_header_may() -> None:
    assert token("hf_a/b=c") == "hf_a/b=c"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:s3cret@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u@h/db?password=s3cret", "postgresql://u@h/db?password=***"),
        ("postgresql://u@h/db?x=1&PASSWORD=s3@cret&y=2", "postgresql://u@h/db?x=1&PASSWORD=***&y=2"),
        ("postgresql://u:s3@cr:et@h/db", "postgresql://u:***@h/db"),
        ("sqlite:////data/m@home:1.db", "sqlite:////data/m@home:1.db"),
    ],
)
def test_a_database_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown


def test_this_machine_has_many_names_and_no_others() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1"))
    assert not any(is_loopback(host) for host in ("localhost.evil.test", "0.0.0.0", "10.0.0.1", "", None))
