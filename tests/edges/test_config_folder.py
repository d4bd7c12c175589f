"""The folder of the configuration: where it is, what ships in it, and edits that keep a person's comments."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest

from monitor.bundled import bundled
from monitor.config import HUBS, Settings, directory_named, find_directory, fingerprint, load
from monitor.config.edit import add, remove, updates
from monitor.core.types import Account
from monitor.errors import ConfigError

ACME = '[acme]\nhuggingface = ["acme-ai"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organizations.toml").write_text(ACME)
    return tmp_path


# The folder


def test_a_folder_named_on_the_command_line_goes_before_the_variable_and_the_default(tmp_path: Path) -> None:
    for name in ("option", "variable", "config"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "organizations.toml").write_text(ACME)
    environ = {"MONITOR_CONFIG": str(tmp_path / "variable")}
    assert find_directory(Path("option"), environ, tmp_path).directory == tmp_path / "option"
    assert find_directory(None, environ, tmp_path).directory == tmp_path / "variable"
    assert find_directory(None, {"MONITOR_CONFIG": " "}, tmp_path).directory == tmp_path / "config"


@pytest.mark.parametrize("option", [None, Path("deep/down")])
def test_where_there_is_no_configuration_the_starter_is_copied_and_said_so(
    tmp_path: Path, option: Path | None
) -> None:
    found = find_directory(option, {}, tmp_path)
    assert found.directory == tmp_path / (option or "config")
    assert str(found.directory) in found.notice
    assert sorted(path.name for path in found.directory.iterdir()) == ["organizations.toml", "settings.toml"]
    assert load(found.directory).organizations == load(bundled("config")).organizations
    assert find_directory(option, {}, tmp_path).notice == ""


def test_the_starter_does_not_replace_settings_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('poll.every = "1h"\n')
    find_directory(tmp_path, {}, tmp_path)
    assert load(tmp_path).settings.poll.every == timedelta(hours=1)


def test_a_folder_that_is_a_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be put there .*name another folder with --config"):
        find_directory(None, {}, tmp_path)


def test_a_home_folder_that_nobody_has_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"~nobody-of-that-name/x: there is no such home folder; name another"
    ):
        directory_named(Path("~nobody-of-that-name/x"), {}, tmp_path)


def test_a_folder_is_named_with_the_persons_home_and_nothing_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert directory_named(None, {"MONITOR_CONFIG": "~/mine"}, Path("/")) == tmp_path / "mine"
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_changes_the_fingerprint(folder: Path) -> None:
    before = load(folder).fingerprint
    assert fingerprint(folder) == before
    (folder / "settings.toml").write_text("")
    assert fingerprint(folder) != before
    (folder / "settings.toml").unlink()
    assert fingerprint(folder) == before


def test_a_file_that_cannot_be_read_is_an_error_and_not_an_empty_one(folder: Path) -> None:
    (folder / "settings.toml").mkdir()
    with pytest.raises(ConfigError, match=r"settings\.toml: cannot be read"):
        load(folder)


# The shipped files


def test_the_shipped_list_watches_everybody_that_it_promises() -> None:
    promised = """baidu alibaba tencent deepseek moonshot zhipu minimax bytedance stepfun xiaomi baichuan 01ai meituan
        xiaohongshu antgroup shanghai-ai-lab baai openbmb iflytek sensetime kuaishou huawei skywork
        meta mistral google microsoft nvidia openai ai2 ibm"""
    config = load(bundled("config"))
    assert [organization.key for organization in config.organizations] == promised.split()
    assert {organization.country for organization in config.organizations} == {"CN", "US", "FR"}
    assert Account("alibaba", "huggingface", "Qwen") in config.accounts
    assert Account("zhipu", "openrouter", "z-ai") in config.accounts
    assert Counter(account.hub for account in config.accounts) == {
        "huggingface": 55,
        "modelscope": 42,
        "github": 53,
        "openrouter": 27,
    }


def test_the_shipped_settings_are_the_defaults_and_show_them(tmp_path: Path) -> None:
    shipped = (bundled("config") / "settings.toml").read_text()
    assert load(bundled("config")).settings == Settings()
    defaults, _, example = shipped.partition("# [[routes]]\n")
    lines = [re.sub(r"^# (\w+ = )", r"\1", line) for line in defaults.splitlines()]
    assert sum(" = " in line and not line.startswith("#") for line in lines) == 18
    (tmp_path / "organizations.toml").write_text(ACME)
    (tmp_path / "settings.toml").write_text("\n".join(lines))
    assert load(tmp_path).settings == Settings()
    copy(bundled("config") / "organizations.toml", tmp_path)
    (tmp_path / "settings.toml").write_text("[[routes]]\n" + example.replace("# ", ""))
    assert load(tmp_path).settings.routes[0].receivers == ("slack:C0123456789", "slack:C0456789012")


# Edits

COMMENTED = """\
# whom we watch

[acme]  # the first
huggingface = ["acme-ai"]  # their only one

# about others
[other]
# inside other
huggingface = [
    "b",  # bee
    "a",
]

# about last
[last]
huggingface = ["z"]
"""


def test_an_organisation_is_added_at_the_end_and_the_rest_stays(folder: Path) -> None:
    (folder / "organizations.toml").write_text(COMMENTED)
    added = add(folder, "new", ["huggingface:n", "m"], name='The "New"', country="CN", groups=["big"])
    text = (folder / "organizations.toml").read_text()
    assert text.startswith(COMMENTED)
    assert (added.name, added.country, added.groups) == ('The "New"', "CN", ("big",))
    assert load(folder).organizations[-1] == added
    assert [account.name for account in added.accounts] == ["n", "m"]


def test_an_account_is_added_to_an_organisation_that_is_there(folder: Path) -> None:
    (folder / "organizations.toml").write_text(COMMENTED)
    assert [account.name for account in add(folder, "other", ["c"]).accounts] == ["b", "a", "c"]
    text = (folder / "organizations.toml").read_text()
    assert '"b",  # bee' in text
    assert "# about last" in text


def test_a_new_hub_of_an_organisation_stands_before_what_is_said_of_the_next_one(folder: Path) -> None:
    (folder / "organizations.toml").write_text(COMMENTED)
    added = add(folder, "other", ["modelscope:m", "github:g", "github:h"])
    assert [str(account) for account in added.accounts] == [
        *("huggingface:b", "huggingface:a", "modelscope:m", "github:g", "github:h")
    ]
    text = (folder / "organizations.toml").read_text()
    assert '\n]\nmodelscope = ["m"]\ngithub = ["g", "h"]\n\n# about last\n[last]\n' in text
    assert remove(folder, "other") == added
    assert "\n# about last\n[last]\n" in (folder / "organizations.toml").read_text()


def test_an_organisation_is_removed_and_what_is_said_about_others_stays(folder: Path) -> None:
    (folder / "organizations.toml").write_text(COMMENTED)
    assert remove(folder, "other").key == "other"
    text = (folder / "organizations.toml").read_text()
    assert [organization.key for organization in load(folder).organizations] == ["acme", "last"]
    assert "# whom we watch\n\n[acme]  # the first\n" in text
    assert "\n# about last\n[last]\n" in text
    assert "inside other" not in text


def test_any_shipped_organisation_can_be_removed_and_added_again(tmp_path: Path) -> None:
    shipped = load(bundled("config")).organizations
    find_directory(tmp_path, {}, tmp_path)
    comments = (tmp_path / "organizations.toml").read_text().partition("\n\n")[0]
    assert comments.count("\n#") > 20
    for gone in shipped[:-1]:
        assert remove(tmp_path, gone.key) == gone
    assert load(tmp_path).organizations == shipped[-1:]
    assert (tmp_path / "organizations.toml").read_text().startswith(comments)
    again = add(
        tmp_path,
        shipped[0].key,
        [str(account) for account in shipped[0].accounts],
        name=shipped[0].name,
        country=shipped[0].country,
        groups=shipped[0].groups,
    )
    assert again == shipped[0]


@pytest.mark.parametrize(
    ("key", "account", "problem"),
    [
        ("Bad Key", "a", "is no key"),
        ("new", "a/b", "is no account name"),
        ("new", "ACME-AI", "is watched already"),
        ("acme", "acme-ai", "is watched already"),
        ("new", "gitlab:a", "is no hub of this version; known: huggingface, modelscope, github, openrouter"),
        ("new", "github:a", "has accounts on github alone"),
    ],
)
def test_an_edit_with_a_bad_result_leaves_the_file_as_it_was(
    folder: Path, key: str, account: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        add(folder, key, [account])
    assert (folder / "organizations.toml").read_text() == ACME
    assert [path.name for path in folder.iterdir()] == ["organizations.toml"]


def test_removing_a_key_that_is_not_there_suggests_one_that_is(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"acne: no organisation has this key; did you mean `acme`\?"):
        remove(folder, "acne")


def test_a_file_that_is_invalid_already_is_not_edited(folder: Path) -> None:
    (folder / "organizations.toml").write_text(ACME + "x = 1\n")
    with pytest.raises(ConfigError, match=r"acme\.x: unknown key"):
        add(folder, "new", ["n"])
    assert (folder / "organizations.toml").read_text() == ACME + "x = 1\n"


def test_an_edit_keeps_the_mode_of_the_file_and_follows_a_link(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.toml"
    (folder / "organizations.toml").rename(real)
    real.chmod(0o640)
    (folder / "organizations.toml").symlink_to(real)
    add(folder, "new", ["n"])
    assert (folder / "organizations.toml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "[new]" in real.read_text()


def test_updates_names_what_the_shipped_list_has_and_this_one_lacks(tmp_path: Path) -> None:
    find_directory(tmp_path, {}, tmp_path)
    assert updates(load(tmp_path)) == ()
    remove(tmp_path, "deepseek")
    text = (tmp_path / "organizations.toml").read_text()
    text = text.replace('    "baidu",         # ERNIE, Qianfan\n', "").replace("[openai]", "[my-openai]")
    text = text.replace('modelscope = ["moonshotai"]\n', "")
    (tmp_path / "organizations.toml").write_text(text)
    lacking = updates(load(tmp_path))
    assert [(item.key, [str(account) for account in item.accounts]) for item in lacking] == [
        ("baidu", ["huggingface:baidu"]),
        ("deepseek", [f"{hub}:deepseek-ai" for hub in HUBS[:3]] + ["openrouter:deepseek"]),
        ("moonshot", ["modelscope:moonshotai"]),
    ]
