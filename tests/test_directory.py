"""People are found in the real emulator; only what Graph would never say comes from a server of the test's own."""

import threading
from collections.abc import Callable, Iterator
from string import Formatter

import pytest
from azure.identity import ManagedIdentityCredential
from werkzeug.wrappers import Request, Response

from local.faults import Fault
from local.graph import GraphEmulator
from local.identity import CLIENT_ID, Identity
from local.server import answer, serve
from photo_sync.backoff import QUICKLY, SLOWLY
from photo_sync.connection import Connection
from photo_sync.directory import KEPT_SECONDS, LOOKUP_FAULTS, Directory
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.fault import Fault as GraphFault
from photo_sync.graph import LOOKUP_ROLE, Graph
from photo_sync.people import Person, UserMatch
from photo_sync.target import Target
from photo_sync.throttle import Throttle
from pictures import plain

LOOK_UPS = "/users?"


@pytest.fixture(autouse=True)
def identity(identity: Identity) -> Identity:
    """The app's identity, allowed to look people up."""
    identity.roles.add(LOOKUP_ROLE)
    return identity


class Seconds:
    """A clock that a test sets."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


def connection(url: str, throttle: Throttle | None = None) -> Connection:
    return Connection(url, ManagedIdentityCredential(client_id=CLIENT_ID), throttle or Throttle(4))


@pytest.fixture
def by_employee_id(emulator: GraphEmulator, clock: Seconds) -> Directory:
    return Directory(connection(emulator.url), UserMatch.EMPLOYEE_ID, clock)


def put_off(directory: Directory, value: str = "E1001") -> TryLater:
    with pytest.raises(TryLater) as fault:
        directory.person(value)
    return fault.value


def refused(directory: Directory, value: str) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        directory.person(value)
    return refusal.value


# Who is found


@pytest.mark.parametrize(
    ("match", "value", "upn"),
    [
        (UserMatch.EMPLOYEE_ID, "E1001", "ada@contoso.com"),
        (UserMatch.EMPLOYEE_ID, "e1006", "mary.o'neill@contoso.com"),
        (UserMatch.MAIL, "mary.o'neill@contoso.com", "mary.o'neill@contoso.com"),
        (UserMatch.MAIL, "Ada.Lovelace@contoso.com", "ada@contoso.com"),
        (UserMatch.MAIL, "adele@fabrikam.com", "adele_fabrikam.com#EXT#@contoso.onmicrosoft.com"),
        (UserMatch.SAM_ACCOUNT_NAME, "ada", "ada@contoso.com"),
        (UserMatch.SAM_ACCOUNT_NAME, "josé", "josé@contoso.com"),
        (UserMatch.SAM_ACCOUNT_NAME, "mary.o'neill", "mary.o'neill@contoso.com"),
    ],
)
def test_the_one_person_is_found_by_the_property_that_was_chosen(
    emulator: GraphEmulator, match: UserMatch, value: str, upn: str
) -> None:
    found = Directory(connection(emulator.url), match).person(value)
    assert found == Person(emulator.directory.known_user(upn).id, upn)


@pytest.mark.parametrize("value", ["E9999", "' or employeeId eq 'E1001", "E1001' or 1 eq 1 or employeeId eq '", "*"])
def test_nobody_is_found_by_what_nobody_has(by_employee_id: Directory, value: str) -> None:
    assert refused(by_employee_id, value).code == "no-such-person"


def test_two_who_share_a_number_are_both_left_alone(emulator: GraphEmulator, by_employee_id: Directory) -> None:
    emulator.directory.known_user("grace@contoso.com").employee_id = "E1001"
    assert refused(by_employee_id, "E1001").code == "several-people"


# Who is remembered


def test_who_was_found_is_remembered_for_some_minutes(
    emulator: GraphEmulator, by_employee_id: Directory, clock: Seconds
) -> None:
    first = by_employee_id.person("E1001")
    clock.now += KEPT_SECONDS - 1
    assert by_employee_id.person("E1001") == first
    assert len(emulator.seen()) == 1
    emulator.directory.known_user("ada@contoso.com").employee_id = "E7"
    emulator.directory.known_user("grace@contoso.com").employee_id = "E1001"
    clock.now += 1
    assert by_employee_id.person("E1001").upn == "grace@contoso.com"
    assert len(emulator.seen()) == 2


def test_who_was_not_found_is_asked_for_again(emulator: GraphEmulator, by_employee_id: Directory) -> None:
    assert refused(by_employee_id, "E2000").code == "no-such-person"
    emulator.directory.add_user("new@contoso.com", "New Here").employee_id = "E2000"
    assert by_employee_id.person("E2000").upn == "new@contoso.com"


def test_no_more_people_are_remembered_than_there_is_room_for(
    emulator: GraphEmulator,
) -> None:
    directory = Directory(connection(emulator.url), UserMatch.EMPLOYEE_ID, most=2)
    for value in ("E1001", "E1002", "E1003", "E1003", "E1002"):
        directory.person(value)
    assert len(emulator.seen()) == 3
    directory.person("E1001")
    assert len(emulator.seen()) == 4


def test_many_may_ask_at_once(by_employee_id: Directory) -> None:
    found: list[Person] = []
    values = [f"E{number}" for number in range(1001, 1008)] * 2
    threads = [
        threading.Thread(target=lambda value=value: found.append(by_employee_id.person(value))) for value in values
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 14
    assert len(set(found)) == 7


# What Graph answers otherwise


def test_the_permission_that_is_missing_is_named(identity: Identity, by_employee_id: Directory) -> None:
    identity.roles.remove(LOOKUP_ROLE)
    fault = put_off(by_employee_id)
    assert (fault.code, fault.backoff) == ("permission-missing", SLOWLY)
    assert "User.Read.All" in fault.reason
    assert "photo" not in fault.reason


@pytest.mark.parametrize("basic", ["User.ReadBasic.All", "ProfilePhoto.ReadWrite.All"])
def test_a_lesser_permission_is_not_enough(identity: Identity, by_employee_id: Directory, basic: str) -> None:
    identity.roles.remove(LOOKUP_ROLE)
    identity.roles.add(basic)
    assert put_off(by_employee_id).code == "permission-missing"


def test_a_pause_that_graph_asks_for_at_a_look_up_is_everybodys(emulator: GraphEmulator, clock: Seconds) -> None:
    throttle = Throttle(4, clock)
    both = connection(emulator.url, throttle)
    directory, graph = Directory(both, UserMatch.EMPLOYEE_ID, clock), Graph(both)
    emulator.faults.set([Fault(status=429, retry_after=30, path=LOOK_UPS, times=1)])
    fault = put_off(directory)
    assert (fault.code, fault.retry_after) == ("throttled", 30)
    with pytest.raises(TryLater, match="asked for a pause"):
        graph.put_photo(Target.parse("users/ada@contoso.com.jpg"), plain())
    assert len(emulator.seen()) == 1
    clock.now += 30
    assert directory.person("E1001").upn == "ada@contoso.com"


@pytest.mark.parametrize(
    ("fault", "code", "backoff"),
    [
        (Fault(status=401), "not-signed-in", SLOWLY),
        (Fault(status=409), "conflict", QUICKLY),
        (Fault(status=429), "throttled", QUICKLY),
        (Fault(status=503), "service-fault", QUICKLY),
        (Fault(status=504), "service-fault", QUICKLY),
        (Fault(drop=True), "no-answer", QUICKLY),
    ],
    ids=str,
)
def test_what_passes_is_tried_again(
    emulator: GraphEmulator, by_employee_id: Directory, fault: Fault, code: str, backoff: object
) -> None:
    emulator.faults.set([fault])
    told = put_off(by_employee_id)
    assert (told.code, told.backoff) == (code, backoff)


@pytest.mark.parametrize(
    ("status", "error_code", "code"),
    [
        (302, "", "not-graph"),
        (400, "Request_UnsupportedQuery", "lookup-refused"),
        (404, "", "lookup-refused"),
        (414, "", "lookup-refused"),
    ],
)
def test_what_does_not_pass_is_refused_and_names_what_was_asked(
    emulator: GraphEmulator, by_employee_id: Directory, status: int, error_code: str, code: str
) -> None:
    emulator.faults.set([Fault(status=status, error_code=error_code, path=LOOK_UPS)])
    refusal = refused(by_employee_id, "E{1001}")
    assert refusal.code == code
    assert refusal.answer is not None
    assert (refusal.answer.status, refusal.answer.error_code) == (status, error_code)
    assert code == "not-graph" or "the employeeId “E{1001}” (status" in refusal.reason


def test_a_new_token_is_had_for_a_look_up_too(emulator: GraphEmulator, by_employee_id: Directory) -> None:
    emulator.faults.set([Fault(status=401, path=LOOK_UPS, times=1)])
    assert by_employee_id.person("E1001").upn == "ada@contoso.com"
    assert len({seen.token_id for seen in emulator.seen()}) == 2


@pytest.fixture
def says(identity: Identity) -> Iterator[Callable[[object], Directory]]:
    """The directory before a server that answers every look-up with what the test says."""
    said: list[object] = []

    def respond(_request: Request) -> Response:
        return said[0] if isinstance(said[0], Response) else answer(said[0])

    with serve(Request.application(respond)) as root:
        identity.audiences.add(root)

        def directory(body: object) -> Directory:
            said.append(body)
            return Directory(connection(f"{root}/v1.0"), UserMatch.EMPLOYEE_ID)

        yield directory


ONE = {"id": "42", "userPrincipalName": "ada@contoso.com"}


@pytest.mark.parametrize(
    "body",
    [
        Response("<html>Welcome</html>"),
        Response(b"\xff\xfe"),
        [],
        {},
        {"value": None},
        {"value": 1},
        {"value": ONE},
        {"value": ["42"]},
        {"value": [{"id": "42"}]},
        {"value": [ONE | {"id": None}]},
        {"value": [ONE | {"id": ""}]},
        {"value": [ONE | {"userPrincipalName": 1}]},
        {"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"},
        {"value": [ONE], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"},
    ],
    ids=str,
)
def test_what_is_no_whole_list_of_people_finds_nobody_and_loses_nobody(
    says: Callable[[object], Directory], body: object
) -> None:
    fault = put_off(says(body))
    assert (fault.code, fault.backoff, fault.is_over) == ("no-answer", QUICKLY, True)
    assert "the employeeId “E1001”" in fault.reason
    assert fault.answer is not None
    assert fault.answer.status == 200


def test_what_else_an_answer_holds_does_not_matter(says: Callable[[object], Directory]) -> None:
    assert says({"@odata.count": 1, "value": [ONE | {"jobTitle": None}]}).person("E1") == Person(
        "42", "ada@contoso.com"
    )


@pytest.mark.parametrize("fault", LOOKUP_FAULTS, ids=lambda fault: fault.code)
def test_every_row_of_the_table_is_a_sentence(fault: GraphFault) -> None:
    known = {"who", "role", "status", "error_code"}
    assert {field for _, field, _, _ in Formatter().parse(fault.reason) if field} <= known
    assert fault.reason.endswith(".")


def test_every_answer_has_a_row_in_the_table() -> None:
    assert all(any(fault.means(Answer(status), "users") for fault in LOOKUP_FAULTS) for status in range(1_000))
