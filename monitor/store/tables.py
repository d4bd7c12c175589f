"""The tables. Rows stay inside the store; values of monitor.core go in and out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.columns import Base


class HubRow(Base):
    """What a hub told about its limits, and how far we followed what is newest on it."""

    __tablename__ = "hub"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    paused_until: Mapped[datetime | None]
    quota: Mapped[int | None]  # requests a window
    window_seconds: Mapped[int | None]
    access: Mapped[str | None]  # tells by which endpoint and token it was asked
    newest_due_at: Mapped[datetime | None]  # when to ask again what is newest
    newest_until: Mapped[datetime | None]  # the creation time up to which that was seen


class OrganizationRow(Base):
    """An organisation, with the state of its cadence. Its row lock serialises the polls of its accounts."""

    __tablename__ = "organization"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str]
    country: Mapped[str | None]
    groups: Mapped[list[str]]
    watched: Mapped[bool]
    cadence: Mapped[dict[str, Any] | None]
    dispersion: Mapped[float | None]
    judged_until: Mapped[date | None]  # the last day that was decided about; of a baseline, the day before it
    unjudged: Mapped[bool] = mapped_column(server_default=false())  # something was released since
    cards: Mapped[int] = mapped_column(
        server_default=text("0")
    )  # by which rule its cards were made; 0: to be made


class AccountRow(Base):
    """An account, its health, and when it is polled next."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("hub", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), index=True)
    hub: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    listed_as: Mapped[str | None]  # its name on the hub now, where that differs
    watched: Mapped[bool]
    unwatched_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    listed_at: Mapped[datetime | None]  # the last complete listing
    repos_listed: Mapped[int | None]
    validator: Mapped[str | None]  # of the last listing, if the same one again would change nothing
    hinted_at: Mapped[datetime | None]  # something that it does not list yet was seen elsewhere
    published_at: Mapped[datetime | None]  # its newest, for who is swept more often
    rows_set_aside: Mapped[int]
    failures: Mapped[int]  # in a row
    trouble: Mapped[str | None]
    last_error: Mapped[str | None]
    blind_since: Mapped[datetime | None]


class BlindSpotRow(Base):
    """A stretch in which an account could not be seen; not kept if it was over within an hour."""

    __tablename__ = "blind_spot"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]


class SetAsideRow(Base):
    """A row of an account's last listing that could not be read."""

    __tablename__ = "set_aside"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    seen_at: Mapped[datetime]
    reason: Mapped[str]
    raw: Mapped[str]


class AnswerRow(Base):
    """An answer of a hub to a poll of an account from which something became known; of others nothing is kept."""

    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    hub: Mapped[str] = mapped_column(String(40))
    account: Mapped[str]
    url: Mapped[str]
    status: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))  # of the body, its Content-Encoding undone
    size: Mapped[int]  # of the same, in bytes
    received_at: Mapped[datetime]


class ReleaseRow(Base):
    """A release; its repositories point to it."""

    __tablename__ = "release"
    __table_args__ = ({"sqlite_autoincrement": True},)  # an id is never given twice
    id: Mapped[int] = mapped_column(primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    released_at: Mapped[datetime | None] = mapped_column(index=True)
    basis: Mapped[str]
    first_seen_at: Mapped[datetime]
    weights: Mapped[str] = mapped_column(String(10), server_default="yes")


class RepoRow(Base):
    """A repository, identified for ever by its hub and the hub's own id."""

    __tablename__ = "repo"
    __table_args__ = (UniqueConstraint("hub", "hub_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), index=True)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"), index=True)
    hub: Mapped[str] = mapped_column(String(40))
    hub_id: Mapped[str] = mapped_column(String(200))
    account: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    created_at: Mapped[datetime | None]
    published_after: Mapped[datetime | None]
    published_before: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    state: Mapped[str]
    missing_since: Mapped[datetime | None]
    last_modified: Mapped[datetime | None]
    sha: Mapped[str | None]
    gated: Mapped[str | None]
    licence: Mapped[str | None]
    pipeline_tag: Mapped[str | None]
    library: Mapped[str | None]
    base_models: Mapped[list[str]]
    parameters: Mapped[str | None]  # as text: some hubs count beyond 64 bits
    weights: Mapped[str] = mapped_column(String(10), server_default="yes")
    found_late: Mapped[bool] = mapped_column(server_default=false())
    disabled: Mapped[bool | None]
    licence_name: Mapped[str | None]
    licence_link: Mapped[str | None]
    same_as: Mapped[str | None]
    contents: Mapped[dict[str, Any] | None]
    confirms: Mapped[list[dict[str, Any]] | None]
    first_answers: Mapped[
        list[int] | None
    ]  # ids of the answers that showed it first; None: before they were kept


class CorrectionRow(Base):
    """What a person corrected; a repository is its hub, its id, and of a merge the releases that it was in."""

    __tablename__ = "correction"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number is never given twice
    id: Mapped[int] = mapped_column(primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    repos: Mapped[list[list[Any]]] = mapped_column(JSON)
    rest: Mapped[list[list[Any]]] = mapped_column(JSON)
    name: Mapped[str | None]
    made_at: Mapped[datetime]


class ChangeRow(Base):
    """A difference between two listings."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_number", "number", "id"), Index("ix_change_hub", "hub", "hub_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), index=True)
    hub: Mapped[str] = mapped_column(String(40))
    hub_id: Mapped[str] = mapped_column(String(200))
    repo: Mapped[str]
    kind: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    detail: Mapped[str | None]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    number: Mapped[int | None] = mapped_column(BigInteger)  # where it comes for who follows; None: not yet
    answers: Mapped[list[int] | None]  # ids of those that it came of


class NumberingRow(Base):
    """How far changes and releases were numbered for who follows them; no number is given twice."""

    __tablename__ = "numbering"
    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class AlertRow(Base):
    """A fact worth telling; its key makes it unique."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_kind", "kind", "id"), Index("ix_alert_level", "level", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(400), unique=True)
    organization: Mapped[str | None] = mapped_column(ForeignKey("organization.key"), index=True)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"), index=True)
    kind: Mapped[str]
    level: Mapped[str]
    direction: Mapped[str | None]
    raised_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    subjects: Mapped[list[list[str]]] = mapped_column(JSON)  # hub and id of what it tells of
    message: Mapped[dict[str, Any]]
    answers: Mapped[int | None] = mapped_column(
        ForeignKey("alert.id"), index=True
    )  # whose thread it continues


class NotificationRow(Base):
    """One message for one receiver: the outbox."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("alert_id", "receiver"),
        Index("ix_notification_state_due_at", "state", "due_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    receiver: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))  # waiting, sending, sent, failed
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    attempted_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None]
    doubtful: Mapped[bool]
    plainness: Mapped[int]
    message: Mapped[dict[str, Any] | None]  # as it was first sent, so that every attempt says the same
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    error: Mapped[str | None]
    in_digest: Mapped[bool] = mapped_column(server_default=false())  # goes out with others, in a digest
    carried_by: Mapped[int | None] = mapped_column(ForeignKey("notification.id"), index=True)
    # Was sent, and says something else by now.
    stale: Mapped[bool] = mapped_column(server_default=false(), index=True)


class ReceiverRow(Base):
    """What is known of a receiver: when it may be sent to again, and whether it is parked."""

    __tablename__ = "receiver"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    ready_at: Mapped[datetime]
    parked_at: Mapped[datetime | None]
    error: Mapped[str | None]
    failures: Mapped[int] = mapped_column(
        server_default=text("0")
    )  # attempts in a row without a clear answer
    failed_at: Mapped[datetime | None]  # the last attempt that did not reach it


class MuteRow(Base):
    """An organisation of which nobody is told for a while; its alerts are recorded all the same."""

    __tablename__ = "mute"
    organization: Mapped[str] = mapped_column(ForeignKey("organization.key"), primary_key=True)
    until: Mapped[datetime | None]  # None: until its cadence changes
    made_at: Mapped[datetime]
    made_by: Mapped[str | None]


class EnvelopeRow(Base):
    """What Slack sent us to act on, by its own id: it may come twice."""

    __tablename__ = "envelope"
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
