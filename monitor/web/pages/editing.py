"""Change the watch list: add an organisation, edit one, take one out; looked at with the hubs before it is saved."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from monitor.config import HUBS, Config, load
from monitor.config.edit import mark, put, remove, updates
from monitor.config.tables import as_toml
from monitor.core.types import Organization
from monitor.errors import ChangedMeanwhileError, ConfigError, NotWritableError
from monitor.web.entered import Entered, by_field
from monitor.web.rendering import page
from monitor.web.site import Site, site_of, visitor_of
from monitor.web.trying import Trial, checked, tried

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)

LIST = "/watchlist"
Wanted = Annotated[str, Query(max_length=80)]


async def _own_form(request: Request) -> Mapping[str, str]:
    """Return the texts of a form of ours. Raises HTTPException 403 for one that another session made."""
    async with request.form(max_files=0, max_fields=40) as form:
        found = {name: value for name, value in form.items() if isinstance(value, str)}
    session = visitor_of(request).session
    # Who sends the token itself needs no form of ours: no browser does that by itself.
    if session is not None and not site_of(request).access.is_form_of(session, found.get("form")):
        raise HTTPException(403, "That form is not one of this session; load the page again.")
    return found


Form = Annotated[Mapping[str, str], Depends(_own_form)]


@dataclass(frozen=True, slots=True)
class _Edit:
    """A form under way: what was entered, of whom, and the mark of the file that it began with; "" of a program's."""

    request: Request
    entered: Entered
    is_new: bool
    mark: str

    def shown(
        self, status: int = 200, *, problems: Mapping[str, str] | None = None, trial: Trial | None = None
    ) -> Response:
        """Show the form, with what is wrong at each field, and with what the hubs said."""
        title = (
            "Add an organisation" if self.is_new else f"Edit {self.entered.texts['name'] or self.entered.key}"
        )
        return page(
            self.request,
            "watch_form.html",
            status,
            title=title,
            edit=self,
            problems=problems or {},
            trial=trial,
            chart=Markup(trial.chart) if trial and trial.chart else None,  # noqa: S704 - escapes its texts
            hubs=HUBS,
        )


@router.get("/watchlist/add")
def add_page(request: Request, organization: Wanted = "") -> Response:
    """Show an empty form, or one that is filled with an organisation of the shipped list."""
    site = site_of(request)
    config, seen = _config(site), mark(site.directory)
    if not organization:
        return _Edit(request, Entered.nothing(), True, seen).shown()
    shipped = next((one for one in updates(config) if one.key == organization), None)
    if shipped is None:
        raise HTTPException(
            404, "The list that comes with the monitor has nothing of it that is not watched."
        )
    known = _find(config, organization)
    whole = replace(known, accounts=known.accounts + shipped.accounts) if known else shipped
    return _Edit(request, Entered.like(whole), known is None, seen).shown()


@router.get("/watchlist/edit")
def edit_page(request: Request, organization: Wanted) -> Response:
    """Show the form of one that is watched."""
    site = site_of(request)
    entered = Entered.like(_watched(_config(site), organization))
    return _Edit(request, entered, False, mark(site.directory)).shown()


@router.post("/watchlist/edit")
def edit(request: Request, form: Form) -> Response:
    """Try what was entered, or save it; what is wrong is said at its field, and what was typed stays."""
    site = site_of(request)
    this = _Edit(request, Entered.of(form), form.get("is_new") == "yes", form.get("mark", ""))
    try:
        organization = this.entered.organization()
        config = load(site.directory)
        if this.is_new and _find(config, organization.key):
            raise ConfigError(["key: is on the watch list already; edit it there, or choose another key"])
        put(site.directory, organization, this.mark or None, is_trial=True)
        saving = form.get("do") == "save"
        trial = (checked if saving else tried)(site, organization, config)
        if trial.unknown():
            return this.shown(422 if saving else 200, problems=trial.unknown(), trial=trial)
        return _save(this, organization, trial) if saving else this.shown(trial=trial)
    except ChangedMeanwhileError:
        return _changed_meanwhile(site, this)
    except ConfigError as error:
        return this.shown(422, problems=by_field(_without_folder(site, error), this.entered.key))


@router.get("/watchlist/remove")
def remove_page(request: Request, organization: Wanted) -> Response:
    """Ask whether it is meant, and say what becomes of its log."""
    one = _watched(_config(site_of(request)), organization)
    return page(request, "watch_remove.html", title=f"Stop watching {one.name}?", one=one)


@router.post("/watchlist/remove")
def take_out(request: Request, form: Form) -> Response:
    """Take one out of the file."""
    site = site_of(request)
    one = _watched(_config(site), form.get("organization", ""))
    try:
        remove(site.directory, one.key)
    except NotWritableError:
        return _by_hand(request, one, "Take these lines out of it", is_gone=True)
    return _done(request, one, removed=one.key)


def _save(this: _Edit, organization: Organization, trial: Trial) -> Response:
    """Write it to the file, or show the lines to paste where that cannot be written."""
    try:
        put(site_of(this.request).directory, organization, this.mark or None)
    except NotWritableError:
        what = "Paste these lines into it, in place of what stands there under this key"
        return _by_hand(this.request, organization, what, is_gone=False)
    doubtful = sum(said.doubt is not None for said in trial.checked.values())
    return _done(
        this.request, organization, saved=organization.key, **({"doubtful": doubtful} if doubtful else {})
    )


def _done(request: Request, organization: Organization, **said: str | int) -> Response:
    log.info("changed_from_web", organization=organization.key, what=next(iter(said)))
    return RedirectResponse(f"{LIST}?{urlencode(said)}", 303)


def _changed_meanwhile(site: Site, this: _Edit) -> Response:
    """Keep what was typed; who has looked at the file saves once more."""
    name = "What you typed is kept, nothing was saved"
    problem = (
        f"Somebody else changed the watch list since you began. {name}: look at the list, then save again."
    )
    return replace(this, mark=mark(site.directory)).shown(409, problems={"": problem})


def _by_hand(request: Request, one: Organization, what: str, *, is_gone: bool) -> Response:
    return page(
        request,
        "watch_by_hand.html",
        409,
        title=f"{one.name}: a change to make by hand",
        what=what,
        lines=as_toml(one),
        is_gone=is_gone,
        place=str(site_of(request).directory / "organizations.toml"),
    )


def _config(site: Site) -> Config:
    """Return the files as they are. Raises HTTPException 409 where they are bad: a person has to mend them first."""
    try:
        return load(site.directory)
    except ConfigError as error:
        raise HTTPException(409, f"Mend the files first: {'; '.join(_without_folder(site, error))}") from None


def _watched(config: Config, key: str) -> Organization:
    """Return one of the watch list. Raises HTTPException 404 where there is none of that key."""
    found = _find(config, key)
    if found is None:
        raise HTTPException(404, "Nobody on the watch list has that key.")
    return found


def _find(config: Config, key: str) -> Organization | None:
    return next((one for one in config.organizations if one.key == key), None)


def _without_folder(site: Site, error: ConfigError) -> list[str]:
    """Return what is wrong without where the files are, which is nobody's business here."""
    return [problem.replace(f"{site.directory}{os.sep}", "") for problem in error.problems]
