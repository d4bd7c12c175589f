"""The variants of a launch, in a line."""

import pytest

from builders import known
from monitor.core.variants import human_count, parameters_text, variants_text


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["Foo-2-7B"], ""),
        (["Foo-2-7B-Instruct"], ""),
        (["Foo-2-7B-Pretrain", "Foo-2-7B-Base"], "base"),
        (["Foo-2-7B", "Foo-2-70B"], "7B and 70B"),
        (["Foo-2T", "Foo-7B"], "7B and 2T"),
        (["Foo-0.5B", "Foo-7B", "Foo-72B"], "3 sizes, 0.5B to 72B"),
        (["Foo-7B-Base", "Foo-7B"], "base and tuned"),
        (["Foo-7B-Base", "Foo-7B-Instruct"], "base and instruct"),
        (["Foo-7B-Base-PT", "Foo-7B-Base-Paddle"], "base; for Paddle and PyTorch"),
        (["gemma-3-4b-pt", "gemma-3-4b-it", "gemma-3-27b-it"], "4B and 27B; base and instruct"),
        (["gemma-3-4b-pt"], ""),
        (["Foo-7B-PT", "Foo-70B-PT"], "7B and 70B"),
        (["Foo-7B", "Foo-7B-AWQ", "Foo-7B-GGUF"], "2 quantisations (GGUF and AWQ)"),
        (["Foo-GPTQ-Int4", "Foo-Int8"], "2 quantisations (GPTQ and INT8)"),
        (["Foo.v2", "foo_bar"], ""),
    ],
)
def test_sizes_stages_and_quantisations_are_folded(names: list[str], text: str) -> None:
    assert variants_text(map(known, names)) == text


def test_a_copy_on_another_hub_is_no_variant() -> None:
    copies = [known("Foo-7B-FP8"), known("acme/Foo-7B-FP8", hub="modelscope")]
    assert variants_text(copies) == "quantised (FP8)"


def test_parameters_are_those_of_weights_that_are_not_quantised() -> None:
    whole, packed = known("Foo", parameters=7_600_000_000), known("Foo-GPTQ", parameters=1_900_000_000)
    assert parameters_text([whole, packed]) == "7.6B"
    assert parameters_text([packed]) == "1.9B"
    assert parameters_text([whole, known("Foo-Max", parameters=72 * 10**9)]) == "7.6B to 72B"


@pytest.mark.parametrize(("number", "text"), [(7_600_000_000, "7.6B"), (684 * 10**9, "684B"), (999, "999")])
def test_parameters_are_written_as_people_do(number: int, text: str) -> None:
    assert human_count(number) == text
