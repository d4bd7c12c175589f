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
    ],
)
def test_a_version_a_date_and_a_product_make_another_line(one: str, other: str) -> None:
    assert read_name(one).line != read_name(other).line


def test_a_format_does_not_make_another_checkpoint_and_a_size_does() -> None:
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
