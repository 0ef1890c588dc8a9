import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from photo_sync import target
from photo_sync.errors import Rejected
from photo_sync.folder.plan import OF_NAMES, Action, Plan, Rename, plan
from photo_sync.folder.survey import Survey
from photo_sync.folder.verdict import Verdict
from photo_sync.ledger import Line
from photo_sync.standing import Standing
from photo_sync.storage import Upload

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ADA, TIM = "users/ada@contoso.com.jpg", "users/tim@contoso.com.jpg"
NOTHING = Survey({}, {})


def good(name: str, md5: str = "", kind: str = "users") -> Verdict:
    """A file that is accepted, its content named by its MD5."""
    target = f"/{name.rpartition('.')[0]}/photo/$value"
    return Verdict(file=name, name=name, md5=md5 or name, size=9, target=target, kind=kind)


def bad(name: str, suggestion: str = "", code: str = "unknown-kind") -> Verdict:
    """A file that is refused for its name."""
    return replace(good(name), target="", suggestion=suggestion).refused(Rejected(code, "It is refused."))


def there(name: str, md5: str, outcome: str = "synced", code: str = "", etag: str = "1") -> Standing:
    """A photo in the container, whose receipt is about an upload with that ETag."""
    return Standing(name, Upload(name, "1", 9, NOW, md5), Line(name, etag, outcome, None, code))


def surveyed(*standings: Standing, names: tuple[str, ...] = (ADA, TIM)) -> Survey:
    return Survey.of(standings, set(names))


def actions(planned: Plan) -> list[Action]:
    return [step.action for step in planned.steps]


def test_what_is_new_or_changed_goes_up_and_what_is_the_same_is_kept() -> None:
    planned = plan([good(ADA, "a"), good(TIM, "b")], surveyed(there(ADA, "a"), there(TIM, "c")))
    assert actions(planned) == [Action.KEEP, Action.REPLACE]
    assert [(step.etag, step.uploaded) for step in planned.steps] == [("1", NOW)] * 2
    assert actions(plan([good(ADA, "a")], surveyed(there(TIM, "a")))) == [Action.UPLOAD]


def test_what_storage_has_no_md5_of_goes_up_again() -> None:
    assert actions(plan([good(ADA)], surveyed(there(ADA, "")))) == [Action.REPLACE]


def test_a_file_of_another_size_goes_up_again() -> None:
    assert actions(plan([replace(good(ADA, "a"), size=8)], surveyed(there(ADA, "a")))) == [Action.REPLACE]


def test_where_only_a_receipt_is_left_nothing_is_replaced() -> None:
    assert actions(plan([good(ADA)], surveyed(replace(there(ADA, "a"), upload=None)))) == [Action.UPLOAD]


def test_what_will_be_refused_goes_up_all_the_same_or_is_left_out_by_order() -> None:
    verdicts = [good(ADA), bad("people/tim.jpg")]
    assert actions(plan(verdicts, NOTHING)) == [Action.UPLOAD, Action.UPLOAD]
    assert actions(plan(verdicts, NOTHING, matched_only=True)) == [Action.UPLOAD, Action.LEAVE]


@pytest.mark.parametrize(
    "verdict",
    [
        replace(bad(ADA, code="unreadable"), md5=""),
        replace(bad(ADA, code="file-too-large"), md5=""),
        replace(bad("people/ada.jpg"), md5="", besides="It is too large."),
        Verdict(file="E1.jpg").refused(Rejected("not-in-list", "It is not in the list.")),
        bad("users\\ada.jpg"),
        bad("users/ada.jpg."),
        bad("users./ada.jpg"),
        bad("users/a\x07da.jpg"),
        bad("users/a\udcffda.jpg"),
        good(f"users/{'a' * 1_020}.jpg"),
        good("users/a\ufffeda.jpg"),
    ],
)
def test_what_cannot_be_uploaded_is_left_out_with_a_reason(verdict: Verdict) -> None:
    (step,) = plan([verdict], NOTHING).steps
    assert step.action == Action.LEAVE
    assert step.verdict.reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (good(ADA), good("users/ada@contoso.com.png")),
        (good(ADA), good("users/Ada@Contoso.com.jpg")),
        (good(ADA), replace(good("x/ada.jpg"), target=good(ADA).target)),
        (good(ADA), good("users/ada@contoso.com.png").refused(Rejected("damaged", "It is damaged."))),
        (bad("people/a.jpg"), replace(bad("people/a.jpg"), file="b.jpg")),
    ],
)
def test_files_for_the_same_photo_are_left_out_and_name_each_other(one: Verdict, other: Verdict) -> None:
    first, second, third = plan([one, other, good(TIM)], NOTHING).steps
    assert (first.verdict.code, first.action) == (second.verdict.code, second.action) == ("conflict", Action.LEAVE)
    assert first.verdict.reason.startswith(f"“{other.file}” is for the same photo.")
    assert second.verdict.reason.startswith(f"“{one.file}” is for the same photo.")
    assert third.action == Action.UPLOAD


def test_contacts_whose_ids_differ_in_case_are_two() -> None:
    one, other = good("contacts/AAMk.jpg", kind="contacts"), good("contacts/aamk.jpg", kind="contacts")
    assert actions(plan([one, other], NOTHING)) == [Action.UPLOAD, Action.UPLOAD]


@pytest.mark.parametrize(
    ("verdicts", "suggestion"),
    [
        ([bad("people/ada.jpg", ADA)], ADA),
        ([bad("users/ada@contoso.com.jfif", ADA)], ADA),
        ([bad("people/ada.jpg", ADA), good(ADA)], ""),
        ([bad("people/ada.jpg", ADA), good("users/Ada@contoso.com.png")], ""),
        ([bad("people/ada.jpg", ADA), bad("user/ada.jpg", ADA)], ""),
    ],
)
def test_what_would_only_make_a_conflict_is_not_suggested(verdicts: list[Verdict], suggestion: str) -> None:
    assert plan(verdicts, NOTHING).steps[0].verdict.suggestion == suggestion


@pytest.mark.parametrize(
    ("old", "is_renamed"),
    [
        (there("people/ada.jpg", "a", "rejected", "unknown-kind"), True),
        (there("users/ada@contoso.com.jfif", "a", "rejected", "unknown-extension"), True),
        # another extension for the same one
        (there("users/Ada@contoso.com.png", "b", "rejected", "damaged"), True),
        (there("users/Ada@contoso.com.png", "b", "failed", "damaged"), False),
        # no extension at all: somebody else's id
        (there("users/ada@contoso.com.smith", "b", "rejected", "unknown-extension"), False),
        # somebody's own name, whom Microsoft 365 may know by now
        (there("users/newhire@contoso.com.jpg", "a", "retrying", "no-such-target"), False),
        (there("users/newhire@contoso.com.jpg", "a", "failed", "no-such-target"), False),
        (there("users/E1.jpg", "a", "rejected", "no-such-person"), False),
        # refused for the picture's sake
        (there("users/grace.jpg", "a", "rejected", "too-small"), False),
        (there("users/grace.jpg", "a", "rejected", "no-face"), False),
        # what is well, or failed for another reason, may be somebody else's
        (there("users/grace.jpg", "a", "synced"), False),
        (there("users/grace.jpg", "a", "failed", "permission-missing"), False),
        (there("users/grace.jpg", "a", "retrying", "throttled"), False),
        # another picture, or one that was uploaded since
        (there("people/ada.jpg", "b", "rejected", "unknown-kind"), False),
        (there("people/ada.jpg", "a", "rejected", "unknown-kind", etag="0"), False),
        # what is in the folder
        (there(TIM, "a", "rejected", "unknown-kind"), False),
    ],
)
def test_what_was_refused_and_has_another_name_now_is_renamed(old: Standing, *, is_renamed: bool) -> None:
    planned = plan([good(ADA, "a"), good(TIM, "t")], surveyed(old))
    assert planned.renames == ([Rename(old.name, ADA, "1")] if is_renamed else [])


def test_the_same_bytes_of_several_people_are_no_rename() -> None:
    """A silhouette is the same bytes for many: who of them has another name now cannot be told."""
    old = there("people/ada.jpg", "a", "rejected", "unknown-kind")
    for other in (there("users/grace.jpg", "a"), there("people/x.jpg", "a", "rejected", "unknown-kind")):
        assert plan([good(ADA, "a")], surveyed(old, other)).renames == []
    assert plan([good(ADA, "a"), good(TIM, "a")], surveyed(old)).renames == []


def test_a_blob_without_md5_is_no_old_name() -> None:
    verdict = replace(good(ADA), md5="", size=9)
    assert plan([verdict], surveyed(there("people/ada.jpg", "", "rejected", "unknown-kind"))).renames == []


@pytest.mark.parametrize(("id_", "is_same"), [("AAMk", True), ("aamk", False)])
def test_another_file_for_the_same_contact_has_the_very_same_id(id_: str, *, is_same: bool) -> None:
    old = there(f"contacts/{id_}.png", "b", "rejected", "damaged")
    planned = plan([good("contacts/AAMk.jpg", "a", kind="contacts")], surveyed(old, names=("contacts/AAMk.jpg",)))
    assert bool(planned.renames) == is_same


@pytest.mark.parametrize(
    ("verdict", "other", "is_told"),
    [
        (good(ADA), there("users/Ada@contoso.com.png", "b"), True),
        (good(ADA), there("users/ada@contoso.com.png", "b", "failed", "permission-missing"), True),
        (good(ADA), there("users/ada@contoso.com.png", "b", "rejected", "damaged"), False),
        (good(ADA), there("users/grace@contoso.com.png", "b"), False),
        (good("contacts/AAMk.jpg", kind="contacts"), there("contacts/aamk.png", "b"), False),
        (bad(ADA, code="damaged"), there("users/ada@contoso.com.png", "b"), False),
    ],
)
def test_another_file_for_the_same_photo_that_is_there_is_told(
    verdict: Verdict, other: Standing, *, is_told: bool
) -> None:
    (step,) = plan([verdict], surveyed(other, names=(verdict.name,))).steps
    told = f"“{other.name}” is there already for the same photo; the one that is sent last stays."
    assert step.verdict.warning == (f"{told} Take one of them away." if is_told else "")


def test_nothing_is_renamed_to_what_is_refused_itself_or_left_out() -> None:
    old = there("people/ada.jpg", "a", "rejected", "unknown-kind")
    for verdict in (bad("user/ada.jpg"), bad(ADA, code="unreadable")):
        assert plan([replace(verdict, md5="a")], surveyed(old)).renames == []


def test_only_what_is_there_byte_for_byte_and_accepted_is_settled() -> None:
    survey = surveyed(there(ADA, "a"), there(TIM, "t", "rejected"))
    assert survey.is_settled(good(ADA, "a"))
    assert not survey.is_settled(good(ADA, "b"))
    assert not survey.is_settled(good(TIM, "t"))
    assert not survey.is_settled(bad(ADA))
    assert not survey.is_settled(good("users/grace.jpg"))


def test_a_plan_with_nothing_to_do_is_idle() -> None:
    assert plan([good(ADA, "a")], surveyed(there(ADA, "a"))).is_idle
    old = there("people/ada.jpg", "a", "rejected", "unknown-kind")
    assert not plan([good(ADA, "a")], surveyed(there(ADA, "a"), old)).is_idle
    assert not plan([good(ADA, "b")], surveyed(there(ADA, "a"))).is_idle
    assert not plan([good(ADA)], NOTHING).is_idle


def test_the_codes_of_names_are_all_those_of_names_that_are_nobody_s() -> None:
    source = Path(str(target.__file__)).read_text("utf-8")
    codes = set(re.findall(r'Rejected\(\s*"([a-z-]+)"', source))
    assert codes - {"needs-sign-in", "no-contacts-mailbox"} == OF_NAMES
