"""What a repository of the Hugging Face Hub holds: its weight files, its licence texts, and how they differ."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from monitor.core.citations import Citation
from monitor.core.contents import Contents, Inspection, LicenceText
from monitor.core.types import Repo
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline
from monitor.hubs.citing import cite
from monitor.hubs.huggingface_api import Api
from monitor.hubs.huggingface_pages import read_page, walk

_PAGES = 20
_WEIGHTS = 2000
_LICENCES = 20
_TEXT = 256 * 1024  # bytes of one licence
_PATH = 500  # characters
_HASH = re.compile(r"[0-9a-zA-Z:_-]{1,128}", re.ASCII)
_WEIGHT_FILE = re.compile(
    r".+\.(?:safetensors|gguf|bin|pt|pth|onnx|ckpt|h5|msgpack|tflite|pdparams|pdiparams|mlmodel|npz|nemo)",
    re.ASCII | re.IGNORECASE,
)
_LARGE = 10 * 2**20  # bytes
# What else is large: pictures, sound, films, documents, tables, tokenizers.
_NO_WEIGHTS = re.compile(
    r"(?:.*/)?[^/]*tokenizer[^/]*|.+\.(?:png|jpe?g|gif|webp|svg|tiff?|mp4|mov|webm|avi|mkv|mp3|wav|flac|ogg|m4a|pdf|pptx?"
    r"|csv|tsv|jsonl?|parquet|arrow|txt|md|ipynb|html?|whl|so|dll|exe)",
    re.ASCII | re.IGNORECASE,
)
# The state of a training run; it comes and goes beside the weights.
_TRAINING = re.compile(
    r"(?:.*/)?(?:training_args|optimizer|scheduler|rng_state)[^/]*", re.ASCII | re.IGNORECASE
)
# LICENSE, LICENCE.md, LICENSE-CODE, MODEL_LICENSE, "Some LICENSE AGREEMENT.txt", 许可证.txt, 模型许可协议.md.
_LICENCE_WORD = re.compile(
    r"(?<![^ _.-])(?:licen[cs]es?|copying)(?![^ _.-])|许可|許可|授权|授權", re.IGNORECASE
)
# What may stand behind the last dot: a kind of text, a language, or what follows the point of a version.
_LICENCE_ENDING = re.compile(
    r"txt|md|markdown|rst|pdf|html?|docx?|odt|rtf|lesser|(?:zh|cn|en|ja|ko)(?:[_-][a-z]{2,4})?|\d+(?:[ _-].*)?",
    re.IGNORECASE,
)
_LICENCE_NAME = 200  # characters


def inspect(
    api: Api, repo: Repo, before: Contents | None, since: str | None, deadline: Deadline
) -> Inspection | None:
    """Look into a repository at the commit at which it was listed; None where the hub does not show it.

    1. List its files, and where we never did so those of the commit `since`, unless that is gone.
    2. Where a licence text differs, read it as it is and as it was.
    """
    cited: list[Citation] = []
    now = _contents(api, repo.name, repo.sha, deadline, cited) if repo.sha else None
    if now is None:
        return None
    if before is None and since:
        before = _contents(api, repo.name, since, deadline, cited)
    texts = _texts(api, repo.name, before, now, deadline, cited) if before else ()
    return Inspection(now, before, texts, tuple(cited))


def _contents(
    api: Api, name: str, revision: str, deadline: Deadline, cited: list[Citation]
) -> Contents | None:
    """Return what a commit holds; None where it, or the repository, is not shown, or holds files without end.

    What was read is added to `cited`, here and below.
    """
    # Source: huggingface_hub, HfApi.list_repo_tree.
    url = f"{api.models}/{quote(name)}/tree/{quote(revision, safe='')}?recursive=true"
    response = api.get(url)
    if api.is_gone(response) or response.status_code == 403:
        return None
    files: dict[str, _File] = {}
    for number, page in enumerate(walk(api, url, deadline, [read_page(api, response, url)]), start=1):
        files.update((file.path, file) for entry in page.rows() for file in _file(entry))
        cited.append(page.cited())
        if number == _PAGES and page.following is not None:
            return None
    weights = {path: files[path].content for path in sorted(files) if _is_weights(files[path])}
    licences = {path: files[path].content for path in sorted(files) if _is_licence(path)}
    return Contents(revision, _first(weights, _WEIGHTS), _first(licences, _LICENCES))


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a repository; `is_large` where it is kept apart and has a size as only weights and media have."""

    path: str
    content: str  # a hash
    is_large: bool


def _file(entry: object) -> tuple[_File, ...]:
    """Return a file, nothing for a folder. Raises HubError for what cannot be read.

    Leaving out a file that cannot be read would say that it is gone.
    """
    if not isinstance(entry, dict) or not isinstance(path := entry.get("path"), str):
        raise HubError("a list of files that cannot be read", Trouble.SHAPE)
    if entry.get("type") != "file" or len(path) > _PATH or not path.isprintable():
        return ()
    lfs = entry.get("lfs")
    told = (lfs.get("oid") if isinstance(lfs, dict) else None) or entry.get("xetHash") or entry.get("oid")
    if not isinstance(told, str) or not _HASH.fullmatch(told):
        raise HubError("a list of files without their hashes", Trouble.SHAPE)
    size = entry.get("size")
    is_apart = isinstance(lfs, dict) or entry.get("xetHash") is not None
    return (_File(path, told, is_apart and isinstance(size, int) and size >= _LARGE),)


def _is_weights(file: _File) -> bool:
    """Whether a file holds weights: by its ending, or as it is large and nothing else that is.

    New formats come faster than a list of endings can grow (.litertlm, .mnn), and a release must not wait for it.
    """
    if _TRAINING.fullmatch(file.path):
        return False
    return _WEIGHT_FILE.fullmatch(file.path) is not None or (
        file.is_large and not _NO_WEIGHTS.fullmatch(file.path)
    )


def _is_licence(path: str) -> bool:
    """Whether a file in the root is called a licence, and is one to be read, not a program or a picture."""
    if len(path) > _LICENCE_NAME or "/" in path or not (word := _LICENCE_WORD.search(path)):
        return False
    _, dot, ending = path[word.end() :].rpartition(".")
    return not dot or _LICENCE_ENDING.fullmatch(ending) is not None


def _first(files: Mapping[str, str], limit: int) -> dict[str, str]:
    return dict(list(files.items())[:limit])


def _texts(
    api: Api, name: str, before: Contents, now: Contents, deadline: Deadline, cited: list[Citation]
) -> tuple[LicenceText, ...]:
    """Return the licences that differ, as they were and as they are."""

    def text(contents: Contents, path: str) -> str | None:
        deadline.check()
        return _text(api, name, contents.revision, path, cited) if path in contents.licences else None

    paths = sorted({*before.licences, *now.licences})
    return tuple(
        LicenceText(path, text(before, path), text(now, path))
        for path in paths
        if before.licences.get(path) != now.licences.get(path)
    )


def _text(api: Api, name: str, revision: str, path: str, cited: list[Citation]) -> str | None:
    """Return the text of a file, cut to 256 kB; None where there is none that a person could read."""
    url = f"{api.endpoint}/{quote(name)}/resolve/{quote(revision, safe='')}/{quote(path)}"
    try:
        response = api.get(url, bucket="resolvers")
    except HubError as error:
        if error.trouble in (
            Trouble.SERVER,
            Trouble.SHAPE,
        ):  # this one file is broken, or kept on another host
            return None
        raise
    if response.status_code != 200:
        return None
    cited.append(cite(response))
    body = response.content[:_TEXT]
    encoding = "utf-16" if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    text = body.decode(encoding, errors="replace")
    return None if "\0" in text else text
