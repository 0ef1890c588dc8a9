import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.errors import Rejected
from photo_sync.folder.suggestion import EXTENSION_OF, suggest
from photo_sync.imaging.formats import FORMATS
from photo_sync.people import UserMatch
from photo_sync.target import EXTENSIONS, Target

ADA = "users/ada@contoso.com.jpg"
OBJECT_ID = "5e1b2c0a-6f3d-4c8e-9a71-2d4f8b6e0c13"


def accepts(name: str) -> bool:
    """Whether the app would take a file of that name, contacts in the mailbox of the tenant among them."""
    try:
        Target.parse(name, contacts_mailbox="box@contoso.com").for_managed_identity()
    except Rejected:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        # spaces, what cannot be seen, and slashes
        ("users/ ada@contoso.com.jpg", ADA),
        ("users/ada@contoso.com .jpg", ADA),
        ("users /ada@contoso.com.jpg", ADA),
        ("users/ada@contoso.com.jpg ", ADA),
        ("users/\u200bada@contoso.com.jpg", ADA),
        ("users/ada@contoso.com\u00a0.jpg", ADA),
        ("users\\ada@contoso.com.jpg", ADA),
        ("users//ada@contoso.com.jpg", ADA),
        ("./users/ada@contoso.com.jpg", ADA),
        # extensions
        ("users/ada@contoso.com", ADA),
        ("users/ada@contoso.com.jfif", ADA),
        ("users/ada@contoso.com.JFIF", ADA),
        ("users/ada@contoso.com.pdf", ADA),
        ("users/ada@contoso.com.jpg.tmp", ADA),
        ("users/ada@contoso.com.png.jfif", "users/ada@contoso.com.png"),
        ("users/ada@contoso.com.jpg.", ADA),
        ("users/ada@contoso.com.", ADA),
        ("users/ada@contoso.com. jpg", ADA),
        ("people/ada@contoso.com.png.jpg", ADA),
        ("people/ada@contoso.com.jfif.jpg", ADA),
        ("people/ada@contoso.com.jpg.png", "users/ada@contoso.com.png"),
        ("users/ada@contoso.com.bak", ADA),
        ("users/ada@contoso.download", "users/ada@contoso.download.jpg"),
        # kinds
        ("user/ada@contoso.com.jpg", ADA),
        ("People/ada@contoso.com.jpg", ADA),
        ("usres/ada@contoso.com.jpg", ADA),
        ("userrs/ada@contoso.com.jpg", ADA),
        ("contacs/AAMk.jpg", "contacts/AAMk.jpg"),
        ("contact/AAMk.jpg", "contacts/AAMk.jpg"),
        ("group/0d9a.jpg", "groups/0d9a.jpg"),
        ("taems/0d9a.jpg", "teams/0d9a.jpg"),
        ("users/ada@contoso.com/contact/AAMk.jpg", "users/ada@contoso.com/contacts/AAMk.jpg"),
        ("user/ada/contactfolder/AAMk/contact/AAMl.jpg", "users/ada/contactFolders/AAMk/contacts/AAMl.jpg"),
        # folders
        ("ada@contoso.com.jpg", ADA),
        ("photos/users/ada@contoso.com.jpg", ADA),
        ("photos/2026/groups/0d9a.jpg", "groups/0d9a.jpg"),
        ("users/Sales/ada@contoso.com.jpg", ADA),
        ("Portraits/ada@contoso.com.jpg", ADA),
        ("Portraits 2026/ada@contoso.com.JPG", "users/ada@contoso.com.JPG"),
        ("contractors/ada@contoso.com.jpg", ADA),
        ("2026/users/Ada@xn--bcher-kva.de.jpg", "users/Ada@xn--bcher-kva.de.jpg"),
        ("Portraits/ada_fabrikam.com#EXT#@contoso.com.jpg", "users/ada_fabrikam.com#EXT#@contoso.com.jpg"),
        ("users/ada@contoso.com/portrait.jpg", ADA),
        ("users/ada@contoso.com/IMG_0815.jpg", ADA),
        ("users/ada@contoso.com/Ada.jpg", ADA),
        ("Portraits/ada@contoso.com/ada@contoso.com.jpg", ADA),
        ("photos/users/ada@contoso.com/contacts/AAMk.jpg", "users/ada@contoso.com/contacts/AAMk.jpg"),
        # all at once
        ("Photos\\people\\ ada@contoso.com\u200b .jfif", ADA),
        # what nobody can know
        ("me.jpg", ""),
        ("me/contacts/AAMk.jpg", ""),
        ("portrait.jpg", ""),
        ("IMG_0001.jpg", ""),
        ("photos/portrait.jpg", ""),
        ("users/.jpg", ""),
        # somebody's contact, manager, group or mailbox
        ("contacts/ada@contoso.com/bob.jpg", ""),
        ("contact/ada@contoso.com/AAMk.jpg", ""),
        ("ada@contoso.com/contacts/AAMk.jpg", ""),
        ("ada/contacts/AAMk.jpg", ""),
        ("photos/me/contacts/AAMk.jpg", ""),
        (f"{OBJECT_ID}/contacts/AAMk.jpg", ""),
        (f"{OBJECT_ID}/users/ada@contoso.com.jpg", ""),
        (f"users/{OBJECT_ID}/ada@contoso.com.jpg", ""),
        ("users/ada@contoso.com/AAMkAGI2=.jpg", ""),
        ("users/ada@contoso.com/bob.jpg", ""),
        ("users/ada@contoso.com/logo.jpg", ""),
        ("users/ada@contoso.com/manager/photo.jpg", ""),
        ("users/ada@contoso.com/people/bob@contoso.com.jpg", ""),
        ("manager@contoso.com/ada.jpg", ""),
        ("of bob@contoso.com/ada@contoso.com.jpg", ""),
        ("ada's contacts/bob@contoso.com.jpg", ""),
        ("groups/owner@contoso.com/logo.jpg", ""),
        ("groups/owner@contoso.com/photo.jpg", ""),
        ("teams/ada@contoso.com/logo.jpg", ""),
        ("groups/emea/sales@contoso.com.jpg", ""),
        ("gruops/emea/sales@contoso.com.jpg", ""),
        ("users/groups/0d9a.jpg", ""),
        ("groups/0d9a/members/bob.jpg", ""),
        ("Sales@contoso.com/members/bob.jpg", ""),
        # words that are only alike
        ("contractors/AAMk.jpg", ""),
        ("contracts/AAMk.jpg", ""),
        ("streams/1234.jpg", ""),
        ("terms/1234.jpg", ""),
        # what is no UPN, and no id
        ("portrait@2x.png", ""),
        ("portrait@2x.min.png", ""),
        ("users/portrait@2x.jfif", ""),
        ("users/ada@contoso.com/photo@2x.jpg", ""),
        ("users/@eaDir/ada@contoso.com.jpg/SYNOPHOTO_THUMB_M.jpg", ""),
        ("photos/@eaDir/users/ada@contoso.com.jpg", ""),
        ("ada@contoso.com (2).jpg", ""),
        ("people/photo.jpg", ""),
        # what may be a part of an id
        ("users/anna.bak", ""),
        ("users/mohamed.dib", ""),
        ("people/andr\udce9@contoso.com.jpg", ""),
        ("people/\x8eeljko@contoso.com.jpg", ""),
        ("", ""),
        ("///", ""),
        ("\u200b.jpg", ""),
    ],
)
def test_a_refused_name_leads_to_the_one_that_was_meant(name: str, meant: str) -> None:
    assert suggest(name, accepts, extension=".jpg") == meant


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("E1001.jpg", "users/E1001.jpg"),
        ("4711.jpg", "users/4711.jpg"),
        ("anna.bak.jpg", "users/anna.bak.jpg"),
        ("people/anna.bak.jpg", "users/anna.bak.jpg"),
        ("IMG_0815.jpg", ""),
        ("portrait.jpg", ""),
        ("me.jpg", ""),
        ("Ada Lovelace.jpg", ""),
        ("photos/4711.jpg", ""),
        ("ada@contoso.com.jpg", ""),
        ("Portraits/ada@contoso.com.jpg", ""),
        ("users/ada@contoso.com/portrait.jpg", ""),
    ],
)
@pytest.mark.parametrize("match", [UserMatch.EMPLOYEE_ID, UserMatch.SAM_ACCOUNT_NAME])
def test_a_bare_name_is_a_person_s_and_an_address_nobody_s_where_people_are_known_by_numbers(
    match: UserMatch, name: str, meant: str
) -> None:
    assert suggest(name, accepts, extension=".jpg", user_match=match) == meant


def test_a_bare_address_is_a_person_s_where_people_are_known_by_their_mail() -> None:
    assert suggest("ada@contoso.com.jpg", accepts, extension=".jpg", user_match=UserMatch.MAIL) == ADA
    assert suggest("4711.jpg", accepts, extension=".jpg", user_match=UserMatch.MAIL) == ""


def test_what_only_another_mailbox_or_kind_would_allow_is_not_suggested() -> None:
    def allows(name: str) -> bool:
        return name.startswith(("contacts/", "groups/")) and accepts(name)

    for name in ("users/boss@other.com/contacts/AAA.jpg", "teams/0d9a.jpg", "users/boss@other.com/contact/AAA.jpg"):
        assert suggest(name, allows, extension=".jpg") == ""


def test_the_extension_is_that_of_what_the_file_is() -> None:
    assert suggest("users/ada@contoso.com.pdf", accepts, extension=".heic") == "users/ada@contoso.com.heic"


def test_what_would_be_refused_as_well_is_not_suggested() -> None:
    assert suggest("user/ada@contoso.com.jpg", lambda _: False, extension=".jpg") == ""


@given(
    st.text(alphabet=st.sampled_from("aU@./\\ \u200b") | st.characters(), max_size=40),
    st.sampled_from(EXTENSIONS),
    st.sampled_from(UserMatch),
)
def test_whatever_is_suggested_is_accepted_and_another_name(name: str, extension: str, match: UserMatch) -> None:
    suggestion = suggest(name, accepts, extension=extension, user_match=match)
    assert suggestion == "" or (suggestion != name and accepts(suggestion))


PARTS = st.sampled_from(
    ["users", "user", "groups", "teams", "contacts", "contact", "members", "photos", "ada@contoso.com", OBJECT_ID, "me"]
)


@given(
    st.lists(PARTS, min_size=1, max_size=5), st.sampled_from(["bob@contoso.com.jpg", "bob.jpg", "AAMk", "photo.png"])
)
def test_no_suggestion_drops_an_id_or_a_mailbox(folders: list[str], file: str) -> None:
    suggestion = suggest("/".join([*folders, file]), accepts, extension=".jpg")
    ids = [part for part in [*folders, file.partition(".jpg")[0]] if "@" in part or part == OBJECT_ID]
    assert suggestion == "" or all(suggestion.count(id_) >= 1 for id_ in ids)


def test_there_is_an_extension_for_every_format() -> None:
    assert set(EXTENSION_OF) == {format_.name for format_ in FORMATS}
    assert set(EXTENSION_OF.values()) <= set(EXTENSIONS)
