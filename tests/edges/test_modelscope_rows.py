"""What a row of a ModelScope listing becomes."""

from datetime import UTC, datetime

import pytest

from modelscope_server import ModelScopeServer, model
from monitor.core.types import Account, Listing
from monitor.hubs.modelscope import ModelScope
from monitor.hubs.modelscope_rows import read_row
from servers import Clock

ACME = Account("acme", "modelscope", "acme")
MAY = datetime(2026, 5, 2, tzinfo=UTC)


def listed(*rows: dict[str, object]) -> Listing:
    with ModelScopeServer(rows) as server:
        hub = ModelScope(server.url, None, Clock())
        listing = hub.list_repos(ACME)
        hub.close()
    assert isinstance(listing, Listing)
    return listing


def test_what_the_hub_tells_of_a_model_is_read() -> None:
    tags = ["license:mit", "library:safetensors", "base_model:quantized:acme/Zero", "base_model:acme/Zero"]
    (read,) = listed(model("acme/One", tags=tags)).repos
    assert (read.hub_id, read.name, read.sha) == ("acme/One", "acme/One", None)
    assert read.url.endswith("/models/acme/One")
    assert (read.created_at, read.last_modified) == (datetime(2026, 5, 1, tzinfo=UTC), MAY)
    assert (read.gated, read.licence, read.base_models) == ("no", "apache-2.0", ("acme/Zero",))
    assert (read.pipeline_tag, read.library, read.parameters) == (
        "text-generation",
        "safetensors",
        494_032_768,
    )
    assert read.has_weights is True


@pytest.mark.parametrize(
    ("keys", "gated"),
    [
        ({}, "no"),
        ({"gated": True}, "manual"),
        ({"login_required": True}, "manual"),
        ({"gated": ..., "login_required": True}, "manual"),
        ({"login_required": ...}, "no"),
        ({"gated": ...}, None),
        ({"gated": None, "login_required": None}, None),
    ],
)
def test_who_must_log_in_or_ask_is_gated(keys: dict[str, object], gated: str | None) -> None:
    assert listed(model("acme/One", **keys)).repos[0].gated == gated


@pytest.mark.parametrize(
    ("size", "parameters", "weights"),
    [
        (1200, 0, False),
        (999_999, ..., False),
        (1_000_000, ..., None),
        (11_000_000, None, None),  # a tokenizer, or a small model
        (20_000_000, None, True),
        (11_000_000, 5_000_000, True),
        (1200, 5, True),
        (..., 5, True),
        (..., ..., None),
        (None, 0, None),
        ("big", -1, None),
        (-1, True, None),
    ],
)
def test_a_repository_of_words_alone_has_no_weights_and_one_of_a_tokenizer_may_have_some(
    size: object, parameters: object, weights: bool | None
) -> None:
    assert listed(model("acme/One", file_size=size, params=parameters)).repos[0].has_weights is weights


def test_an_absent_key_is_not_a_no() -> None:
    absent = dict.fromkeys(
        ("tasks", "tags", "params", "file_size", "license", "gated", "created_at", "last_modified"), ...
    )
    (read,) = listed(model("acme/One", **absent)).repos
    told = (read.created_at, read.last_modified, read.gated, read.licence, read.pipeline_tag, read.parameters)
    assert told == (None,) * 6


def test_a_licence_that_only_a_tag_tells_is_read() -> None:
    assert listed(model("acme/One", license="", tags=["license:mit"])).repos[0].licence == "mit"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2024-09-16T00:00:00Z", datetime(2024, 9, 16, tzinfo=UTC)),
        ("2024-09-16T08:00:00+08:00", datetime(2024, 9, 16, tzinfo=UTC)),
        ("2024-09-16T00:00:00.123456789Z", datetime(2024, 9, 16, 0, 0, 0, 123456, tzinfo=UTC)),
        (1771213910, datetime(2026, 2, 16, 3, 51, 50, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_every_form_that_the_hub_uses(told: object, read: datetime) -> None:
    assert listed(model("acme/One", created_at=told)).repos[0].created_at == read


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "acme/../../etc/passwd"},
        {"id": "acme/a/b"},
        {"id": "acme/evil\u202eName"},
        {"id": "acme/"},
        {"created_at": "yesterday"},
        {"created_at": 10**15},
        {"created_at": -5},
        {"created_at": True},
        {"private": "perhaps"},
        {"gated": {"by": "form"}},
        {"login_required": "sometimes"},
        {"tags": "license:mit"},
        {"tags": [7]},
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_counts(fault: dict[str, object]) -> None:
    listing = listed(model("acme/One"), model("acme/Bad", **fault))
    assert [each.name for each in listing.repos] == ["acme/One"]
    assert len(listing.set_aside) == 1


@pytest.mark.parametrize(
    "keys", [{"params": -1}, {"params": "7B"}, {"params": 0}, {"params": True}, {"params": None}]
)
def test_odd_values_of_informing_keys_are_none_and_cost_no_row(keys: dict[str, object]) -> None:
    (read,) = listed(model("acme/One", **keys, tasks="chat", last_modified="soon", license=7)).repos
    assert (read.parameters, read.pipeline_tag, read.last_modified) == (None, None, None)
    assert read.licence == "apache-2.0"  # of the tag


def test_a_name_that_no_database_column_holds_is_refused() -> None:
    read_row(model(f"{90 * 'a'}/{89 * 'b'}"), "https://hub.test")
    with pytest.raises(ValueError, match="ill-formed"):
        read_row(model(f"{90 * 'a'}/{90 * 'b'}"), "https://hub.test")
