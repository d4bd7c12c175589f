"""What a repository holds, as far as it tells one release from another: weights, licences, what witnesses know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.core.citations import Citations


class ConfirmationKind(StrEnum):
    """What a hub that hosts no models can say of a release."""

    CODE = "code"  # its code is there since
    WEIGHTS = "weights"  # weights are attached to a release of the code
    SERVED = "served"  # it is served since


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One thing that a witness knows: what, where to see it, since when."""

    kind: ConfirmationKind
    text: str
    url: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a repository held at one revision.

    `weights` and `licences` map the path of each weight file and licence text to a hash of what is in it.
    """

    revision: str
    weights: Mapping[str, str] = field(default_factory=dict)
    licences: Mapping[str, str] = field(default_factory=dict)
    confirms: tuple[Confirmation, ...] = ()


@dataclass(frozen=True, slots=True)
class LicenceText:
    """The text of one licence file before and now; None where it did not exist, or could not be read."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """A look into one repository: what it holds `now`, and what it held before, where that can be told.

    `texts` has the licence files that differ between the two. `cited` are the answers that were read for it.
    """

    now: Contents
    before: Contents | None = None
    texts: tuple[LicenceText, ...] = ()
    cited: Citations = field(default=(), compare=False, repr=False)
