"""Read a repository's name: which product line and version it belongs to, and which checkpoint it is.

Qwen/Qwen3-30B-A3B-Instruct-2507-FP8
    line        qwen3 2507                     what was launched: no size, role or format
    checkpoint  qwen3 30b a3b instruct 2507    the very weights: everything but the format
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_SIZE = re.compile(r"(?:\d+x)?[ae]?\d+(?:\.\d+)?[bmkt](?:mqa)?")

_STATED_SIZE = re.compile(r"(?:(\d+)x)?(\d+(?:\.\d+)?)([mbt])", re.IGNORECASE)

_FORMATS = frozenset(
    "gguf ggml awq gptq int8 int4 fp8 fp4 bf16 fp16 fp32 nvfp4 mxfp4 mxfp8 w4a16 w8a8 w4a8 w4afp8 4bit 8bit 4bits 8bits"
    " bit mlx onnx openvino mnn paddle pt hf torch pytorch diffusers safetensors quantized quant dynamic"
    " autoround exl2 tensorrt trt litert tflite coreml gguf-q4 q4 q8 qat 2bits 2bit wint4 wint8 wint2 tp4 eagle"
    " eagle3 mtp gs32 int4mix nf4 block sgl vllm transformers original".split()
)
_ROLES = frozenset(
    "base instruct chat it pt sft dpo rl rlhf thinking think reasoning reasoner prerelease pretrain pretrained"
    " distill distilled zero rm reward tokenizer vae draft guard embedding reranker".split()
)
# Siblings of one launch that differ in size only: "V4-Flash" and "V4-Pro", "Voxtral-Mini" and "-Small".
_TIERS = frozenset("nano tiny mini small medium large huge lite light flash pro max plus air xl xxl".split())


@dataclass(frozen=True, slots=True)
class Name:
    """What a repository's name says. Both are tokens in lower case, in the order of the name."""

    line: tuple[str, ...]
    checkpoint: tuple[str, ...]


@lru_cache(maxsize=65536)
def read_name(short_name: str) -> Name:
    """Read a repository's name without its owner. A name of sizes and roles alone is its own line."""
    tokens = tuple(_words(short_name.casefold()))
    checkpoint = tuple([token for token in tokens if token not in _FORMATS]) or tokens
    kept = checkpoint[: _distilled_from(checkpoint)]
    line = tuple([token for token in kept if not _says_size_or_role(token)])
    return Name(line or checkpoint, checkpoint)


def says_product(name: Name) -> bool:
    """Tell whether a name says which product it is of: it has more than sizes, roles and formats."""
    return any(token not in _FORMATS and not _says_size_or_role(token) for token in name.line)


def display_name(short_names: Sequence[str]) -> str:
    """Name a release after its repositories, with the words that they share.

    >>> display_name(["Qwen3-8B-Base", "Qwen3-8B", "Qwen3-235B-A22B-GGUF"])
    'Qwen3'
    >>> display_name(["Kimi-K2-Thinking", "Kimi-K2-Thinking-GGUF"])
    'Kimi-K2-Thinking'
    """
    shortest = min(short_names, key=lambda name: (len(name), name))
    name = read_name(shortest)
    is_one_checkpoint = all(read_name(short).checkpoint == name.checkpoint for short in short_names)
    kept = name.checkpoint if is_one_checkpoint else name.line
    words = [word for word in _words(shortest) if word.casefold() in kept]
    return "-".join(words) or shortest


def size_in_name(short_name: str) -> int | None:
    """Return the number of parameters that a name states, the total of a mixture of experts.

    >>> size_in_name("Qwen3-30B-A3B-Instruct")
    30000000000
    """
    sizes = [match for token in _words(short_name) if (match := _STATED_SIZE.fullmatch(token))]
    if not sizes:
        return None
    experts, number, unit = sizes[0].groups()
    scale = {"m": 10**6, "b": 10**9, "t": 10**12}[unit.lower()]
    return int(int(experts or 1) * float(number) * scale)


def _words(text: str) -> list[str]:
    return text.replace("-", " ").replace("_", " ").split()


def _distilled_from(tokens: tuple[str, ...]) -> int:
    """Return where the name of a foreign base model begins: "R1-Distill-Llama-70B" is R1's."""
    return tokens.index("distill") if "distill" in tokens[1:] else len(tokens)


@lru_cache(maxsize=65536)
def _says_size_or_role(token: str) -> bool:
    return token in _ROLES or token in _TIERS or _SIZE.fullmatch(token) is not None
