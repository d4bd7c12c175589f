"""What GitHub and OpenRouter know is attached to the releases that model hubs made."""

import pytest

from builders import at, known
from monitor.core.contents import Confirmation, ConfirmationKind, Contents
from monitor.core.releases import regroup
from monitor.core.types import KnownRepo
from monitor.core.witnesses import witness_since

MODELS = [
    known("deepseek-ai/DeepSeek-V3-Base", "2024-12-25"),
    known("deepseek-ai/DeepSeek-V3", "2024-12-25"),
    known("deepseek-ai/DeepSeek-V3-0324", "2025-03-24"),
    known("Qwen/Qwen3-8B", "2025-04-27"),
    known("Qwen/Qwen3-0.6B-Base", "2025-04-27"),
    known("Qwen/Qwen3-235B-A22B-Instruct-2507", "2025-07-21"),
    known("moonshotai/Kimi-K2-Instruct", "2025-07-11"),
    known("moonshotai/Kimi-K2-Thinking", "2025-11-04"),
    known("openai/whisper-large-v2", "2022-12-05"),
    known("openai/whisper-tiny", "2022-09-26"),
    known("acme/misc", "2025-01-01"),
    known("acme/instruct-7B", "2025-01-01"),
]


def release_of(witness: KnownRepo, models: list[KnownRepo] = MODELS) -> str | None:
    found = [
        release.name
        for release in regroup([*models, witness])
        if witness.key in {k.key for k in release.repos}
    ]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "created", "release"),
    [
        ("deepseek-ai/DeepSeek-V3", "2024-12-26", "DeepSeek-V3"),
        ("QwenLM/Qwen3", "2025-04-27", "Qwen3"),
        ("MoonshotAI/Kimi-K2", "2025-07-03", "Kimi-K2-Instruct"),
        ("openai/whisper", "2022-09-16", "whisper-tiny"),
    ],
)
def test_a_code_repository_belongs_to_the_release_of_its_product_line(
    name: str, created: str, release: str
) -> None:
    assert release_of(known(name, created, hub="github")) == release


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-ai/FlashMLA",
        "deepseek-ai/3FS",
        "deepseek-ai/awesome-deepseek-integration",
        "awesome/awesome",
        "QwenLM/Qwen-Agent",
        "QwenLM/qwen-code",
        "openai/openai-cookbook",
        "acme/examples",
        "acme/docs",
        "acme/misc",
        "acme/.github",
        "acme/instruct",
        "acme/base",
        "acme/transformers",
        "acme/7B",
        "acme/-",
        "acme/",
    ],
)
def test_a_repository_that_names_no_product_belongs_to_none(name: str) -> None:
    assert release_of(known(name, "2025-01-01", hub="github")) is None


def test_of_several_releases_of_a_line_the_nearest_in_time_is_taken() -> None:
    models = [known("Foo-2-7B", "2026-01-01"), known("Foo-2-70B", "2026-04-01")]
    assert release_of(known("acme/Foo-2", "2026-02-01", hub="github"), models) == "Foo-2-7B"
    assert release_of(known("acme/Foo-2", "2026-03-20", hub="github"), models) == "Foo-2-70B"
    assert release_of(known("acme/Foo-2", None, hub="github"), models) == "Foo-2-7B"


def test_the_link_to_hugging_face_goes_before_the_name() -> None:
    served = known("acme/qwen3-8b", hub="openrouter", same_as="DeepSeek-AI/deepseek-v3-0324")
    assert release_of(served) == "DeepSeek-V3-0324"


def test_the_linked_repository_counts_under_its_own_account_first() -> None:
    models = [known("one/Foo-2-Chat", "2026-01-01"), known("two/Foo-2", "2026-01-01", hub="modelscope")]
    assert release_of(known("acme/x", hub="openrouter", same_as="gone/foo-2"), models) is not None
    assert release_of(known("acme/x", hub="openrouter", same_as="gone/bar-2"), models) is None


def test_a_link_to_nothing_that_we_know_leaves_the_name() -> None:
    assert release_of(known("qwen/qwen3-8b", hub="openrouter", same_as="gone/away")) == "Qwen3"


def test_a_link_that_is_no_name_is_no_link() -> None:
    assert release_of(known("acme/x", hub="openrouter", same_as="/")) is None


def test_without_the_version_a_served_model_is_found_by_line() -> None:
    served = known("qwen/qwen3-235b-a22b-2507", "2025-07-21", hub="openrouter")
    assert release_of(served) == "Qwen3-235B-A22B-Instruct-2507"


def test_witnesses_stand_in_the_order_of_time_after_the_models() -> None:
    github = known("acme/Foo-2", "2026-01-03", hub="github")
    openrouter = known("acme/foo-2", "2026-01-02", hub="openrouter")
    (release,) = regroup([github, known("Foo-2", "2026-01-01"), openrouter])
    assert [k.hub for k in release.repos] == ["huggingface", "openrouter", "github"]


def test_a_witness_takes_the_id_of_its_release_and_changes_with_it() -> None:
    (release,) = regroup([known("Foo-2", release_id=5), known("acme/Foo-2", hub="github", release_id=2)])
    assert {k.release_id for k in release.repos} == {5}


def test_a_witness_knows_since_the_earliest_of_its_times() -> None:
    served = Confirmation(ConfirmationKind.SERVED, "served", "https://hub.test", at("2026-01-02"))
    released = Confirmation(ConfirmationKind.CODE, "release v1", "https://hub.test", at("2026-01-01"))
    witness = known(
        "x", "2026-01-03", hub="github", confirms=(served,), contents=Contents("1", confirms=(released,))
    )
    assert witness_since(witness) == at("2026-01-01")
    assert witness_since(known("x", None, hub="github")) is None
