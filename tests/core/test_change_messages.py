"""What messages about changes say."""

import pytest

from builders import ACCOUNT, ACME, NOW
from monitor.core.change_messages import account_renamed_message, change_message
from monitor.core.text import message_text
from monitor.core.types import Change, ChangeKind


def change(
    kind: ChangeKind,
    before: str | None = None,
    after: str | None = None,
    detail: str | None = None,
    repo: str = "acme-ai/Foo",
) -> Change:
    return Change("huggingface", repo, repo, kind, NOW, f"https://hub.test/{repo}", before, after, detail)


@pytest.mark.parametrize(
    ("kind", "before", "after", "title"),
    [
        (ChangeKind.WITHDRAWN, None, None, "Acme withdrew acme-ai/Foo"),
        (ChangeKind.RETURNED, None, None, "Acme made acme-ai/Foo public again"),
        (ChangeKind.LICENCE, "mit", "other", "Acme changed the licence of acme-ai/Foo: mit → its own"),
        (ChangeKind.GATING, "no", "manual", "Acme gated acme-ai/Foo"),
        (
            ChangeKind.WEIGHTS,
            "3 files at 1",
            "3 files at 2, 2 replaced",
            "Acme replaced the weights of acme-ai/Foo",
        ),
        (ChangeKind.WEIGHTS, "pending", "3 files", "Acme added the weights of acme-ai/Foo"),
        (ChangeKind.WEIGHTS, "none", "3 files", "Acme added the weights of acme-ai/Foo"),
        (ChangeKind.WEIGHTS, "yes", "none", "Acme removed the weights of acme-ai/Foo"),
        (ChangeKind.DISABLED, "no", "yes", "Acme: Hugging Face disabled acme-ai/Foo"),
        (ChangeKind.DISABLED, "yes", "no", "Acme: Hugging Face enabled acme-ai/Foo again"),
    ],
)
def test_a_change_of_one_repository_names_it_in_the_title(
    kind: ChangeKind, before: str | None, after: str | None, title: str
) -> None:
    message = change_message(ACME, [change(kind, before, after)])
    assert message.title == title
    assert message.lead
    assert message.note == "Seen on Hugging Face at 2026-06-01 12:00 UTC."


def test_changes_of_one_kind_that_went_different_ways_are_said_each() -> None:
    message = change_message(
        ACME,
        [
            change(ChangeKind.WEIGHTS, "yes", "none"),
            change(ChangeKind.WEIGHTS, "1 file at 1", "1 file at 2, 1 replaced", repo="acme-ai/Bar"),
        ],
    )
    assert message.title == "Acme changed the weights of 2 repositories"
    assert "holds no weights any more" in message.lead
    assert "holds other weights now" in message.lead


def test_thirty_four_that_vanish_are_one_message_that_names_ten() -> None:
    gone = [change(ChangeKind.WITHDRAWN, repo=f"acme-ai/Foo-{n}") for n in range(34)]
    message = change_message(ACME, gone)
    assert message.title == "Acme withdrew 34 repositories"
    assert (len(message.links), message.more, message.links[0].url) == (10, 24, None)
    assert message.lead.count("Missing from two complete listings") == 1


def test_replaced_weights_are_named() -> None:
    replaced = change(
        ChangeKind.WEIGHTS, "2 files at 1", "2 files at 2, 2 replaced or removed", "a.gguf\nb.gguf"
    )
    text = message_text(change_message(ACME, [replaced]))
    assert "Files: a.gguf, b.gguf" in text
    assert "acme-ai/Foo: 2 files at 1 → 2 files at 2, 2 replaced or removed" in text


def test_an_edited_licence_shows_what_was_taken_out_and_put_in() -> None:
    edited = change(
        ChangeKind.LICENCE, "LICENSE at 1", "LICENSE at 2", "-for any purpose\n+for research\n+outside the EU"
    )
    assert change_message(ACME, [edited]).lead == (
        "The text of a licence file was edited; the weights may be the same."
        " Taken out: “for any purpose” Put in: “for research outside the EU”"
    )


@pytest.mark.parametrize("sign", ["+", "-", "+-"])
def test_a_long_licence_is_cut_after_six_hundred_characters(sign: str) -> None:
    lines = "\n".join(f"{each}{'word ' * 400}" for each in sign)
    lead = change_message(ACME, [change(ChangeKind.LICENCE, "L at 1", "L at 2", lines)]).lead
    assert 500 < lead.count("word ") * 5 <= 600
    assert lead.endswith("…”")


def test_of_several_edited_licences_one_is_shown_and_named() -> None:
    edits = [
        change(ChangeKind.LICENCE, "LICENSE at 1", "LICENSE at 2", "+no", repo=f"acme-ai/Foo-{n}")
        for n in range(3)
    ]
    message = change_message(ACME, edits)
    assert message.title == "Acme changed the licence of 3 repositories"
    assert message.lead.endswith("In acme-ai/Foo-0: Put in: “no”")


def test_two_changes_of_one_repository_are_of_one_repository() -> None:
    both = [change(ChangeKind.LICENCE, "mit", "other"), change(ChangeKind.LICENCE, "L at 1", "L at 2", "+no")]
    assert change_message(ACME, both).title == "Acme changed the licence of acme-ai/Foo"


def test_a_repository_that_was_made_again_is_not_said_to_be_gone() -> None:
    again = change(ChangeKind.WITHDRAWN, "public", "made again as id2")
    assert change_message(ACME, [again]).lead.startswith("Deleted, and made again")


def test_a_rename_shows_both_names() -> None:
    renamed = change(ChangeKind.RENAMED, "acme-ai/Old", "acme-ai/New", repo="acme-ai/New")
    assert "acme-ai/Old → acme-ai/New" in message_text(change_message(ACME, [renamed]))


def test_the_owner_of_the_configuration_is_told_what_to_write() -> None:
    text = message_text(account_renamed_message(ACCOUNT, "acme-labs"))
    assert text.startswith("huggingface:acme-ai is now called acme-labs")
    assert 'Write: huggingface = ["acme-labs"]' in text
    assert 'Instead of: "acme-ai"; other accounts' in text
