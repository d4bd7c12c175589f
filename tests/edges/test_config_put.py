"""An organisation as a whole put into the file: what others wrote there stays as they wrote it."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.bundled import bundled
from monitor.config import load
from monitor.config.edit import mark, put
from monitor.config.tables import as_toml
from monitor.core.types import Account, Organization
from monitor.errors import ChangedMeanwhileError, ConfigError

WRITTEN = """\
# whom we watch

[acme]  # the first
name = "Acme"  # as they call it
huggingface = ["acme-ai"]  # their only one

# about others
[other]
# inside other
huggingface = [
    "b",  # bee
    # what is gone
    "a",
    "d",     # dee
]
modelscope = ["x"]

# about last
[last]
huggingface = ["z"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organizations.toml").write_text(WRITTEN)
    return tmp_path


def read(folder: Path, key: str) -> Organization:
    return next(one for one in load(folder).organizations if one.key == key)


def with_accounts(organization: Organization, *accounts: str) -> Organization:
    pairs = [one.split(":") for one in accounts]
    return replace(organization, accounts=tuple(Account(organization.key, *pair) for pair in pairs))


def test_what_is_put_is_what_is_read_and_nothing_else_changes(folder: Path) -> None:
    other = with_accounts(
        read(folder, "other"), "huggingface:b", "huggingface:d", "huggingface:e", "github:g"
    )
    put(folder, replace(other, country="CN", groups=("frontier",), exclude=("*-test",)))
    text = (folder / "organizations.toml").read_text()
    assert read(folder, "other").accounts == other.accounts
    assert text.startswith(WRITTEN.partition("huggingface = [\n    ")[0])
    assert text.endswith('\n# about last\n[last]\nhuggingface = ["z"]\n')
    assert '    "b",  # bee\n    # what is gone\n    "d",     # dee\n    "e",\n]\n' in text
    assert (
        'country = "CN"\ngroups = ["frontier"]\ngithub = ["g"]\nexclude = ["*-test"]\n\n# about last' in text
    )
    assert "modelscope" not in text


def test_a_comment_behind_a_value_outlives_the_value(folder: Path) -> None:
    put(folder, with_accounts(replace(read(folder, "acme"), name="Acme AI"), "huggingface:acme"))
    text = (folder / "organizations.toml").read_text()
    assert 'name = "Acme AI"  # as they call it\nhuggingface = ["acme"]  # their only one\n' in text


def test_a_name_that_is_the_key_need_not_be_said(folder: Path) -> None:
    put(folder, replace(read(folder, "acme"), name="acme"))
    assert (folder / "organizations.toml").read_text() == WRITTEN.replace(
        'name = "Acme"  # as they call it\n', ""
    )


def test_a_new_one_stands_at_the_end_as_its_lines_to_paste_do(folder: Path) -> None:
    new = Organization("new", 'The "New"', (Account("new", "huggingface", "n"),), "FR", include=("a*",))
    put(folder, new)
    assert (folder / "organizations.toml").read_text() == f"{WRITTEN}\n{as_toml(new)}\n"
    assert read(folder, "new") == new


def test_every_shipped_organisation_is_read_as_it_is_pasted(tmp_path: Path) -> None:
    shipped = load(bundled("config")).organizations
    (tmp_path / "organizations.toml").write_text("\n\n".join(map(as_toml, shipped)))
    assert load(tmp_path).organizations == shipped
    for one in shipped:
        put(tmp_path, replace(one, groups=(*one.groups, "mine")))
    assert all(one.groups[-1] == "mine" for one in load(tmp_path).organizations)


def test_a_trial_writes_nothing_and_says_what_would_be_wrong(folder: Path) -> None:
    acme = with_accounts(read(folder, "acme"), "huggingface:acme", "github:acme")
    assert acme in put(folder, acme, is_trial=True).organizations
    with pytest.raises(ConfigError, match=r"huggingface: `z` is watched already"):
        put(folder, with_accounts(acme, "huggingface:z"), is_trial=True)
    assert (folder / "organizations.toml").read_text() == WRITTEN


def test_nobody_overwrites_what_somebody_else_wrote_meanwhile(folder: Path) -> None:
    seen, acme = mark(folder), read(folder, "acme")
    put(folder, replace(acme, name="One"), seen)
    with pytest.raises(ChangedMeanwhileError, match="was changed by somebody else just now"):
        put(folder, replace(acme, name="Two"), seen)
    assert read(folder, "acme").name == "One"


@pytest.mark.parametrize(
    "text",
    ['acme.huggingface = ["a"]\n', 'acme = { huggingface = ["a"] }\n', '["acme"]\nhuggingface = ["a"]\n'],
)
def test_other_spellings_of_a_table_are_changed_too(folder: Path, text: str) -> None:
    (folder / "organizations.toml").write_text(text)
    wanted = replace(with_accounts(read(folder, "acme"), "huggingface:b", "github:b"), country="CN")
    assert put(folder, wanted).organizations == load(folder).organizations == (wanted,)
