"""Reading repository names."""

import pytest

from monitor.core.names import display_name, read_name, size_in_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Qwen3-8B", "Qwen3-235B-A22B-Instruct"),
        ("Qwen3-8B-Base", "Qwen3-8B-AWQ"),
        ("DeepSeek-V4-Flash", "DeepSeek-V4-Pro-Base"),
        ("ERNIE-4.5-21B-A3B-PT", "ERNIE-4.5-0.3B-Base-Paddle"),
        ("DeepSeek-R1", "DeepSeek-R1-Distill-Llama-70B"),
        ("gpt-oss-20b", "gpt-oss-120b"),
        ("Mixtral-8x7B-v0.1", "Mixtral-8x7B-Instruct-v0.1"),
        ("whisper-tiny", "whisper-tiny.en"),
        ("clip-vit-base-patch32", "clip-vit-large-patch14"),
        ("Llama-4-Foo-17B-16E", "Llama-4-Foo-17B-128E"),
        ("LongWriter-llama3.1-8b", "LongWriter-glm4-9b"),
        ("OREAL-7B", "OREAL-DeepSeek-R1-Distill-Qwen-7B"),
        ("Foo-Embedding-4B", "Foo-Reranker-0.6B"),
        ("Foo-3.0-8b", "Foo-Guardian-3.0-2b"),
        ("Wan-T2V-14B-480P", "Wan-I2V-14B-720P"),
    ],
)
def test_sizes_roles_and_formats_do_not_make_another_line(one: str, other: str) -> None:
    assert read_name(one).line == read_name(other).line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DeepSeek-V3", "DeepSeek-V3.1"),
        ("DeepSeek-V3", "DeepSeek-V3-0324"),
        ("Qwen3-8B", "Qwen3-VL-8B"),
        ("Qwen3-30B-A3B", "Qwen3-30B-A3B-Instruct-2507"),
        ("Kimi-K2", "Kimi-VL"),
        ("MiniCPM-V-2", "MiniCPM-V-2_6"),
        ("gemma-3", "medgemma"),
    ],
)
def test_a_version_a_date_and_a_product_make_another_line(one: str, other: str) -> None:
    assert read_name(one).line != read_name(other).line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Foo-8B", "Foo-8B-1.58bit"),
        ("Foo-8B", "Foo-8B-Q4_K_M-GGUF"),
        ("Foo-2.5-8B", "Foo-2_5-8B-w4a16-g128"),
        ("Foo-8B-sft", "Foo-8B-sft-llama-format"),
    ],
)
def test_a_format_does_not_make_another_checkpoint(one: str, other: str) -> None:
    assert read_name(one).checkpoint == read_name(other).checkpoint


def test_a_field_tells_products_apart_only_before_a_word_of_their_own() -> None:
    assert read_name("Foo-2-Coder-7B").variant != read_name("Foo-2-Math-7B").variant
    assert read_name("Foo-gate-code").variant == read_name("Foo-gate-law").variant


@pytest.mark.parametrize("other", ["Foo-4.5V-9B", "Foo-4.5-VL-9B", "Foo-4.5-vision"])
def test_a_model_that_sees_is_of_the_same_series_as_one_that_does_not(other: str) -> None:
    assert read_name(other).variant != read_name("Foo-4.5").variant
    assert read_name(other).series == read_name("Foo-4.5").series


def test_without_a_version_there_is_no_series() -> None:
    assert read_name("Foo-VL").series == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Foo-2-7B-Instruct", "Foo-2-7B-Base"], "Foo-2-7B"),
        (["Foo-2-guard-7B", "Foo-2-guard-1B"], "Foo-2-guard"),
        (["Foo-2-Scout", "Foo-2-Maverick"], "Foo-2"),
        (["Foo-Reranker-1B", "Foo-Embedding-1B"], "Foo-Embedding-1B"),
        (["Foo-1-9B", "Barium-2-9B"], "Foo-1"),
    ],
)
def test_a_release_is_named_by_what_its_repositories_share(names: list[str], expected: str) -> None:
    assert display_name(names) == display_name(names[::-1]) == expected


def test_a_format_and_a_size_another_checkpoint_and_a_size_does() -> None:
    assert read_name("Qwen3-8B-GGUF").checkpoint == read_name("qwen3-8b-AWQ").checkpoint
    assert read_name("Qwen3-8B").checkpoint != read_name("Qwen3-4B").checkpoint


@pytest.mark.parametrize("name", ["7B-Chat", "GGUF", "instruct", "-", "模型"])
def test_a_name_without_a_line_is_its_own_and_can_be_shown(name: str) -> None:
    assert read_name(name).checkpoint is not None
    assert display_name([name])


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("gpt-oss-120b", 120 * 10**9),
        ("Yi-1.5-9B", 9 * 10**9),
        ("Mixtral-8x7B", 56 * 10**9),
        ("whisper", None),
    ],
)
def test_the_size_is_read_from_the_name(name: str, size: int | None) -> None:
    assert size_in_name(name) == size


def test_a_size_that_nobody_can_mean_is_none() -> None:
    assert size_in_name("Foo-" + "9" * 400 + "b") is None
    assert size_in_name("Foo-" + "9" * 5000 + "x7b") is None
