"""The values that travel through the monitor; each is one word of the glossary.

All times are aware and UTC. "Days" are UTC calendar days.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from monitor.core.citations import Citations
from monitor.core.contents import Confirmation, Contents

# The hub does not know creation times before this day: such rows carry 2022-03-02T23:29:04Z.
# Source: huggingface/hub-docs, pull request 1091.
CREATION_KNOWN_FROM = datetime(2022, 3, 3, tzinfo=UTC)

# Hubs that host no weights: they confirm, date and link a release, and never make one.
WITNESSES = frozenset({"github", "openrouter"})


@dataclass(frozen=True, slots=True)
class Account:
    """One namespace on one hub: the unit that is polled."""

    organization: str
    hub: str
    name: str

    def __str__(self) -> str:
        return f"{self.hub}:{self.name}"


@dataclass(frozen=True, slots=True)
class Organization:
    """A company or lab that we watch, under one key."""

    key: str
    name: str
    accounts: tuple[Account, ...]
    country: str | None = None
    groups: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repo:
    """One model repository as a hub showed it in one listing.

    `hub_id` is the hub's stable id; where a hub has none it is the name under which we first saw it. `sha` tells
    one state of its files from another: a commit, or the time of the last push. None means that the hub did not
    say: an absent key is not "no".
    """

    hub_id: str
    name: str  # "owner/name"
    url: str
    created_at: datetime | None = None
    last_modified: datetime | None = None
    sha: str | None = None
    gated: str | None = None  # "no" | "auto" | "manual"
    licence: str | None = None
    pipeline_tag: str | None = None
    library: str | None = None
    base_models: tuple[str, ...] = ()
    parameters: int | None = None  # how many, from the weights' own header
    disabled: bool | None = None
    licence_name: str | None = None  # of a licence that has no id; "" where the hub states none
    licence_link: str | None = None  # likewise
    has_weights: bool | None = field(default=None, compare=False)  # as far as this listing tells; not kept
    same_as: str | None = None  # "owner/name" of the same model on Hugging Face, where the hub says so
    confirms: tuple[Confirmation, ...] = ()  # what a witness knows of it

    @property
    def owner(self) -> str:
        """The account in its name; "" for the oldest repositories, which have none."""
        return self.name.rpartition("/")[0]

    @property
    def short_name(self) -> str:
        """The name without its owner."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row of a listing that could not be read: kept for a person, ignored by every decision."""

    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that one hub showed for one account at one moment; complete, or it is not a listing.

    `listed_as` is the account's name on the hub now, which differs from ours after a rename. `validator` is the
    hub's own short text for this very listing: given back at the next poll, it may save reading it again. `cited`
    are its pages, in order.
    """

    account: Account
    seen_at: datetime
    repos: tuple[Repo, ...]
    set_aside: tuple[SetAside, ...] = ()
    listed_as: str = ""
    validator: str | None = None
    cited: Citations = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A complete listing that is the one whose validator we gave."""

    account: Account
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A repository among the newest of a whole hub: a hint to list its account, no more."""

    hub_id: str
    name: str  # "owner/name"
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests a hub grants in one window."""

    requests: int
    window: timedelta


class Sight(StrEnum):
    """What a direct look at one repository showed."""

    PUBLIC = "public"
    GONE = "gone"  # 401, 404 or 410: deleted or private, which cannot be told apart
    UNSURE = "unsure"  # anything else


@dataclass(frozen=True, slots=True)
class Look:
    """A direct look at one repository; `hub_id` and `name` are what the hub answered, after redirects."""

    sight: Sight
    hub_id: str | None = None
    name: str | None = None
    cited: Citations = field(default=(), compare=False)


class RepoState(StrEnum):
    """Whether a repository can be seen by everybody."""

    PUBLIC = "public"
    WITHDRAWN = "withdrawn"


class Weights(StrEnum):
    """Whether a repository holds weights: a release is made when they are public."""

    YES = "yes"
    PENDING = "pending"  # not yet
    NONE = "none"  # no longer


class Basis(StrEnum):
    """How a release is dated: seen while we watched, by the hub's creation time, or not at all."""

    OBSERVED = "observed"
    CREATED = "created"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KnownRepo:
    """A repository with its three clocks: created, became public between, first seen.

    `published_between` is None for what was there on the account's first listing (its baseline).
    `missing_since` is the first complete listing that lacked it. `contents` is what it held when it was last looked
    into. `found_late` means that we were blind when it became public. `cites` are the answers that showed it first,
    where this poll is the first; what is stored is not read back.
    """

    hub: str
    account: str
    repo: Repo
    first_seen_at: datetime
    published_between: tuple[datetime, datetime] | None = None
    state: RepoState = RepoState.PUBLIC
    missing_since: datetime | None = None
    release_id: int | None = None
    weights: Weights = Weights.YES
    contents: Contents | None = None
    found_late: bool = False
    cites: Citations = field(default=(), compare=False, repr=False)

    @property
    def is_witness(self) -> bool:
        """Whether it only confirms a release that others make."""
        return self.hub in WITNESSES

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it for ever: the hub and the hub's own id."""
        return self.hub, self.repo.hub_id


class ChangeKind(StrEnum):
    """What differs between two listings."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    RENAMED = "renamed"
    LICENCE = "licence"
    GATING = "gating"
    WEIGHTS = "weights"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what we knew and what a listing shows; `cites` are the answers that it came of."""

    hub: str
    hub_id: str
    repo: str  # the name that it has now
    kind: ChangeKind
    seen_at: datetime
    url: str
    before: str | None = None
    after: str | None = None
    detail: str | None = (
        None  # what else there is to show: lines of a licence that differ, files that were replaced
    )
    cites: Citations = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Release:
    """Repositories of one organisation, over all hubs, that were launched as one thing.

    `id` is None until the store has given one. `released_at` is None where the basis is unknown. `repos` are those
    of model hubs, the first one first, then the witnesses. `weights` says whether any of the former holds weights.
    """

    id: int | None
    name: str
    kind: str
    released_at: datetime | None
    basis: Basis
    first_seen_at: datetime
    repos: tuple[KnownRepo, ...]
    weights: Weights = Weights.YES


class Level(StrEnum):
    """How sure a change of cadence is: called a change, or called possible."""

    ALERT = "alert"
    WATCHING = "watching"


class Direction(StrEnum):
    """Which way a cadence changed."""

    FASTER = "faster"
    SLOWER = "slower"
    SILENT = "silent"
    RESUMED = "resumed"


class Regime(StrEnum):
    """The state of an organisation's cadence."""

    STEADY = "steady"
    FASTER = "faster"
    SLOWER = "slower"
    SILENT = "silent"
    LEARNING = "learning"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Budgets:
    """False alerts per organisation and year: probabilities of at least one, "faster" and "slower" together.

    Each of the two directions gets p = 1 - sqrt(1 - P); "silent" has a p of its own.
    """

    alert: float = 0.05
    watch: float = 0.20
