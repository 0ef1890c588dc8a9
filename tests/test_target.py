import re
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_sync.errors import Rejected
from photo_sync.target import EXTENSIONS, Kind, Target

MAILBOX = "frontdesk@contoso.com"
GROUP = "02bd9fd6-8f93-4758-87c3-1fb73740a315"
CONTACT = "AAMkAGI2_Ab-c=="


def refusal(name: str, contacts_mailbox: str | None = None) -> Rejected:
    with pytest.raises(Rejected) as caught:
        Target.parse(name, contacts_mailbox=contacts_mailbox)
    return caught.value


# What a name means


@pytest.mark.parametrize(
    ("name", "kind", "id_", "owner", "photo_path"),
    [
        ("users/ada@contoso.com.jpg", "users", "ada@contoso.com", "", "/users/ada%40contoso.com/photo/$value"),
        (f"users/{GROUP}.jpg", "users", GROUP, "", f"/users/{GROUP}/photo/$value"),
        (f"groups/{GROUP}.jpg", "groups", GROUP, "", f"/groups/{GROUP}/photo/$value"),
        (f"teams/{GROUP}.jpg", "teams", GROUP, "", f"/groups/{GROUP}/photo/$value"),
        (
            f"users/ada@contoso.com/contacts/{CONTACT}.jpg",
            "contacts",
            CONTACT,
            "ada@contoso.com",
            "/users/ada%40contoso.com/contacts/AAMkAGI2_Ab-c%3D%3D/photo/$value",
        ),
        (
            f"users/ada@contoso.com/contactFolders/AQMk=/contacts/{CONTACT}.jpg",
            "contacts",
            CONTACT,
            "ada@contoso.com",
            "/users/ada%40contoso.com/contactFolders/AQMk%3D/contacts/AAMkAGI2_Ab-c%3D%3D/photo/$value",
        ),
        (
            f"contacts/{CONTACT}.jpg",
            "contacts",
            CONTACT,
            MAILBOX,
            "/users/frontdesk%40contoso.com/contacts/AAMkAGI2_Ab-c%3D%3D/photo/$value",
        ),
        ("me.jpg", "me", "", "", "/me/photo/$value"),
        (f"me/contacts/{CONTACT}.jpg", "contacts", CONTACT, "", "/me/contacts/AAMkAGI2_Ab-c%3D%3D/photo/$value"),
        (
            f"me/contactFolders/AQMk=/contacts/{CONTACT}.jpg",
            "contacts",
            CONTACT,
            "",
            "/me/contactFolders/AQMk%3D/contacts/AAMkAGI2_Ab-c%3D%3D/photo/$value",
        ),
    ],
)
def test_each_row_of_the_names_table_means_one_graph_path(
    name: str, kind: Kind, id_: str, owner: str, photo_path: str
) -> None:
    target = Target.parse(name, contacts_mailbox=MAILBOX)
    assert (target.kind, target.id, target.owner, target.photo_path) == (kind, id_, owner, photo_path)


@pytest.mark.parametrize(
    ("name", "user", "photo_path"),
    [
        ("users/E1001.jpg", "E1001", "/users/42/photo/$value"),
        ("users/$cash.jpg", "$cash", "/users/42/photo/$value"),
        ("users/E1001/contacts/c.jpg", "E1001", "/users/42/contacts/c/photo/$value"),
        (
            "users/E1001/contactfolders/f=/contacts/$c.jpg",
            "E1001",
            "/users/42/contactFolders/f%3D/contacts('%24c')/photo/$value",
        ),
    ],
)
def test_a_user_who_was_found_takes_the_place_of_the_one_in_the_name(name: str, user: str, photo_path: str) -> None:
    target = Target.parse(name)
    found = target.of_user("42")
    assert target.user == user
    assert found.photo_path == photo_path
    assert (found.kind, found.id, found.owner) == (target.kind, target.id, target.owner)


@pytest.mark.parametrize("name", [f"groups/{GROUP}.jpg", f"teams/{GROUP}.jpg", "contacts/c.jpg", "me.jpg"])
def test_other_names_have_no_user_in_them(name: str) -> None:
    assert Target.parse(name, contacts_mailbox=MAILBOX).user == ""


@pytest.mark.parametrize(
    ("name", "photo_path"),
    [
        ("Users/ada.jpg", "/users/ada/photo/$value"),
        ("GROUPS/it.jpg", "/groups/it/photo/$value"),
        ("Teams/it.jpg", "/groups/it/photo/$value"),
        ("ME.jpg", "/me/photo/$value"),
        ("CONTACTS/c.jpg", "/users/frontdesk%40contoso.com/contacts/c/photo/$value"),
        ("USERS/ada/Contacts/c.jpg", "/users/ada/contacts/c/photo/$value"),
        ("users/ada/contactfolders/f/contacts/c.jpg", "/users/ada/contactFolders/f/contacts/c/photo/$value"),
        ("me/CONTACTFOLDERS/f/CONTACTS/c.jpg", "/me/contactFolders/f/contacts/c/photo/$value"),
    ],
)
def test_kinds_and_fixed_words_match_in_any_case(name: str, photo_path: str) -> None:
    assert Target.parse(name, contacts_mailbox=MAILBOX).photo_path == photo_path


def test_an_id_keeps_its_case() -> None:
    target = Target.parse("users/Ada/contactFolders/aB/contacts/AaBb.JPG")
    assert (target.owner, target.id) == ("Ada", "AaBb")
    assert target.photo_path == "/users/Ada/contactFolders/aB/contacts/AaBb/photo/$value"


@pytest.mark.parametrize("word", ["users", "groups", "teams", "me", "contacts"])
def test_an_id_may_be_spelled_like_a_kind(word: str) -> None:
    assert Target.parse(f"users/{word}.jpg").photo_path == f"/users/{word}/photo/$value"


@pytest.mark.parametrize(
    "extension", [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"]
)
def test_every_extension_counts_in_any_case(extension: str) -> None:
    for spelled in (extension, extension.upper(), extension.title()):
        assert Target.parse(f"users/ada@contoso.com{spelled}").id == "ada@contoso.com"


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("users/ada@contoso.com.jpg", "ada@contoso.com"),
        ("users/ada.jpg.jpg", "ada.jpg"),
        ("users/ada.png.JPEG", "ada.png"),
        ("users/.ada.jpg", ".ada"),
        ("users/ada..jpg", "ada."),
    ],
)
def test_only_the_last_extension_is_cut(name: str, id_: str) -> None:
    assert Target.parse(name).id == id_


@pytest.mark.parametrize(
    ("id_", "segment"),
    [
        ("adele_x.com#EXT#@contoso.com", "adele_x.com%23EXT%23%40contoso.com"),
        ("o'neil@contoso.com", "o%27neil%40contoso.com"),
        ("ada+photos@contoso.com", "ada%2Bphotos%40contoso.com"),
        ("AAMk=", "AAMk%3D"),
        ("zoë@contoso.com", "zo%C3%AB%40contoso.com"),
        ("山田@contoso.com", "%E5%B1%B1%E7%94%B0%40contoso.com"),
        ("100%@contoso.com", "100%25%40contoso.com"),
        ("%2e%2e", "%252e%252e"),
        ("Ada Lovelace", "Ada%20Lovelace"),
        ("a?b&c;d:e,f", "a%3Fb%26c%3Bd%3Ae%2Cf"),
        ("ada$b", "ada%24b"),
        ("('ada')", "%28%27ada%27%29"),
        ("a.d-a_1~", "a.d-a_1~"),
    ],
)
def test_an_id_is_percent_encoded_whole_and_once(id_: str, segment: str) -> None:
    target = Target.parse(f"users/{id_}.jpg")
    assert (target.id, target.photo_path) == (id_, f"/users/{segment}/photo/$value")


@pytest.mark.parametrize(
    ("name", "photo_path"),
    [
        ("users/$x@y.com.jpg", "/users('%24x%40y.com')/photo/$value"),
        ("users/$o'neil@y.com.jpg", "/users('%24o%27%27neil%40y.com')/photo/$value"),
        ("users/$value.jpg", "/users('%24value')/photo/$value"),
        ("users/$x/contacts/c.jpg", "/users('%24x')/contacts/c/photo/$value"),
        ("users/ada/contacts/$c.jpg", "/users/ada/contacts('%24c')/photo/$value"),
        ("me/contactFolders/$f/contacts/c.jpg", "/me/contactFolders('%24f')/contacts/c/photo/$value"),
    ],
)
def test_an_id_that_starts_with_a_dollar_is_quoted(name: str, photo_path: str) -> None:
    assert Target.parse(name).photo_path == photo_path


# Contacts without an owner, and me


@pytest.mark.parametrize(
    ("mailbox", "segment"),
    [
        ("$o'neil@y.com", "('%24o%27%27neil%40y.com')"),
        ("o'neil#EXT#@y.com", "/o%27neil%23EXT%23%40y.com"),
        ("a/b", "/a%2Fb"),
    ],
)
def test_the_contacts_mailbox_is_encoded_like_any_id(mailbox: str, segment: str) -> None:
    target = Target.parse("contacts/c.jpg", contacts_mailbox=mailbox)
    assert (target.owner, target.photo_path) == (mailbox, f"/users{segment}/contacts/c/photo/$value")


def test_the_contacts_mailbox_matters_to_nobody_else() -> None:
    for name in ("users/ada.jpg", "users/ada/contacts/c.jpg", "me/contacts/c.jpg"):
        assert Target.parse(name, contacts_mailbox=MAILBOX) == Target.parse(name)


@pytest.mark.parametrize("mailbox", [None, ""])
def test_a_contact_needs_a_mailbox(mailbox: str | None) -> None:
    refused = refusal("contacts/c.jpg", mailbox)
    assert refused.code == "no-contacts-mailbox"
    assert "users/<mailbox's UPN>/contacts/<contact id>.jpg" in refused.reason
    assert "CONTACTS_MAILBOX" in refused.reason


@pytest.mark.parametrize("name", ["me.jpg", "me/contacts/c.jpg", "me/contactFolders/f/contacts/c.jpg", "ME.png"])
def test_me_needs_someone_signed_in(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        Target.parse(name).for_managed_identity()
    assert caught.value.code == "needs-sign-in"
    assert "users/<id or UPN>.jpg" in caught.value.reason


@pytest.mark.parametrize(
    "name",
    ["users/ada.jpg", "users/me.jpg", "groups/g.jpg", "teams/t.jpg", "contacts/c.jpg", "users/ada/contacts/c.jpg"],
)
def test_a_managed_identity_reaches_everyone_else(name: str) -> None:
    target = Target.parse(name, contacts_mailbox=MAILBOX)
    assert target.for_managed_identity() is target


# Refusals


@pytest.mark.parametrize(
    ("name", "code", "advice"),
    [
        ("", "unknown-extension", "End it in one of .jpg,"),
        ("users/ada", "unknown-extension", "End it in one of .jpg,"),
        ("users/ada@contoso.com", "unknown-extension", "End it in one of .jpg,"),
        ("users/ada.pdf", "unknown-extension", ".heic, .heif"),
        ("users/ada.jpgx", "unknown-extension", ".heic, .heif"),
        ("users/ada.", "unknown-extension", ".heic, .heif"),
        ("users/jpg", "unknown-extension", "what stands before that is the id"),
        ("users/ada.jpg/", "unknown-extension", ".heic, .heif"),
        ("users/ada.jpg/portrait", "unknown-extension", ".heic, .heif"),
        ("users/.jpg", "empty-part", "Name the file like users/ada@contoso.com.jpg"),
        (".jpg", "empty-part", "Name the file like users/ada@contoso.com.jpg"),
        ("/users/ada.jpg", "empty-part", "Name the file like users/ada@contoso.com.jpg"),
        ("users//ada.jpg", "empty-part", "Name the file like users/ada@contoso.com.jpg"),
        ("users/ada/contacts/.jpg", "empty-part", "Name the file like users/ada@contoso.com.jpg"),
        ("users/..jpg", "dots-only", "Name the file like users/ada@contoso.com.jpg"),
        ("users/...jpg", "dots-only", "Name the file like users/ada@contoso.com.jpg"),
        ("../users/ada.jpg", "dots-only", "Name the file like users/ada@contoso.com.jpg"),
        ("users/./contacts/c.jpg", "dots-only", "Name the file like users/ada@contoso.com.jpg"),
        ("users\\ada.jpg", "backslash", "Put “/” between folders"),
        ("users/contoso\\ada.jpg", "backslash", "Put “/” between folders"),
        ("ada@contoso.com.jpg", "no-folder", "as in users/ada@contoso.com.jpg"),
        ("user/ada.jpg", "unknown-kind", "Name the file like users/ada@contoso.com.jpg"),
        ("photos/users/ada.jpg", "unknown-kind", "teams/<team id>.jpg"),
        ("users.jpg", "wrong-parts", "users/<user>.jpg"),
        ("users/ada/portrait.jpg", "wrong-parts", "users/<user>.jpg"),
        ("users/ada/contacts/c/d.jpg", "wrong-parts", "users/<user>/contacts/<contact>.jpg"),
        ("users/ada/friends/c.jpg", "wrong-parts", "users/<user>/contacts/<contact>.jpg"),
        ("users/ada/contactFolders/f/c.jpg", "wrong-parts", "users/<user>/contactFolders/<folder>/contacts/<contact>"),
        ("groups/a/b.jpg", "wrong-parts", "groups/<group>.jpg"),
        ("Teams.jpg", "wrong-parts", "teams/<team>.jpg"),
        ("contacts/a/b.jpg", "wrong-parts", "contacts/<contact>.jpg"),
        ("me/ada.jpg", "wrong-parts", "me.jpg or me/contacts/<contact>.jpg"),
    ],
)
def test_a_refusal_says_what_to_name_the_file_instead(name: str, code: str, advice: str) -> None:
    refused = refusal(name)
    assert refused.code == code
    assert advice in refused.reason


@pytest.mark.parametrize(
    "name", ["users/ ada.jpg", "users/ada .jpg", "users /ada.jpg", " users/ada.jpg", "users/\u3000ada.jpg"]
)
def test_spaces_around_a_part_are_refused(name: str) -> None:
    refused = refusal(name)
    assert refused.code == "surrounding-space"
    assert "Take it out of the file's name" in refused.reason


@pytest.mark.parametrize("blank", [" ", "\u00a0\u3000"])
def test_an_id_of_nothing_but_spaces_is_missing(blank: str) -> None:
    assert refusal(f"users/{blank}.jpg").code == "empty-part"


@pytest.mark.parametrize(
    "code_point",
    [0x00, 0x09, 0x0A, 0x7F, 0x85, 0xAD, 0x200B, 0x200E, 0x202E, 0x2028, 0x2029, 0xFEFF, 0xD800, 0xDFFF, 0xE0041],
)
def test_what_cannot_be_seen_is_refused_and_named(code_point: int) -> None:
    refused = refusal(f"users/a{chr(code_point)}da.jpg")
    assert refused.code == "invisible-character"
    assert f"(U+{code_point:04X})" in refused.reason
    assert "Type the name anew" in refused.reason


@pytest.mark.parametrize("code_point", [0x0A, 0x200B, 0xD800])
@pytest.mark.parametrize(
    "name", ["users/{}", "{}.jpg", "users/{}.jpg", "users/{}/x.jpg", "users//{}.jpg", "users/ {}.jpg", "users/\\{}.jpg"]
)
def test_no_sentence_repeats_what_cannot_be_seen(name: str, code_point: int) -> None:
    hidden = chr(code_point)
    assert hidden not in refusal(name.format(f"a{hidden}a")).reason


@pytest.mark.parametrize("letter", ["a", "é", "\u200b", "\ud800"])
@pytest.mark.parametrize(
    "name",
    [
        "{}",
        "{}.jpg",
        "users/{}/x.jpg",
        "users//{}.jpg",
        "users/../{}.jpg",
        "users/ {}.jpg",
        "users/\\{}.jpg",
        "me/{}.jpg",
    ],
)
def test_the_sentence_stays_short_however_long_the_name(name: str, letter: str) -> None:
    reason = refusal(name.format(letter * 5_000)).reason
    assert len(reason) < 1_000
    assert reason.encode()


def test_the_sentence_of_an_extension_lists_them_all() -> None:
    assert ", ".join(EXTENSIONS) in refusal("users/ada").reason


# Whatever the name

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=30)
IDS = st.one_of(
    st.text("aZ09é$'()%#?&+=@:;~.", min_size=1, max_size=12),
    st.text("a$'/. \\\u200b\ud800", max_size=4),
    ANYTHING,
)
GRAMMAR = st.sampled_from(
    [
        "users/{}",
        "Groups/{}",
        "teams/{}",
        "users/{}/contacts/{}",
        "users/{}/contactfolders/{}/Contacts/{}",
        "contacts/{}",
        "ME",
        "me/contacts/{}",
        "me/contactFolders/{}/contacts/{}",
    ]
)
NAMES = ANYTHING | st.builds(
    lambda shape, ids, extension: shape.format(*ids) + extension,
    GRAMMAR,
    st.lists(IDS, min_size=3, max_size=3),
    st.sampled_from(EXTENSIONS),
)


def words_and_ids(parts: list[str]) -> tuple[str, list[str]]:
    """Words and ids take turns; only `me` is followed by a word."""
    first_id = 2 if parts[0].lower() == "me" else 1
    ids = parts[first_id::2]
    return "/".join(part for at, part in enumerate(parts) if at < first_id or (at - first_id) % 2), ids


def in_the_name(name: str) -> tuple[str, list[str]]:
    """The resource as a person reads it off a blob's name."""
    words, ids = words_and_ids(name[: name.rindex(".")].split("/"))
    if words.lower() == "contacts":
        return "users/contacts", [MAILBOX, *ids]
    return words.lower().replace("teams", "groups"), ids


def in_the_path(photo_path: str) -> tuple[str, list[str]]:
    """The resource as OData reads it off a path: split first, then decode once (OData 4.01, URL conventions, 2)."""
    parts: list[str] = []
    for segment in photo_path.removeprefix("/").split("/"):
        if keyed := re.fullmatch(r"(\w+)\('(.*)'\)", segment):
            parts += [keyed[1], unquote(keyed[2], errors="strict").replace("''", "'")]
        else:
            parts.append(unquote(segment, errors="strict"))
    assert parts[-2:] == ["photo", "$value"]
    words, ids = words_and_ids(parts[:-2])
    return words.lower(), ids


def parsed(name: str) -> Target | Rejected:
    try:
        return Target.parse(name, contacts_mailbox=MAILBOX)
    except Rejected as refused:
        return refused


@given(NAMES)
@settings(deadline=None, max_examples=500)
def test_whatever_the_name_a_path_reads_back_to_the_ids_in_it(name: str) -> None:
    target = parsed(name)
    if isinstance(target, Target):
        words, ids = in_the_path(target.photo_path)
        assert (words, ids) == in_the_name(name)
        assert target.id == "".join(ids[-1:])


@given(NAMES)
@settings(deadline=None, max_examples=500)
def test_whatever_the_name_requests_leaves_the_path_alone(name: str) -> None:
    target = parsed(name)
    if isinstance(target, Target):
        path = "/v1.0" + target.photo_path
        url = urlsplit(requests.Request("PUT", f"https://graph.microsoft.com{path}").prepare().url or "")
        assert (url.netloc, url.query, url.fragment) == ("graph.microsoft.com", "", "")
        assert list(map(unquote, url.path.split("/"))) == list(map(unquote, path.split("/")))


@given(NAMES)
@settings(deadline=None, max_examples=500)
def test_whatever_the_name_a_refusal_can_be_written_down(name: str) -> None:
    refused = parsed(name)
    if isinstance(refused, Rejected):
        assert refused.reason.encode()
        assert len(refused.reason) < 1_000
