"""What somebody types finds the words that begin so, and nothing that is typed is an operator."""

import re

import pytest

from bad_names import BAD_NAMES
from monitor.core.finding import index_terms, sought_term, typed_words, value_term

NAMES = [
    "Qwen/Qwen3-Coder-480B-A35B-Instruct",
    "baidu/ERNIE-4.5-VL-28B",
    "THUDM/通义千问-7B",
    "acme/Café_Olé",
]


def finds(typed: str, texts: list[str]) -> bool:
    """Whether each typed word is in the index, as each database looks it up."""
    terms = index_terms(texts)
    words = [sought_term(word) for word in typed_words(typed)]
    return bool(words) and all(
        any(term.startswith(word) if is_beginning else term == word for term in terms)
        for word, is_beginning in words
    )


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "qwen",
            "QWEN3",
            "qwen3 cod",
            "coder qwen",
            "qwen3-coder",
            "qwen 3",
            "480b",
            "instruct",
            "instruc",
            "a35",
        ),
        *("ernie 4.5", "ernie-4.5", "ernie4.5", "4.5", "ern vl", "baidu"),
        *("通义", "千问", "问", "通义千问-7b", "cafe", "CAFÉ", "café ole", "ｑｗｅｎ３"),
    ],
)
def test_words_are_found_by_their_beginnings(typed: str) -> None:
    assert any(finds(typed, [name]) for name in NAMES)


@pytest.mark.parametrize(
    "typed", ["wen3", "oder", "qwen4", "qwen3 ernie", "5", "4,5x", "问通", "", "  ", "%", "_", "*", '"', "()"]
)
def test_other_words_are_not(typed: str) -> None:
    assert not any(finds(typed, [name]) for name in NAMES)


@pytest.mark.parametrize(
    "typed",
    [
        *BAD_NAMES,
        "NEAR(a b)",
        "a* OR b",
        '"a',
        "a:b",
        "-a",
        "a & !b",
        "a <-> b",
        "\0",
        "\ud800",
        "𝕏😀",
        "x" * 10**5,
    ],
)
def test_terms_are_plain_whatever_is_typed_or_named(typed: str) -> None:
    for term in [sought_term(word)[0] for word in typed_words(typed)] + index_terms([typed]):
        assert re.fullmatch(r"[a-z0-9._]+", term)
    assert re.fullmatch(r"\.kind\.[0-9a-f]{16}", value_term("kind", typed))


def test_however_much_is_typed_or_named_little_is_looked_up() -> None:
    assert len(typed_words(" ".join(f"w{n}" for n in range(1000)))) == 8
    assert len(index_terms([f"model-{n}-{n * 7919}" for n in range(5000)])) < 5000
    assert max(map(len, index_terms(["千" * 1000]))) < 400


def test_a_value_is_found_by_itself_alone() -> None:
    terms = {
        value_term(field, value) for field in ("kind", "licence") for value in ("mit", "MIT", "mit ", "")
    }
    assert len(terms) == 8
    assert not terms & set(index_terms(["mit kind licence .kind.mit"]))
