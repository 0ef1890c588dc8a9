from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_sync.errors import Rejected
from photo_sync.guard import Guard, is_possible
from photo_sync.target import SHAPES


def refusal(check: Callable[[Sequence[str]], None], *names: str) -> str:
    """The code of a refusal; empty where there is none."""
    try:
        check(names)
    except Rejected as refused:
        return refused.code
    return ""


def is_denied(pattern: str, *names: str) -> bool:
    return refusal(Guard(deny=(pattern,)).check_deny, *names) == "denied"


def is_allowed(pattern: str, *names: str) -> bool:
    return refusal(Guard(allow=(pattern,)).check_allow, *names) != "not-allowed"


# What a pattern means


@pytest.mark.parametrize(
    ("pattern", "name", "means"),
    [
        ("*", "users/ada@contoso.com", True),
        ("*", "groups/42", True),
        ("users", "users/ada@contoso.com", True),
        ("users/*", "users/ada@contoso.com", True),
        ("users/*", "groups/42", False),
        ("users/ada@contoso.com", "users/ada@contoso.com", True),
        ("users/ada@contoso.com", "users/ada@contoso.com.au", False),
        ("users/ada@contoso.com", "users/lada@contoso.com", False),
        ("users/admin*", "users/admin@contoso.com", True),
        ("users/admin*", "users/sysadmin@contoso.com", False),
        ("users/*admin*", "users/sysadmin@contoso.com", True),
        ("users/*@contoso.com", "users/ada@contoso.com", True),
        ("users/*@contoso.com", "users/ada@fabrikam.com", False),
        ("users/E100?", "users/E1001", True),
        ("users/E100?", "users/E100", False),
        ("users/E100?", "users/E10012", False),
        ("*/42", "groups/42", True),
        ("g*/42", "groups/42", True),
        ("users/[a]", "users/[a]", True),
        ("users/[a]", "users/a", False),
        ("users/a.c", "users/abc", False),
        ("users/a\\*", "users/a*", False),
    ],
)
def test_a_pattern_means_whole_names_with_stars_and_question_marks(pattern: str, name: str, *, means: bool) -> None:
    assert (is_denied(pattern, name), is_allowed(pattern, name)) == (means, means)


@pytest.mark.parametrize(
    ("pattern", "name", "means"),
    [
        ("users/ada*", "users/ada@contoso.com/contacts/c", True),
        ("users/ada*", "users/ada@contoso.com/contactFolders/f/contacts/c", True),
        ("users/*/contacts", "users/ada@contoso.com/contacts/c", True),
        ("users/*/contacts", "users/ada@contoso.com", False),
        ("users/*@contoso.com", "users/ada@fabrikam.com/contacts/x@contoso.com", False),
        ("users/a?c", "users/a/c", False),
        ("users/*/contacts/c", "users/ada/contactFolders/contacts/c", False),
    ],
)
def test_what_means_a_folder_means_all_that_is_in_it_and_a_star_stays_in_one_part(
    pattern: str, name: str, *, means: bool
) -> None:
    assert (is_denied(pattern, name), is_allowed(pattern, name)) == (means, means)


@pytest.mark.parametrize("name", ["users/ADMIN@Contoso.com", "Users/admin@contoso.COM"])
@pytest.mark.parametrize("pattern", ["users/admin@*", "USERS/Admin@*"])
def test_capitals_do_not_count(pattern: str, name: str) -> None:
    assert is_denied(pattern, name)
    assert is_allowed(pattern, name)


@pytest.mark.parametrize(("one", "other"), [("josé", "jose\u0301"), ("ÅSA", "a\u030asa"), ("ΣΊΣΥΦΟΣ", "σίσυφος")])
def test_two_ways_to_write_one_character_are_one(one: str, other: str) -> None:
    assert is_allowed(f"users/{one}", f"users/{other}")
    assert is_denied(f"users/{other}", f"users/{one}")


@pytest.mark.parametrize(
    "spelled",
    [
        "ádmin@contoso.com",
        "a\u0301dmin@contoso.com",
        "a\u034fdmin@contoso.com",
        "\uff41\uff44min@contoso.com",
        "admin\uff20contoso.com",
        "adm\u0130n@contoso.com",
        "admin@conto\u017fo.com",
        "admin%40contoso.com",
        "%61dmin@contoso.com",
        "admin%2540contoso.com",
        "admin@contoso.com.",
        "admin@contoso.com..",
        "admin@contoso.com.%20",
        "admin@contoso.com\uff0e",
        "('admin@contoso.com')",
        "'admin@contoso.com'",
        "admin@contoso.com%2Fcontacts",
    ],
)
def test_what_graph_may_take_for_the_same_is_denied_but_not_allowed(spelled: str) -> None:
    assert is_denied("users/admin@contoso.com", f"users/{spelled}")
    assert not is_allowed("users/admin@contoso.com", f"users/{spelled}")


@pytest.mark.parametrize("name", ["users/x\u0301", "users/%41", "users/\ufb01"])
def test_a_question_mark_denies_a_character_as_it_is_written_and_as_it_may_be_taken(name: str) -> None:
    written = name.removeprefix("users/")
    assert is_denied(f"users/{'?' * len(written)}", name)
    assert is_denied({"x\u0301": "users/?", "%41": "users/?", "\ufb01": "users/??"}[written], name)


@pytest.mark.parametrize("pattern", ["users/(*)", "users/*.", "users/'*"])
def test_what_stands_around_a_part_of_a_pattern_stays_there(pattern: str) -> None:
    assert not is_denied(pattern, "users/ada@contoso.com")


def test_any_of_the_names_counts() -> None:
    names = ("teams/42", "groups/42")
    assert is_denied("groups/42", *names)
    assert is_denied("teams/42", *names)
    assert is_allowed("groups/42", *names)
    assert is_allowed("teams/42", *names)


# What is refused


def test_without_patterns_everything_is_allowed_and_nothing_denied() -> None:
    Guard().check_deny(["users/ada"])
    Guard().check_allow(["users/ada"])


def test_any_of_the_patterns_counts() -> None:
    guard = Guard(allow=("groups/*", "users/a*"), deny=("groups/*", "users/a*"))
    for names in (["groups/42"], ["users/ada"]):
        guard.check_allow(names)
        with pytest.raises(Rejected):
            guard.check_deny(names)


def test_a_refusal_names_the_file_the_setting_and_the_pattern() -> None:
    guard = Guard(allow=("users/*",), deny=("groups/*", "users/Admin*"))
    with pytest.raises(Rejected, match=r"“users/E1” is never touched: DENY has “users/Admin\*”"):
        guard.check_deny(["users/E1", "users/42", "users/admin@contoso.com"])
    with pytest.raises(Rejected, match="“teams/42” is not touched: no pattern in ALLOW means it"):
        guard.check_allow(["teams/42", "groups/42"])


def test_a_refusal_stays_short_however_long_the_name() -> None:
    with pytest.raises(Rejected) as refusal:
        Guard(deny=("*",)).check_deny(["users/" + "x" * 1_000])
    assert len(refusal.value.reason) < 500


# Which patterns are none


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "us*",
        "users",
        "users/admin*",
        "USERS/Admin*",
        "users/*@contoso.com",
        "users/*/contacts",
        "users/*/contact*/*",
        "users/*/contactFolders/f/contacts/c",
        "groups/*",
        "teams/42",
        "contacts/*",
        "*/*",
    ],
)
def test_a_pattern_that_a_name_can_match_is_one(pattern: str) -> None:
    assert is_possible(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "admin@contoso.com",
        "*@contoso.com",
        "user/admin*",
        "people/*",
        "me",
        "me/contacts/*",
        "users//admin*",
        "users/admin*/photos",
        "groups/42/contacts/c",
        "users/a/b/c/d/e/f",
        "users/admin@contoso.com.jpg",
        "users/*.PNG",
        "users/admin*; users/root*",
        "users\\admin*",
        "users/*\\admin",
        "users/ admin*",
        "users/ad\u200bmin*",
        "",
    ],
)
def test_a_pattern_that_no_name_can_match_is_a_mistake(pattern: str) -> None:
    assert not is_possible(pattern)


IDS = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="/\\"), min_size=1)
NAMES = st.builds(
    lambda shape, id_: "/".join(id_ if part.startswith("<") else part for part in shape.name.split("/")),
    st.sampled_from([shape for shape in SHAPES if not shape.name.startswith("me")]),
    IDS,
)


@given(NAMES)
@settings(deadline=None)
def test_whatever_the_name_it_means_itself_when_no_character_in_it_is_special(name: str) -> None:
    plain = name.replace("*", "+").replace("?", "+")
    assert is_denied(plain, plain)
    assert is_allowed(plain, plain)


@given(NAMES, st.text("*?[]!ab/", max_size=12))
@settings(deadline=None)
def test_what_is_allowed_by_a_pattern_would_be_denied_by_it(name: str, pattern: str) -> None:
    assert is_denied(pattern, name) or not is_allowed(pattern, name)
