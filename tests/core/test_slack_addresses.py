"""Secrets go to Slack alone, and a secret in the wrong place is named without being repeated."""

import pytest

from monitor.errors import ConfigError
from monitor.notify.slack_addresses import checked_api_url, checked_token, checked_webhook_url

SECRET = "/services/T0123/B0123/abcSECRET"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com" + SECRET,
        "https://hooks.slack-gov.com" + SECRET,
        "HTTPS://HOOKS.SLACK.COM" + SECRET,
        "https://hooks.slack.com:443" + SECRET,
        "http://127.0.0.1:8080" + SECRET,
        "http://localhost:8080/hook",
        "http://[::1]:8080/hook",
    ],
)
def test_a_webhook_at_slack_or_on_this_machine_is_taken(url: str) -> None:
    assert checked_webhook_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com" + SECRET,
        "https://hooks.slack.com.evil.test" + SECRET,
        "https://hooks.slack.community" + SECRET,
        "https://hooks.slack.com@evil.test" + SECRET,
        "https://hooks.slack.com:x@evil.test" + SECRET,
        "https://evil.test\\@hooks.slack.com" + SECRET,
        "https://hooks.slack.com\\.evil.test" + SECRET,
        "https://evil.test#hooks.slack.com" + SECRET,
        "https://evil.test/?hooks.slack.com" + SECRET,
        "https://hooks.slack.com:8443" + SECRET,
        "https://hooks.slack.com./services/T/B/x",
        "https://hooks.slack.com/",
        "https://hooks.slack.com/services/../../x",
        "https://hooks.slack.com" + SECRET + "\n",
        "https://hooks.slack.com" + SECRET + "?x=1",
        "https://hooks.slaсk.com" + SECRET,  # a Cyrillic letter
        "https://127.0.0.1.evil.test/x",
        "http://169.254.169.254/latest",
        "https://slack.com/api/",
        "file:///etc/passwd",
        "xoxb-1-SECRET",
        "",
    ],
)
def test_any_other_webhook_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as raised:
        checked_webhook_url(url)
    assert "SECRET" not in str(raised.value)


def test_a_webhook_at_the_host_of_our_own_slack_is_taken() -> None:
    url = "https://slack.example.org/hooks/x"
    assert checked_webhook_url(url, api_url="https://slack.example.org/api/") == url
    with pytest.raises(ConfigError):
        checked_webhook_url("http://slack.example.org/hooks/x", api_url="https://slack.example.org/api/")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://slack.com/api/", "https://slack.com/api/"),
        ("https://slack-gov.com/api", "https://slack-gov.com/api/"),
        ("http://127.0.0.1:9/api", "http://127.0.0.1:9/api/"),
    ],
)
def test_the_api_is_at_https_or_on_this_machine(url: str, base: str) -> None:
    assert checked_api_url(url) == base


@pytest.mark.parametrize(
    "url", ["http://slack.com/api/", "slack.com/api", "ftp://x/", "https://u@x/", "https://x/?a", ""]
)
def test_another_address_of_the_api_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="SLACK_API_URL"):
        checked_api_url(url)


def test_blanks_around_a_token_are_dropped() -> None:
    assert checked_token(" xoxb-1-SECRET\n") == "xoxb-1-SECRET"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("xapp-1-SECRET", "SLACK_APP_TOKEN"),
        ("https://hooks.slack.com/services/SECRET", "SLACK_WEBHOOK_URL"),
        ('"xoxb-1-SECRET"', "quoted"),
        ("xoxb-1 SECRET", "quoted"),
        (" ", "is empty"),
    ],
)
def test_a_wrong_token_is_told_which_it_is_and_not_repeated(token: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        checked_token(token)
    assert "SECRET" not in str(raised.value)
