import re
import time
import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from urllib.parse import urlencode

import jwt
import pytest
import requests
from PIL import Image

from local.directory import CONTACT, FOLDER, FOLDER_CONTACT, GROUP, TEAM, Entry
from local.faults import Fault, Faults
from local.graph import GraphEmulator
from local.identity import STORAGE, Identity
from local.photo_policy import PhotoPolicy
from pictures import claims
from pictures import plain as jpeg
from waiting import eventually

Body = bytes | Iterator[bytes]

ADA = "/users/ada@contoso.com"
CONTACTS = f"{ADA}/contacts/{CONTACT}"


def user(emulator: GraphEmulator, upn: str = "ada@contoso.com") -> Entry:
    return emulator.directory.known_user(upn)


class Caller:
    """Whoever calls Graph: the app, with its token and a fresh `client-request-id`, where a test does not say more."""

    def __init__(self, session: requests.Session, emulator: GraphEmulator, identity: Identity) -> None:
        self._session, self._emulator, self._identity = session, emulator, identity
        self.patience: float = 10

    def send(self, method: str, owner: str, body: Body = b"", **headers: str | None) -> requests.Response:
        """Send one request about somebody's photo; a header that is None is left out."""
        usual = {
            "Authorization": f"Bearer {self._identity.app_token(self._emulator.root)}",
            "Content-Type": "image/jpeg" if method == "PUT" else None,
            "client-request-id": str(uuid.uuid4()),
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self._emulator.url}{owner}/photo/$value"
        return self._session.request(method, url, data=body or None, headers=usual | given, timeout=self.patience)

    def put(self, owner: str = ADA, body: Body | None = None, **headers: str | None) -> requests.Response:
        return self.send("PUT", owner, jpeg() if body is None else body, **headers)

    def put_as(self, person: Entry, owner: str, scopes: str = "User.ReadWrite Contacts.ReadWrite") -> requests.Response:
        """Put a photo as somebody who is signed in."""
        token = self._identity.person_token(self._emulator.root, person.id, scopes)
        return self.put(owner, Authorization=f"Bearer {token}")

    def get(self, owner: str = ADA) -> requests.Response:
        return self.send("GET", owner)

    def delete(self, owner: str = ADA) -> requests.Response:
        return self.send("DELETE", owner)

    def about(self, owner: str = ADA) -> requests.Response:
        """Ask what is known about somebody's photo."""
        return self._ask("GET", f"{self._emulator.url}{owner}/photo")

    def users(self, condition: str, *, method: str = "GET", consistency: str = "", **options: str) -> requests.Response:
        """Ask for the people who fulfil a condition."""
        headers = {"ConsistencyLevel": consistency} if consistency else {}
        query = {f"${name}": value for name, value in ({"filter": condition} | options).items()}
        return self._ask(method, f"{self._emulator.url}/users?{urlencode(query)}", headers)

    def policy(self, *, method: str = "GET") -> requests.Response:
        """Ask for the tenant's photo policy."""
        return self._ask(method, f"{self._emulator.root}/beta/admin/people/photoUpdateSettings")

    def _ask(self, method: str, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        token = self._identity.app_token(self._emulator.root)
        usual = {"Authorization": f"Bearer {token}", "client-request-id": str(uuid.uuid4())}
        return self._session.request(method, url, headers=usual | (headers or {}), timeout=self.patience)

    def admin(self, path: str) -> requests.Response:
        return self._session.get(f"{self._emulator.root}/admin/{path}", timeout=10)

    def misbehave(self, *faults: dict[str, object]) -> requests.Response:
        """Tell the emulator what to do wrong from now on."""
        return self._session.put(f"{self._emulator.root}/admin/faults", json=faults, timeout=10)


@pytest.fixture
def caller(emulator: GraphEmulator, identity: Identity) -> Iterator[Caller]:
    with requests.Session() as session:
        session.trust_env = False  # nobody's proxy or netrc
        yield Caller(session, emulator, identity)


def refused(answer: requests.Response) -> tuple[int, str]:
    """The status and Graph's code of an error."""
    return answer.status_code, answer.json()["error"]["code"]


# Whose photo


@pytest.mark.parametrize(
    ("owner", "whose"),
    [
        (ADA, "Ada Lovelace"),
        ("/users/ADA@Contoso.com", "Ada Lovelace"),
        ("/users/mary.o'neill@contoso.com", "Mary O'Neill"),
        ("/users/mary.o%27neill%40contoso.com", "Mary O'Neill"),
        ("/users('mary.o''neill@contoso.com')", "Mary O'Neill"),
        ("/users/jos%C3%A9@contoso.com", "José Núñez"),
        ("/users/adele_fabrikam.com%23EXT%23@contoso.onmicrosoft.com", "Adele Vance"),
        ("/users/reception@contoso.com", "Reception"),
        (f"/groups/{GROUP}", "Engineering"),
        (f"/groups/{TEAM}", "Launch 2027"),
        (f"/groups/{TEAM.upper()}", "Launch 2027"),
        (CONTACTS, "Charles Babbage"),
        (f"{ADA}/contactFolders/{FOLDER}/contacts/{FOLDER_CONTACT}", "Mary Somerville"),
    ],
)
def test_a_photo_becomes_that_of_whom_the_path_names(
    emulator: GraphEmulator, caller: Caller, owner: str, whose: str
) -> None:
    photo = jpeg()
    assert caller.put(owner, photo).status_code == 200
    assert [entry.name for entry in emulator.directory if entry.photo == photo] == [whose]


def test_an_object_id_is_as_good_as_a_upn_whatever_its_case(emulator: GraphEmulator, caller: Caller) -> None:
    assert caller.put(f"/users/{emulator.directory.known_user('ada@contoso.com').id.upper()}").status_code == 200


def test_an_id_that_starts_with_a_dollar_sign_needs_quotes(emulator: GraphEmulator, caller: Caller) -> None:
    emulator.directory.add_user("$cash@contoso.com", "Johnny Cash")
    assert refused(caller.put("/users/$cash@contoso.com")) == (400, "BadRequest")
    assert refused(caller.put("/users/%24cash@contoso.com")) == (400, "BadRequest")
    assert caller.put("/users('$cash@contoso.com')").status_code == 200


@pytest.mark.parametrize(
    ("owner", "status", "code"),
    [
        ("/users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        ("/users/adele_fabrikam.com%2523EXT%2523@contoso.onmicrosoft.com", 404, "Request_ResourceNotFound"),
        (f"/groups/{GROUP[:-1]}0", 404, "Request_ResourceNotFound"),
        (f"/users/{GROUP}", 404, "Request_ResourceNotFound"),
        (f"{ADA}/contacts/{CONTACT.lower()}", 404, "ErrorItemNotFound"),
        (f"{ADA}/contacts/{FOLDER_CONTACT}", 404, "ErrorItemNotFound"),
        (f"{ADA}/contactFolders/{FOLDER.lower()}/contacts/{FOLDER_CONTACT}", 404, "ErrorItemNotFound"),
        (f"{ADA}/contactfolders/{FOLDER}", 404, "ErrorItemNotFound"),
        (f"/users/grace@contoso.com/contacts/{CONTACT}", 404, "ErrorItemNotFound"),
        (f"/users/reception@contoso.com/contacts/{CONTACT}", 404, "ErrorNonExistentMailbox"),
        (f"/teams/{TEAM}", 502, "BadGateway"),
        ("/me", 400, "BadRequest"),
        ("/devices/1", 400, "BadRequest"),
        ("", 400, "BadRequest"),
        ("/users('mary.o'neill@contoso.com')", 400, "BadRequest"),
    ],
)
def test_a_path_that_leads_to_nobody_says_why(caller: Caller, owner: str, status: int, code: str) -> None:
    assert refused(caller.put(owner)) == (status, code)


# Who may


def forged(identity: Identity, **claims: object) -> str:
    """A token as the identity would never make it."""
    now = int(time.time())
    usual = {"aud": "", "iat": now, "exp": now + 60, "roles": sorted(identity.roles)}
    given = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(given, identity.key, algorithm="HS256")


@pytest.mark.parametrize(
    "authorization",
    [
        lambda _identity, _graph: None,
        lambda _identity, _graph: "Bearer ",
        lambda _identity, _graph: "Bearer no.such.token",
        lambda identity, graph: identity.app_token(graph),
        lambda identity, graph: f"Basic {identity.app_token(graph)}",
        lambda identity, _graph: f"Bearer {identity.app_token(STORAGE)}",
        lambda identity, _graph: f"Bearer {identity.app_token('https://graph.microsoft.com')}",
        lambda identity, graph: f"Bearer {identity.app_token(graph, lifetime=-1)}",
        lambda _identity, graph: f"Bearer {Identity().app_token(graph)}",
        lambda identity, graph: f"Bearer {forged(identity, aud=graph, nbf=int(time.time()) + 60)}",
        lambda identity, graph: f"Bearer {forged(identity, aud=graph, exp=None)}",
        lambda identity, _graph: f"Bearer {forged(identity, aud=None)}",
        lambda _identity, graph: f"Bearer {jwt.encode({'aud': graph, 'exp': 2**31}, '', algorithm='none')}",
    ],
    ids=[
        "none", "empty", "no token", "no scheme", "another scheme", "for storage", "for another cloud", "expired",
        "signed with another key", "not valid yet", "valid for ever", "for nobody", "not signed",
    ],
)  # fmt: skip
def test_only_a_token_that_is_signed_alive_and_meant_for_graph_counts(
    emulator: GraphEmulator, identity: Identity, caller: Caller, authorization: Callable[[Identity, str], str | None]
) -> None:
    answer = caller.put(Authorization=authorization(identity, emulator.root))
    assert refused(answer) == (401, "InvalidAuthenticationToken")
    assert user(emulator).photo is None


@pytest.mark.parametrize(
    ("owner", "role"),
    [
        (ADA, "ProfilePhoto.ReadWrite.All"),
        (f"/groups/{GROUP}", "ProfilePhoto.ReadWrite.All"),
        (CONTACTS, "Contacts.ReadWrite"),
        ("/users/nobody@contoso.com", "ProfilePhoto.ReadWrite.All"),
        ("/users/nobody@contoso.com/contacts/1", "Contacts.ReadWrite"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_role_that_is_missing_is_refused_before_anything_is_said_of_the_person(
    identity: Identity, caller: Caller, method: str, owner: str, role: str
) -> None:
    identity.roles.remove(role)
    assert refused(caller.send(method, owner)) == (403, "ErrorAccessDenied")


def test_each_role_is_enough_for_its_own_kind(identity: Identity, caller: Caller) -> None:
    identity.roles.intersection_update({"Contacts.ReadWrite"})
    assert caller.put(CONTACTS).status_code == 200
    identity.roles.clear()
    identity.roles.add("ProfilePhoto.ReadWrite.All")
    assert caller.put(ADA).status_code == 200


@pytest.mark.parametrize(
    "owner", ["/me", ADA, f"/me/contacts/{CONTACT}", f"/me/contactFolders/{FOLDER}/contacts/{FOLDER_CONTACT}"]
)
def test_a_signed_in_person_reaches_what_is_theirs_without_the_apps_roles(
    identity: Identity, emulator: GraphEmulator, caller: Caller, owner: str
) -> None:
    identity.roles.clear()
    assert caller.put_as(user(emulator), owner).status_code == 200


@pytest.mark.parametrize("owner", [ADA, CONTACTS, f"/groups/{GROUP}"])
def test_a_signed_in_person_does_not_reach_what_is_somebody_elses(
    emulator: GraphEmulator, caller: Caller, owner: str
) -> None:
    assert refused(caller.put_as(user(emulator, "grace@contoso.com"), owner)) == (
        403,
        "ErrorAccessDenied",
    )


@pytest.mark.parametrize(("owner", "scopes"), [("/me", "Contacts.ReadWrite"), (f"/me/contacts/{CONTACT}", "User.Read")])
def test_a_signed_in_person_reaches_only_what_they_consented_to(
    emulator: GraphEmulator, caller: Caller, owner: str, scopes: str
) -> None:
    assert refused(caller.put_as(user(emulator), owner, scopes)) == (
        403,
        "ErrorAccessDenied",
    )


@pytest.mark.parametrize("value", [None, "", "1", "photo-sync", str(uuid.UUID(int=1))[:-1]])
def test_a_client_request_id_must_be_a_guid(caller: Caller, value: str | None) -> None:
    assert refused(caller.put(client_request_id=value)) == (400, "BadRequest")


def test_a_client_request_id_is_good_for_one_request(caller: Caller) -> None:
    once = str(uuid.uuid4())
    assert caller.put(client_request_id=once).status_code == 200
    assert refused(caller.put(client_request_id=once)) == (400, "BadRequest")
    assert refused(caller.put(client_request_id=once.upper())) == (400, "BadRequest")


# Which photo


@pytest.mark.parametrize("content_type", [None, "", "application/octet-stream", "image/jpeg; charset=x", "image/png"])
def test_the_content_type_must_be_image_jpeg_and_nothing_else(
    emulator: GraphEmulator, caller: Caller, content_type: str | None
) -> None:
    assert refused(caller.put(Content_Type=content_type)) == (415, "UnsupportedMediaType")
    assert user(emulator).photo is None


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "Request_BadRequest"),
        (b"%PDF-1.7", "Request_BadRequest"),
        (png(), "Request_BadRequest"),
        (jpeg()[:20], "Request_BadRequest"),
        (jpeg(width=648, height=648)[:-400], "Request_BadRequest"),
        (claims("JPEG", 60_000, 60_000), "Request_BadRequest"),
        (jpeg(width=47), "ValidationWidthTooSmall"),
        (jpeg(height=47), "ValidationWidthTooSmall"),
        (jpeg(width=1, height=1), "ValidationWidthTooSmall"),
    ],
    ids=["nothing", "PDF", "PNG", "head only", "truncated", "bomb", "47 wide", "47 high", "one pixel"],
)
def test_a_body_that_is_no_photo_is_refused(emulator: GraphEmulator, caller: Caller, body: bytes, code: str) -> None:
    assert refused(caller.put(body=body)) == (400, code)
    assert user(emulator).photo is None


@pytest.mark.parametrize(("size", "status"), [(3_999_999, 200), (4_000_000, 413), (9_000_000, 413)])
def test_a_photo_is_smaller_than_4_mb(caller: Caller, size: int, status: int) -> None:
    assert caller.put(body=jpeg().ljust(size, b"\0")).status_code == status


def test_a_photo_that_does_not_say_its_size_is_smaller_than_4_mb_too(caller: Caller) -> None:
    assert caller.put(body=iter([jpeg()])).status_code == 200
    assert caller.put(body=iter([jpeg(), *[bytes(1_000_000)] * 4])).status_code == 413


def test_48_pixels_are_enough(caller: Caller) -> None:
    assert caller.put(body=jpeg(width=48, height=48)).status_code == 200


def test_a_put_carries_no_condition(caller: Caller) -> None:
    assert refused(caller.put(If_Match="*")) == (412, "PreconditionFailed")


# What comes back


def test_a_photo_is_given_back_as_it_was_put(caller: Caller) -> None:
    caller.put(body=jpeg("red"))
    caller.put(body=jpeg("blue"))
    answer = caller.get()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.content == jpeg("blue")


def test_who_has_no_photo_has_none_to_get(caller: Caller) -> None:
    assert refused(caller.get()) == (404, "ImageNotFound")


@pytest.mark.parametrize("owner", [ADA, f"/groups/{GROUP}"])
def test_a_photo_can_be_deleted(caller: Caller, owner: str) -> None:
    caller.put(owner)
    assert caller.delete(owner).status_code == 204
    assert refused(caller.get(owner)) == (404, "ImageNotFound")


def test_who_has_no_photo_has_none_to_delete(caller: Caller) -> None:
    assert refused(caller.delete()) == (404, "ImageNotFound")


def test_a_photo_is_deleted_if_it_is_still_the_one_that_is_meant(caller: Caller) -> None:
    caller.put()
    before = caller.about().json()["@odata.mediaEtag"]
    caller.put()
    assert refused(caller.send("DELETE", ADA, If_Match=before)) == (412, "PreconditionFailed")
    now = caller.about().json()["@odata.mediaEtag"]
    assert caller.send("DELETE", ADA, If_Match=now).status_code == 204
    caller.put()
    assert caller.send("DELETE", ADA, If_Match="*").status_code == 204


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_teams_photo_is_not_to_be_had_by_that_name(caller: Caller, method: str) -> None:
    assert refused(caller.send(method, f"/teams/{TEAM}")) == (502, "BadGateway")


def test_it_tells_of_a_photo_what_it_is(caller: Caller) -> None:
    caller.put(body=jpeg(width=64, height=48))
    told = caller.about().json()
    assert re.fullmatch('W/"[0-9a-f]+"', told.pop("@odata.mediaEtag"))
    assert told == {"@odata.mediaContentType": "image/jpeg", "id": "64x48", "width": 64, "height": 48}


def test_each_put_has_an_etag_of_its_own_even_of_the_same_bytes(caller: Caller) -> None:
    etags = set()
    for _ in range(3):
        caller.put()
        etags |= {caller.about().json()["@odata.mediaEtag"], caller.about().json()["@odata.mediaEtag"]}
    assert len(etags) == 3


@pytest.mark.parametrize(
    ("owner", "status", "code"),
    [
        (ADA, 404, "ImageNotFound"),
        (CONTACTS, 404, "ImageNotFound"),
        ("/users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        (f"/teams/{TEAM}", 502, "BadGateway"),
    ],
)
def test_of_a_photo_that_is_not_there_it_tells_why(caller: Caller, owner: str, status: int, code: str) -> None:
    assert refused(caller.about(owner)) == (status, code)


def test_of_somebodys_photo_it_tells_those_only_who_may_know(identity: Identity, caller: Caller) -> None:
    identity.roles.remove("ProfilePhoto.ReadWrite.All")
    assert refused(caller.about()) == (403, "ErrorAccessDenied")


def test_a_contacts_photo_cannot_be_deleted(caller: Caller) -> None:
    caller.put(CONTACTS)
    assert caller.delete(CONTACTS).status_code == 405
    assert caller.get(CONTACTS).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_another_method_is_refused(caller: Caller, method: str) -> None:
    assert caller.send(method, ADA, jpeg(), Content_Type="image/jpeg").status_code == 405


@pytest.mark.parametrize("owner", [ADA, "/users/nobody@contoso.com"])
def test_an_answer_names_its_request_twice(caller: Caller, owner: str) -> None:
    mine = str(uuid.uuid4())
    answer = caller.put(owner, client_request_id=mine)
    assert answer.headers["client-request-id"] == mine
    assert uuid.UUID(answer.headers["request-id"]) != uuid.UUID(mine)


def test_an_error_has_the_shape_that_graph_gives_it(caller: Caller) -> None:
    answer = caller.put("/users/nobody@contoso.com")
    error = answer.json()["error"]
    assert answer.headers["Content-Type"] == "application/json"
    assert error.keys() == {"code", "message", "innerError"}
    assert "nobody@contoso.com" in error["message"]
    assert error["innerError"] == {
        "date": error["innerError"]["date"],
        "request-id": answer.headers["request-id"],
        "client-request-id": answer.headers["client-request-id"],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", error["innerError"]["date"])


# Who has which number


@pytest.fixture
def reader(identity: Identity, caller: Caller) -> Caller:
    """A caller who may look people up."""
    identity.roles.add("User.Read.All")
    return caller


def found(answer: requests.Response) -> list[str]:
    """The UPNs of those who were found."""
    assert answer.status_code == 200
    return [person["userPrincipalName"] for person in answer.json()["value"]]


@pytest.mark.parametrize(
    ("condition", "upns"),
    [
        ("employeeId eq 'E1001'", ["ada@contoso.com"]),
        ("employeeId eq 'e1001'", ["ada@contoso.com"]),
        ("employeeId eq 'E100'", []),
        ("employeeId eq 'E9999'", []),
        ("mail eq 'ADA.Lovelace@contoso.com'", ["ada@contoso.com"]),
        ("mail eq 'mary.o''neill@contoso.com'", ["mary.o'neill@contoso.com"]),
        ("userPrincipalName eq 'ada@contoso.com'", ["ada@contoso.com"]),
        (f"id eq '{GROUP}'", []),
    ],
)
def test_people_are_found_by_the_whole_of_a_property_whatever_its_capitals(
    reader: Caller, condition: str, upns: list[str]
) -> None:
    assert found(reader.users(condition)) == upns


def test_an_account_name_is_found_by_an_advanced_query_only(reader: Caller) -> None:
    condition = "onPremisesSamAccountName eq 'ada'"
    for options in ({}, {"consistency": "eventual"}, {"count": "true"}, {"consistency": "session", "count": "true"}):
        assert refused(reader.users(condition, **options)) == (400, "Request_UnsupportedQuery")
    answer = reader.users(condition, consistency="eventual", count="true")
    assert found(answer) == ["ada@contoso.com"]
    assert answer.json()["@odata.count"] == 1


def test_no_more_people_are_told_than_were_asked_for(emulator: GraphEmulator, reader: Caller) -> None:
    for upn in ("ada@contoso.com", "grace@contoso.com", "alan@contoso.com"):
        user(emulator, upn).employee_id = "E7"
    answer = reader.users("employeeId eq 'E7'", top="2", consistency="eventual", count="true")
    assert found(answer) == ["ada@contoso.com", "grace@contoso.com"]
    assert answer.json()["@odata.count"] == 3
    assert len(found(reader.users("employeeId eq 'E7'"))) == 3


def test_nothing_is_told_of_people_but_what_was_selected(emulator: GraphEmulator, reader: Caller) -> None:
    reception = user(emulator, "reception@contoso.com")
    answer = reader.users("userPrincipalName eq 'reception@contoso.com'", select="id,employeeId")
    assert answer.json() == {"value": [{"id": reception.id, "employeeId": None}]}


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "employeeId",
        "employeeId eq E1001",
        "employeeId eq ''",
        "employeeId eq 'O'Neill'",
        "employeeId ne 'E1001'",
        "employeeId eq 'E1001' or employeeId eq 'E1002'",
        "startswith(employeeId,'E1')",
        "shoeSize eq '42'",
    ],
)
def test_a_filter_that_it_does_not_understand_is_refused(reader: Caller, condition: str) -> None:
    assert refused(reader.users(condition)) == (400, "Request_BadRequest")


@pytest.mark.parametrize("options", [{"top": "0"}, {"top": "many"}, {"select": "id,shoeSize"}, {"orderby": "mail"}])
def test_an_option_that_it_does_not_understand_is_refused(reader: Caller, options: dict[str, str]) -> None:
    assert reader.users("employeeId eq 'E1001'", **options).status_code == 400


@pytest.mark.parametrize("role", ["User.ReadBasic.All", "ProfilePhoto.ReadWrite.All"])
def test_people_are_found_with_the_permission_for_it_only(identity: Identity, caller: Caller, role: str) -> None:
    identity.roles.add(role)
    assert refused(caller.users("employeeId eq 'E1001'")) == (403, "ErrorAccessDenied")


def test_people_are_only_read(reader: Caller) -> None:
    assert reader.users("employeeId eq 'E1001'", method="POST").status_code == 405


def test_a_fault_may_strike_look_ups_only(reader: Caller) -> None:
    reader.misbehave({"status": 429, "error_code": "TooManyRequests", "path": "/users?"})
    assert reader.users("employeeId eq 'E1001'").status_code == 429
    assert reader.put().status_code == 200


# Who may change photos at all


def test_it_tells_the_photo_policy_as_it_was_set(emulator: GraphEmulator, identity: Identity, caller: Caller) -> None:
    identity.roles.add("PeopleSettings.Read.All")
    assert caller.policy().json() == {"source": None, "allowedRoles": []}
    emulator.policy = PhotoPolicy("onPremises", ("62e90394-69f5-4237-9190-012177145e10",))
    assert caller.policy().json() == {
        "source": "onPremises",
        "allowedRoles": ["62e90394-69f5-4237-9190-012177145e10"],
    }
    assert caller.policy(method="PATCH").status_code == 405


def test_the_photo_policy_needs_a_permission_of_its_own(caller: Caller) -> None:
    assert refused(caller.policy()) == (403, "ErrorAccessDenied")


# What it does wrong when told to


@pytest.mark.parametrize("retry_after", [7, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_it_answers_a_fault_with_its_status_its_code_and_retry_after(caller: Caller, retry_after: int | str) -> None:
    caller.misbehave({"status": 429, "error_code": "TooManyRequests", "retry_after": retry_after})
    answer = caller.put()
    assert refused(answer) == (429, "TooManyRequests")
    assert answer.headers["Retry-After"] == str(retry_after)


def test_it_hangs_up(emulator: GraphEmulator, caller: Caller) -> None:
    caller.misbehave({"drop": True, "times": 1})
    with pytest.raises(requests.ConnectionError):
        caller.put()
    assert user(emulator).photo is None
    assert caller.put().status_code == 200


def test_it_is_slow(caller: Caller) -> None:
    caller.misbehave({"delay": 0.3})
    before = time.monotonic()
    assert caller.put().status_code == 200
    assert time.monotonic() - before >= 0.3


def test_one_slow_answer_does_not_hold_up_the_others(caller: Caller) -> None:
    caller.misbehave({"delay": 30, "path": "grace@contoso.com"})
    caller.patience = 1
    with pytest.raises(requests.ReadTimeout):
        caller.get("/users/grace@contoso.com")
    assert caller.put().status_code == 200


def test_it_does_not_know_somebody_at_first(caller: Caller) -> None:
    caller.misbehave({"status": 404, "error_code": "ErrorItemNotFound", "times": 2})
    assert [caller.put().status_code for _ in range(3)] == [404, 404, 200]


def test_a_request_whose_connection_was_lost_may_take_effect_all_the_same(
    emulator: GraphEmulator, caller: Caller
) -> None:
    caller.misbehave({"drop": True, "late": 0.3})
    with pytest.raises(requests.ConnectionError):
        caller.put("/users/ada@contoso.com")
    ada = emulator.directory.known_user("ada@contoso.com")
    assert ada.photo is None
    assert eventually(lambda: ada.photo is not None)


def test_a_fault_strikes_only_the_paths_that_it_names_percent_decoded(caller: Caller) -> None:
    caller.misbehave({"status": 503, "path": "josé@contoso.com"})
    assert caller.put("/users/jos%C3%A9%40contoso.com").status_code == 503
    assert caller.put(ADA).status_code == 200


def test_the_next_fault_strikes_when_the_first_is_used_up(caller: Caller) -> None:
    caller.misbehave({"status": 503, "times": 1}, {"status": 429, "times": 1})
    assert [caller.put().status_code for _ in range(3)] == [503, 429, 200]


def test_new_faults_replace_the_former_ones(caller: Caller) -> None:
    caller.misbehave({"status": 503})
    assert caller.misbehave().status_code == 200
    assert caller.put().status_code == 200


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0, 0), (0.3, 250, 350), (1, 1000, 1000)])
def test_a_fault_strikes_at_its_rate(rate: float, least: int, most: int) -> None:
    faults = Faults()
    faults.set([Fault(status=503, rate=rate)], seed=1)
    struck = sum(faults.strike(ADA) is not None for _ in range(1000))
    assert least <= struck <= most


def test_a_fault_that_is_told_about_can_be_told_about_again() -> None:
    fault, faults = Fault(status=503, times=1), Faults()
    for _ in range(2):
        faults.set([fault])
        assert faults.strike(ADA) is not None
        assert faults.strike(ADA) is None


def test_a_fault_that_it_does_not_understand_is_refused(caller: Caller) -> None:
    answer = caller.misbehave({"statsu": 503})
    assert answer.status_code == 400
    assert "statsu" in answer.text


# What it tells


def test_it_tells_every_request_that_it_saw_oldest_first(caller: Caller) -> None:
    caller.misbehave({"drop": True, "path": "grace"})
    caller.put(ADA, client_request_id=(mine := str(uuid.uuid4())), User_Agent="a test")
    caller.get("/users/nobody@contoso.com")
    with pytest.raises(requests.ConnectionError):
        caller.put("/users/grace@contoso.com")
    first, second, third = caller.admin("requests").json()
    assert first | {"arrived": "", "at": "", "token_id": ""} == {
        "arrived": "",
        "at": "",
        "token_id": "",
        "retry_after": "",
        "method": "PUT",
        "path": "/v1.0/users/ada@contoso.com/photo/$value",
        "status": 200,
        "client_request_id": mine,
        "user_agent": "a test",
    }
    assert [(seen["method"], seen["status"]) for seen in (second, third)] == [("GET", 404), ("PUT", None)]


def test_it_tells_which_requests_came_with_the_same_token(
    emulator: GraphEmulator, caller: Caller, identity: Identity
) -> None:
    token = identity.app_token(emulator.root)
    for authorization in (f"Bearer {token}", f"Bearer {token}", f"Bearer {identity.app_token(emulator.root)}", "none"):
        caller.put(ADA, Authorization=authorization)
    first, second, another, none = (seen.token_id for seen in emulator.seen())
    assert first == second != another
    assert "" not in {first, another}
    assert none == ""


def test_it_tells_how_long_it_asked_to_wait(emulator: GraphEmulator, caller: Caller) -> None:
    caller.misbehave({"status": 429, "retry_after": 7})
    caller.put(ADA)
    (seen,) = emulator.seen()
    assert seen.retry_after == "7"
    assert seen.arrived <= seen.at


def test_what_it_tells_about_itself_is_no_request_to_graph(emulator: GraphEmulator, caller: Caller) -> None:
    caller.admin("requests")
    caller.admin("directory")
    assert emulator.seen() == []


def test_the_directory_lists_everybody_and_their_photo(emulator: GraphEmulator, caller: Caller) -> None:
    caller.put(ADA)
    cards = {card["name"]: card for card in caller.admin("directory").json()}
    assert len(cards) == len(list(emulator.directory))
    assert cards["Grace Hopper"] == {
        "kind": "user",
        "id": user(emulator, "grace@contoso.com").id,
        "name": "Grace Hopper",
        "detail": "Compilers",
        "sha256": "",
        "bytes": 0,
        "changed": None,
    }
    assert (cards["Ada Lovelace"]["sha256"], cards["Ada Lovelace"]["bytes"]) == (
        user(emulator).sha256,
        len(jpeg()),
    )
    assert cards["Ada Lovelace"]["changed"]


def test_the_directory_gives_the_photos_themselves(emulator: GraphEmulator, caller: Caller) -> None:
    caller.put(CONTACTS)
    assert caller.admin(f"photos/{CONTACT}").content == jpeg()
    assert caller.admin(f"photos/{emulator.directory.known_user('ada@contoso.com').id}").status_code == 404
