"""Which files of a repository on the Hugging Face Hub are its weights, and which are its licence texts."""

import json
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
        ),
    ],
)
def test_a_licence_text_is_one(path: str) -> None:
    assert set(held(entry(path)).licences) == {path}


@pytest.mark.parametrize(
    "path",
    "docs/LICENSE license_plate.safetensors license.py licensing relicense.json NOTICE README.md".split(),
)
def test_what_only_looks_like_a_licence_text_is_none(path: str) -> None:
    assert held(entry(path)).licences == {}


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
