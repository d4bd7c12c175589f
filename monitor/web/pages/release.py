"""One release: where it appeared, what it is, why it is one, what changed since, and the evidence."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from monitor.core.appearances import lead_text
from monitor.core.lineage import why_one
from monitor.core.types import Organization
from monitor.core.variants import variants_text
from monitor.store import Transaction
from monitor.store.alert_list import AlertQuery, alert_page
from monitor.store.answers import evidence_of
from monitor.store.asking import organization_names
from monitor.store.changes_of import changes_of
from monitor.store.correcting import corrections_about
from monitor.store.corrections import merged_into, no_release
from monitor.store.release_log import find_release, neighbours
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

ReleaseId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/releases/{release_id}")
def show(request: Request, release_id: ReleaseId) -> Response:
    """Show it; an id that was merged away leads to the release that holds its repositories now."""
    site = site_of(request)
    with site.browsing() as tx:
        found = find_release(tx, release_id)
        if found is None:
            merged = merged_into(tx, release_id)
            if merged is None:
                raise HTTPException(404, _sentence(no_release(tx, release_id)))
            return RedirectResponse(f"/releases/{merged[0]}", 301)
        row, release = found
        key = row["organization"]
        models = [known for known in release.repos if not known.is_witness]
        shown: dict[str, Any] = {
            "name": organization_names(tx)[key],
            "lead": lead_text(release, Organization(key, key, ()), site.clock()),
            "variants": variants_text(models),
            "why": why_one(release),
            "corrections": corrections_about(tx, key, release),
            "evidence": evidence_of(tx, release_id),
            "changes": changes_of(tx, [known.key for known in release.repos]),
            "alerts": alert_page(tx, AlertQuery(release=release_id)).rows,
            **_neighbours(tx, release_id, key),
        }
    return page(request, "release.html", title=row["name"], release=row, models=len(models), **shown)


def _neighbours(tx: Transaction, release_id: int, key: str) -> dict[str, Any]:
    before, after = neighbours(tx, release_id, key)
    return {"before": before, "after": after}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
