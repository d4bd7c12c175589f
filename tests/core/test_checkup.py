"""Which scopes the app of Slack needs, and what is said of one that it lacks."""

import pytest

from monitor.core.checkup import State, Use, missing_scopes, scopes_used

ALL = Use(commands=True, pictures=True)
LEAST = Use(commands=False, pictures=False)


def test_an_app_with_every_scope_lacks_none() -> None:
    assert list(missing_scopes(scopes_used(ALL), ALL)) == []


@pytest.mark.parametrize("scope", scopes_used(ALL))
def test_each_missing_scope_is_named_with_its_purpose_and_what_to_click(scope: str) -> None:
    (finding,) = missing_scopes([one for one in scopes_used(ALL) if one != scope], ALL)
    assert finding.text.startswith(f"{scope} is missing, for ")
    assert finding.remedy
    assert finding.remedy.endswith(f"Add an OAuth Scope → {scope}; then Reinstall to Workspace")
    assert (finding.state is State.PROBLEM) == (scope == "chat:write")


def test_what_is_not_used_needs_no_scope() -> None:
    assert set(scopes_used(ALL)) - set(scopes_used(LEAST)) == {"commands", "files:write"}
