"""A repository of the demo's hub: when it was public, and what its files were."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

# What the hub keeps as large files, known by the SHA-256 of what is in them.
LARGE = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx", ".ckpt", ".h5", ".npz")
_FIRST_FILES = {
    ".gitattributes": "*.safetensors filter=lfs",
    "README.md": "# A model",
    "model.safetensors": "weights",
}


@dataclass(frozen=True, slots=True)
class DemoCommit:
    """All files of a repository from some moment on: what is in them, by their paths."""

    at: datetime
    files: Mapping[str, str]

    def tree(self) -> list[dict[str, object]]:
        """Every file as the hub lists it, in order of paths."""
        return [_entry(path, text) for path, text in sorted(self.files.items())]


@dataclass(frozen=True, slots=True)
class DemoRepo:
    """A repository of the demo; created privately, public from `public_from` until `public_until`.

    Without `commits` it holds one file of weights since its creation.
    """

    name: str  # "owner/name"
    created_at: datetime
    public_from: datetime
    public_until: datetime | None = None
    pipeline_tag: str | None = None
    library: str | None = None
    tags: tuple[str, ...] = ()
    gated: str | bool = False
    former_names: tuple[str, ...] = ()
    hub_id: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)  # overrides keys of its row
    commits: tuple[DemoCommit, ...] = ()  # in order of time

    @property
    def owner(self) -> str:
        """The account, "" for the oldest repositories, which have none."""
        return self.name.rpartition("/")[0]

    @property
    def object_id(self) -> str:
        """24 hexadecimal digits, the first 8 of them the creation time, as the hub makes them."""
        return self.hub_id or f"{int(self.created_at.timestamp()):08x}{digest(self.name)[:16]}"

    def is_public(self, now: datetime) -> bool:
        """Whether everybody can see it."""
        return self.public_from <= now and (self.public_until is None or now < self.public_until)

    def moments(self) -> tuple[datetime, ...]:
        """The times at which what the hub says of it may change; in between it stays the same."""
        until = (self.public_until,) if self.public_until else ()
        return (self.created_at, self.public_from, *until, *(commit.at for commit in self.commits))

    def history(self, now: datetime) -> dict[str, DemoCommit]:
        """The commits that have been made, by their ids, the newest last; never empty."""
        return {self._sha(commit): commit for commit in self._made(now)}

    def head(self, now: datetime) -> tuple[str, DemoCommit]:
        """The last commit and its id."""
        commit = self._made(now)[-1]
        return self._sha(commit), commit

    def row(self, now: datetime) -> dict[str, object]:
        """Everything that the hub says about it."""
        created = _iso(self.created_at)
        sha, head = self.head(now)
        return {
            "_id": self.object_id,
            "id": self.name,
            "author": self.owner,
            "gated": self.gated,
            "lastModified": _iso(head.at),
            "likes": 0,
            "trendingScore": 0,
            "private": not self.is_public(now),
            "disabled": False,
            "sha": sha,
            "downloads": 0,
            "tags": [*self.tags, "region:us"],
            **({"pipeline_tag": self.pipeline_tag} if self.pipeline_tag else {}),
            **({"library_name": self.library} if self.library else {}),
            **self._card(),
            "createdAt": created,
            "modelId": self.name,
            "siblings": [{"rfilename": path} for path in sorted(head.files)],
            **self.extra,
        }

    def _card(self) -> dict[str, object]:
        licences = [tag.removeprefix("license:") for tag in self.tags if tag.startswith("license:")]
        return {"cardData": {"license": licences[0]}} if licences else {}

    def _made(self, now: datetime) -> list[DemoCommit]:
        commits = self.commits or (DemoCommit(self.created_at, _FIRST_FILES),)
        return [commit for commit in commits if commit.at <= now] or [DemoCommit(self.created_at, {})]

    def _sha(self, commit: DemoCommit) -> str:
        files = "".join(f"\0{path}\0{text}" for path, text in sorted(commit.files.items()))
        return digest(f"{self.object_id}{commit.at.isoformat()}{files}")[:40]


def digest(text: str | bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def _entry(path: str, text: str) -> dict[str, object]:
    body = text.encode()
    blob = hashlib.sha1(b"blob %d\0%b" % (len(body), body), usedforsecurity=False).hexdigest()
    entry: dict[str, object] = {"type": "file", "oid": blob, "size": len(body), "path": path}
    if path.endswith(LARGE):
        entry["lfs"] = {"oid": digest(body), "size": len(body), "pointerSize": 134}
    return entry


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}.000Z"
