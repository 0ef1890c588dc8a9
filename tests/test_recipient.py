import pytest

from local.cloud import Cloud
from local.directory import CONTACT, GROUP
from photo_sync.errors import Rejected, TryLater
from photo_sync.graph import LOOKUP_ROLE
from photo_sync.guard import Guard
from photo_sync.people import Person, UserMatch
from photo_sync.receipts import Receipt
from photo_sync.recipient import Naming
from photo_sync.settings import PHOTOS, Settings
from photo_sync.target import Target
from photo_sync.wiring import connect
from pictures import plain

MAILBOX = "frontdesk@contoso.com"
ADA = Person("4b1c", "ada@contoso.com")


def nobody(value: str) -> Person:
    raise AssertionError(f"Nobody had to be looked up, but {value!r} was.")


def ada(value: str) -> Person:
    assert value == "E1001"
    return ADA


def naming(*, allow: str = "", deny: str = "", match: UserMatch = UserMatch.ID) -> Naming:
    guard = Guard(*(tuple(filter(None, patterns.split(","))) for patterns in (allow, deny)))
    return Naming(guard, MAILBOX, match)


def refusal(names: Naming, name: str, person: Person | None = None) -> Rejected:
    with pytest.raises(Rejected) as refused:
        names.recipient(name, (lambda _value: person) if person else nobody)
    return refused.value


# Whose photo it is


@pytest.mark.parametrize(
    "name", ["users/ada@contoso.com.jpg", "groups/42.jpg", "teams/42.jpg", "contacts/c.jpg", "users/a/contacts/c.jpg"]
)
def test_by_id_a_name_means_what_it_says_and_nobody_is_looked_up(name: str) -> None:
    target = naming().recipient(name, nobody)
    assert target == naming().read(name) == Target.parse(name, contacts_mailbox=MAILBOX)


@pytest.mark.parametrize(
    ("name", "photo_path"),
    [
        ("users/E1001.jpg", "/users/4b1c/photo/$value"),
        ("USERS/E1001.PNG", "/users/4b1c/photo/$value"),
        ("users/E1001/contacts/c.jpg", "/users/4b1c/contacts/c/photo/$value"),
        ("users/E1001/contactFolders/f/contacts/c.jpg", "/users/4b1c/contactFolders/f/contacts/c/photo/$value"),
    ],
)
def test_a_person_is_looked_up_wherever_a_name_has_one(name: str, photo_path: str) -> None:
    names = naming(match=UserMatch.EMPLOYEE_ID)
    target = names.recipient(name, ada)
    assert target.photo_path == photo_path
    assert "E1001" in {target.id, target.owner}
    assert names.asks_for_person(names.read(name))


@pytest.mark.parametrize("name", ["groups/42.jpg", "teams/42.jpg", "contacts/c.jpg"])
def test_nobody_is_looked_up_for_a_name_without_a_person_in_it(name: str) -> None:
    target = naming(match=UserMatch.EMPLOYEE_ID).recipient(name, nobody)
    assert target == Target.parse(name, contacts_mailbox=MAILBOX)


@pytest.mark.parametrize("match", UserMatch)
@pytest.mark.parametrize(("name", "code"), [("me.jpg", "needs-sign-in"), ("people/ada.jpg", "unknown-kind")])
def test_a_name_that_is_none_is_refused_before_anybody_is_looked_up(match: UserMatch, name: str, code: str) -> None:
    assert refusal(naming(match=match), name).code == code


# Whose photo must not be touched


@pytest.mark.parametrize(
    ("deny", "name"),
    [
        ("users/admin*", "users/admin@contoso.com.jpg"),
        ("users/admin*", "Users/ADMIN@contoso.com.HEIC"),
        ("users/admin*", "users/a%64min@contoso.com.jpg"),
        ("users/admin@contoso.com", "users/admin@contoso.com..jpg"),
        ("users/$admin*", "users/$Admin@contoso.com.jpg"),
        ("users/o'neill*", "users/O'Neill@contoso.com.jpg"),
        ("users/admin*", "users/admin@contoso.com/contacts/c.jpg"),
        ("users/admin*", "users/admin@contoso.com/contactFolders/f/contacts/c.jpg"),
        ("users/*/contacts/c", "users/ada@contoso.com/contactFolders/f/contacts/c.jpg"),
        (f"users/{MAILBOX}", "contacts/c.jpg"),
        ("contacts/*", "users/FrontDesk@contoso.com/contacts/c.jpg"),
        ("contacts/*", "users/frontdesk@contoso.com/contactFolders/f/contacts/c.jpg"),
        ("groups/42", "teams/42.jpg"),
        ("teams/42", "groups/42.jpg"),
        ("teams/42", "Groups/42.jpg"),
    ],
)
def test_no_spelling_gets_round_what_is_denied(deny: str, name: str) -> None:
    assert refusal(naming(deny=deny), name).code == "denied"
    assert refusal(naming(allow="*", deny=deny), name).code == "denied"


@pytest.mark.parametrize(
    ("deny", "name"),
    [
        ("contacts/*", "users/ada@contoso.com/contacts/c.jpg"),
        ("users/admin*", f"groups/{GROUP}.jpg"),
        ("teams/42", "teams/43.jpg"),
        ("users/*/contacts", "users/ada@contoso.com.jpg"),
    ],
)
def test_what_is_not_denied_is_let_through(deny: str, name: str) -> None:
    assert naming(deny=deny).recipient(name, nobody)


@pytest.mark.parametrize(
    ("allow", "name", "is_allowed"),
    [
        ("users/*@contoso.com", "users/ada@contoso.com.jpg", True),
        ("users/*@contoso.com", "users/4b1c0000-0000-4000-8000-000000000001.jpg", False),
        ("users/*@contoso.com", "users/ada@contoso.com/contacts/c.jpg", True),
        ("users/*@contoso.com", "users/4b1c/contacts/c@contoso.com.jpg", False),
        ("users/*@contoso.com", "users/ada@contoso.com..jpg", False),
        ("users/*@contoso.com", "groups/42.jpg", False),
        ("groups/42", "teams/42.jpg", True),
        ("teams/42", "groups/42.jpg", True),
        ("contacts/*", "contacts/c.jpg", True),
        (f"users/{MAILBOX}/contacts", "contacts/c.jpg", True),
    ],
)
def test_where_some_are_allowed_nobody_else_is(allow: str, name: str, *, is_allowed: bool) -> None:
    names = naming(allow=allow)
    if is_allowed:
        assert names.recipient(name, nobody) == names.read(name)
    else:
        assert refusal(names, name).code == "not-allowed"


@pytest.mark.parametrize("deny", ["users/E1001", "users/4B1C", "users/Ada@contoso.com", "users/*@contoso.com"])
@pytest.mark.parametrize("name", ["users/E1001.jpg", "users/E1001/contacts/c.jpg"])
def test_who_was_looked_up_is_denied_by_the_name_the_id_or_the_upn(deny: str, name: str) -> None:
    refused = refusal(naming(deny=deny, match=UserMatch.EMPLOYEE_ID), name, ADA)
    assert refused.code == "denied"
    assert name.rpartition(".")[0] in refused.reason


def test_who_is_denied_by_name_is_not_even_looked_up() -> None:
    assert refusal(naming(deny="users/E1*", match=UserMatch.EMPLOYEE_ID), "users/E1001.jpg").code == "denied"


@pytest.mark.parametrize("allow", ["users/E1*", "users/4b1c", "users/*@contoso.com"])
def test_who_was_looked_up_is_allowed_by_the_name_the_id_or_the_upn(allow: str) -> None:
    names = naming(allow=allow, match=UserMatch.EMPLOYEE_ID)
    assert names.recipient("users/E1001.jpg", ada).photo_path == "/users/4b1c/photo/$value"


def test_who_was_looked_up_and_is_none_of_those_allowed_is_refused() -> None:
    names = naming(allow="users/*@fabrikam.com,groups/*", match=UserMatch.EMPLOYEE_ID)
    assert refusal(names, "users/E1001.jpg", ADA).code == "not-allowed"
    assert names.read("users/E1001.jpg").user == "E1001"  # who that is decides, and is not known yet


def test_a_contact_in_the_contacts_mailbox_is_that_whichever_way_the_mailbox_is_named() -> None:
    names = naming(deny="contacts/*", match=UserMatch.EMPLOYEE_ID)
    assert refusal(names, "users/E7/contacts/c.jpg", Person("77", "FrontDesk@contoso.com")).code == "denied"


# All of it together


def sync(machine: Cloud, name: str, **settings: str) -> Receipt:
    machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
    receipt = connect(Settings.from_env(machine.settings | settings)).sync(name)
    assert receipt is not None
    return receipt


def test_a_file_named_by_employee_number_becomes_that_persons_photo(machine: Cloud) -> None:
    machine.identity.roles.add(LOOKUP_ROLE)
    receipt = sync(machine, "users/E1001.jpg", USER_MATCH="employeeId")
    person = machine.graph.directory.known_user("ada@contoso.com")
    assert (receipt.outcome, receipt.graph_path) == ("synced", f"/users/{person.id}/photo/$value")
    assert person.photo is not None


def test_a_contact_of_somebody_known_by_an_account_name_gets_its_photo(machine: Cloud) -> None:
    machine.identity.roles.add(LOOKUP_ROLE)
    name = f"users/ada/contacts/{CONTACT}.jpg"
    assert sync(machine, name, USER_MATCH="onPremisesSamAccountName").outcome == "synced"


@pytest.mark.parametrize(
    ("name", "settings", "code"),
    [
        ("users/E9999.jpg", {"USER_MATCH": "employeeId"}, "no-such-person"),
        ("users/E1001.jpg", {"USER_MATCH": "employeeId", "DENY": "users/ada@*"}, "denied"),
        ("users/E1001.jpg", {"USER_MATCH": "employeeId", "ALLOW": "users/grace@*"}, "not-allowed"),
        ("users/ada@contoso.com.jpg", {"DENY": "users/ada*", "ALLOW": "users/*"}, "denied"),
    ],
)
def test_who_may_not_have_a_photo_gets_none_and_the_receipt_says_why(
    machine: Cloud, name: str, settings: dict[str, str], code: str
) -> None:
    machine.identity.roles.add(LOOKUP_ROLE)
    receipt = sync(machine, name, **settings)
    assert (receipt.outcome, receipt.code) == ("rejected", code)
    assert all(entry.photo is None for entry in machine.graph.directory)


def test_without_the_permission_to_look_people_up_a_photo_waits(machine: Cloud) -> None:
    receipt = sync(machine, "users/E1001.jpg", USER_MATCH="employeeId")
    assert (receipt.outcome, receipt.code) == ("retrying", "permission-missing")
    assert "User.Read.All" in receipt.reason


def test_what_a_look_up_cannot_do_now_is_for_later() -> None:
    def unwell(_value: str) -> Person:
        raise TryLater("throttled", "Microsoft Graph is busy.")

    with pytest.raises(TryLater):
        naming(match=UserMatch.MAIL).recipient("users/ada@contoso.com.jpg", unwell)
