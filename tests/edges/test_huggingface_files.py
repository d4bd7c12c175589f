"""Which files of a repository on the Hugging Face Hub are its weights, and which are its licence texts."""

import json
import time
from typing import Any

import pytest

from monitor.core.contents import Contents
from monitor.core.types import Repo
from servers import ScriptedServer, huggingface, json_answer

ONE = Repo("6" * 24, "acme/One", "https://hub.test/acme/One", sha="a" * 40)


def entry(path: str, **changes: Any) -> dict[str, Any]:
    return {"type": "file", "oid": "0" * 40, "size": 1, "path": path} | changes


def held(*entries: dict[str, Any]) -> Contents:
    with ScriptedServer(json_answer(json.dumps(entries))) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(ONE, None, None)
    assert inspection is not None
    return inspection.now


@pytest.mark.parametrize(
    "path",
    "model.safetensors a/b/model-00001-of-00002.SAFETENSORS m.gguf pytorch_model.bin x.pt x.pth onnx/x.onnx x.ckpt "
    "tf_model.h5 flax_model.msgpack x.tflite x.pdparams x.pdiparams x.mlmodel x.npz x.nemo".split(),
)
def test_a_weight_file_is_one(path: str) -> None:
    assert set(held(entry(path)).weights) == {path}


LARGE: dict[str, Any] = {"lfs": {"oid": "ab" * 32}, "size": 3 * 10**9}


@pytest.mark.parametrize("path", ["gemma.litertlm", "llm.mnn.weight", "model.rknn", "weights/d/0"])
def test_a_large_file_of_an_unknown_kind_is_taken_for_weights(path: str) -> None:
    assert set(held(entry(path, **LARGE)).weights) == {path}
    assert set(held(entry(path, size=3 * 10**9, xetHash="cd" * 32)).weights) == {path}
    assert held(entry(path, **LARGE | {"size": 10**6})).weights == {}


@pytest.mark.parametrize(
    "path", ["demo.mp4", "figures/x.png", "tokenizer.json", "data/train.parquet", "paper.pdf"]
)
def test_large_pictures_films_tables_and_tokenizers_are_no_weights(path: str) -> None:
    assert held(entry(path, **LARGE)).weights == {}


@pytest.mark.parametrize(
    "path",
    "training_args.bin optimizer.pt a/optimizer_0.bin scheduler.pt rng_state_0.pth README.md config.json model.py "
    ".safetensors".split(),
)
def test_what_a_training_run_leaves_is_no_weights(path: str) -> None:
    assert held(entry(path)).weights == {}


@pytest.mark.parametrize(
    "path",
    [
        *"LICENSE LICENCE license.txt LICENSE.md License_Model MODEL_LICENSE LICENSE-CODE COPYING".split(),
        *(
            "Tongyi Qianwen LICENSE AGREEMENT",
            "LICENSE AGREEMENT.txt",
            "LICENSE.pdf",
            "LICENSE-APACHE-2.0.txt",
            "Model License Agreement v1.0",
            *"许可证.txt 模型许可协议.md LICENSE.zh-CN LICENSE.docx COPYING.LESSER LICENSE_CN.md".split(),
        ),
    ],
)
def test_a_licence_text_is_one(path: str) -> None:
    assert set(held(entry(path)).licences) == {path}


@pytest.mark.parametrize(
    "path",
    [
        *"docs/LICENSE license_plate.safetensors license.py licensing relicense.json NOTICE README.md".split(),
        *("许可证.png", "LICENSE.md~", "LICENSE " + "x" * 193),
    ],
)
def test_what_only_looks_like_a_licence_text_is_none(path: str) -> None:
    assert held(entry(path)).licences == {}


def test_no_name_takes_long_to_be_told_from_a_licence() -> None:
    names = [entry(f"{n}-" + "license-" * 24 + ".~") for n in range(700)]
    names += [entry(f"{n}-" + "license-" * 60 + "/x") for n in range(700)]
    began = time.process_time()
    assert held(*names).licences == {}
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"lfs": {"oid": "1" * 64}, "xetHash": "2" * 64}, "1" * 64),
        ({"xetHash": "2" * 64}, "2" * 64),
        ({"lfs": "odd"}, "0" * 40),
        ({}, "0" * 40),
    ],
)
def test_a_hash_of_what_is_in_the_file_goes_before_one_of_its_pointer(
    told: dict[str, Any], known: str
) -> None:
    assert held(entry("m.gguf", **told)).weights == {"m.gguf": known}


def test_folders_and_paths_that_nobody_could_read_are_left_out() -> None:
    odd = [
        entry("a.bin", type="directory"),
        entry("e\u202evil.bin"),
        entry("\ud800.bin"),
        entry("x" * 600 + ".bin"),
    ]
    assert set(held(*odd, entry("m.bin"), entry("模型.bin")).weights) == {"m.bin", "模型.bin"}
