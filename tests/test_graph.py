import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from string import Formatter

import pytest
from azure.identity import ManagedIdentityCredential
from werkzeug.wrappers import Request, Response

from local.directory import CONTACT, FOLDER, FOLDER_CONTACT, GROUP, TEAM
from local.faults import Fault
from local.graph import GraphEmulator
from local.identity import CLIENT_ID, Identity
from local.server import serve
from photo_sync import __version__
from photo_sync.answer import PAUSE
from photo_sync.backoff import QUICKLY, SLOWLY, Backoff
from photo_sync.bearer import token_scope
from photo_sync.connection import Connection
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.fault import Fault as GraphFault
from photo_sync.graph import DELETE_FAULTS, FAULTS, Graph
from photo_sync.target import Target
from photo_sync.throttle import Throttle
from pictures import plain as jpeg

ADA = Target.parse("users/ada@contoso.com.jpg")
ENGINEERING = Target.parse(f"groups/{GROUP}.jpg")
BABBAGE = Target.parse(f"users/ada@contoso.com/contacts/{CONTACT}.jpg")


def put_off(graph: Graph, target: Target = ADA) -> TryLater:
    """Send a photo, which is for later."""
    with pytest.raises(TryLater) as fault:
        graph.put_photo(target, jpeg())
    return fault.value


@contextmanager
def answering(
    identity: Identity, respond: Callable[[Request], Response], throttle: Throttle | None = None
) -> Iterator[Graph]:
    """Graph's client, before a server that answers as the test likes."""
    with serve(Request.application(respond)) as root:
        identity.audiences.add(root)
        yield Graph(Connection(f"{root}/v1.0", ManagedIdentityCredential(client_id=CLIENT_ID), throttle or Throttle(4)))


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("users/ada@contoso.com.jpg", "Ada Lovelace"),
        ("users/mary.o'neill@contoso.com.jpg", "Mary O'Neill"),
        ("users/josé@contoso.com.jpg", "José Núñez"),
        ("users/adele_fabrikam.com#EXT#@contoso.onmicrosoft.com.jpg", "Adele Vance"),
        (f"groups/{GROUP}.jpg", "Engineering"),
        (f"teams/{TEAM}.jpg", "Launch 2027"),
        (f"contacts/{CONTACT}.jpg", "Charles Babbage"),
        (f"users/ada@contoso.com/contacts/{CONTACT}.jpg", "Charles Babbage"),
        (f"users/ada@contoso.com/contactFolders/{FOLDER}/contacts/{FOLDER_CONTACT}.jpg", "Mary Somerville"),
    ],
)
def test_a_photo_becomes_that_of_whom_the_name_says(
    emulator: GraphEmulator, graph: Graph, name: str, whose: str
) -> None:
    photo = jpeg()
    answer = graph.put_photo(Target.parse(name, contacts_mailbox="ada@contoso.com"), photo)
    assert answer.status == 200
    assert [entry.name for entry in emulator.directory if entry.photo == photo] == [whose]


def test_a_upn_that_starts_with_a_dollar_sign_is_reached(emulator: GraphEmulator, graph: Graph) -> None:
    emulator.directory.add_user("$o'hara@contoso.com", "Scarlett O'Hara")
    graph.put_photo(Target.parse("users/$o'hara@contoso.com.jpg"), jpeg())
    assert emulator.directory.known_user("$o'hara@contoso.com").photo


def test_the_answer_tells_the_ids_that_support_asks_for(graph: Graph) -> None:
    answer = graph.put_photo(ADA, jpeg())
    assert uuid.UUID(answer.request_id) != uuid.UUID(answer.client_request_id)


def test_every_request_has_an_id_of_its_own_and_names_the_app(emulator: GraphEmulator, graph: Graph) -> None:
    for _ in range(3):
        graph.put_photo(ADA, jpeg())
    assert len({seen.client_request_id for seen in emulator.seen()}) == 3
    assert {seen.user_agent for seen in emulator.seen()} == {f"photo-sync/{__version__}"}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_success(emulator: GraphEmulator, graph: Graph, status: int) -> None:
    emulator.faults.set([Fault(status=status)])
    assert graph.put_photo(ADA, jpeg()).status == status


@pytest.mark.parametrize(
    ("status", "error_code", "target", "code", "advice"),
    [
        (302, "", ADA, "not-graph", "Set GRAPH_URL"),
        (400, "ValidationWidthTooSmall", ADA, "too-small", "Upload a larger one"),
        (400, "Request_BadRequest", ADA, "refused", "(status 400, code “Request_BadRequest”)"),
        (400, "AppOnlyTokenNotSupportedForGroupUpdate", ENGINEERING, "app-only-refused", "by hand"),
        (403, "AppOnlyTokenNotSupportedForGroupUpdate", ENGINEERING, "app-only-refused", "by hand"),
        (405, "", ADA, "not-graph", "(405)"),
        (413, "", ADA, "too-large", "MAX_PHOTO_BYTES"),
        (415, "", ADA, "refused", "(status 415, code “”)"),
        (507, "", ADA, "storage-full", "Make room"),
        (507, "", BABBAGE, "storage-full", "The mailbox of “ada@contoso.com” is full"),
        (999, "", ADA, "refused", "status 999"),
    ],
)
def test_a_refusal_for_good_says_what_to_do(
    emulator: GraphEmulator, graph: Graph, status: int, error_code: str, target: Target, code: str, advice: str
) -> None:
    emulator.faults.set([Fault(status=status, error_code=error_code)])
    with pytest.raises(Rejected) as refusal:
        graph.put_photo(target, jpeg())
    assert refusal.value.code == code
    assert advice in refusal.value.reason
    assert refusal.value.answer is not None
    assert (refusal.value.answer.status, refusal.value.answer.error_code) == (status, error_code)


@pytest.mark.parametrize(
    ("status", "error_code", "target", "code", "advice"),
    [
        (400, "AuthenticationError", ADA, "no-mailbox", "Assign a licence"),
        (401, "InvalidAuthenticationToken", ADA, "not-signed-in", "GRAPH_URL"),
        (403, "Authorization_RequestDenied", ADA, "permission-missing", "ProfilePhoto.ReadWrite.All"),
        (403, "ErrorAccessDenied", BABBAGE, "permission-missing", "Contacts.ReadWrite"),
        (403, "", ENGINEERING, "permission-missing", "photoUpdateSettings"),
        (404, "Request_ResourceNotFound", ADA, "no-such-target", "the user “ada@contoso.com”"),
        (404, "Request_ResourceNotFound", ENGINEERING, "no-such-target", f"the group “{GROUP}”"),
        (404, "ErrorItemNotFound", BABBAGE, "no-such-target", "of “ada@contoso.com”"),
        (404, "ErrorNonExistentMailbox", BABBAGE, "no-mailbox", "Exchange Online"),
        (404, "MailboxNotHostedInExchangeOnline", ADA, "no-mailbox", "Exchange Online"),
        (404, "MailboxNotEnabledForRESTAPI", ADA, "no-mailbox", "Assign a licence"),
        (404, "", ADA, "no-such-target", "Correct the file's name"),
    ],
)
def test_what_people_must_do_first_is_tried_again_slowly_and_says_what_that_is(
    emulator: GraphEmulator, graph: Graph, status: int, error_code: str, target: Target, code: str, advice: str
) -> None:
    emulator.faults.set([Fault(status=status, error_code=error_code)])
    fault = put_off(graph, target)
    assert (fault.code, fault.backoff) == (code, SLOWLY)
    assert advice in fault.reason
    assert fault.answer is not None
    assert (fault.answer.status, fault.answer.error_code) == (status, error_code)


@pytest.mark.parametrize(
    ("status", "error_code", "code"),
    [
        (404, "ErrorItemNotFound", "flaky-not-found"),
        (408, "", "conflict"),
        (409, "", "conflict"),
        (423, "", "conflict"),
        (429, "TooManyRequests", "throttled"),
        (429, "activityLimitReached", "throttled"),
        (500, "ErrorInternalServerError", "service-fault"),
        (502, "BadGateway", "service-fault"),
        (503, "serviceNotAvailable", "service-fault"),
        (504, "", "service-fault"),
        (509, "", "throttled"),
    ],
)
def test_what_passes_by_itself_is_tried_again_quickly(
    emulator: GraphEmulator, graph: Graph, status: int, error_code: str, code: str
) -> None:
    emulator.faults.set([Fault(status=status, error_code=error_code)])
    fault = put_off(graph)
    assert (fault.code, fault.backoff) == (code, QUICKLY)
    assert fault.answer is not None
    assert fault.answer.status == status


@pytest.mark.parametrize(
    ("fault", "is_over"),
    [
        (Fault(status=404), True),
        (Fault(status=408), True),
        (Fault(status=429), True),
        (Fault(status=500), False),
        (Fault(status=503), False),
        (Fault(status=504), False),
        (Fault(drop=True), False),
    ],
    ids=str,
)
def test_what_graph_did_not_answer_itself_may_still_take_effect(
    emulator: GraphEmulator, graph: Graph, fault: Fault, *, is_over: bool
) -> None:
    emulator.faults.set([fault])
    assert put_off(graph).is_over is is_over


# Pauses


IN_A_MINUTE = "in a minute"  # as a date, counted from when the test runs


@pytest.mark.parametrize("status", [429, 509, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        (IN_A_MINUTE, 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("9999999999", 3_600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3_600),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_an_hour_at_most(
    emulator: GraphEmulator, graph: Graph, header: str, seconds: float, status: int
) -> None:
    if header == IN_A_MINUTE:
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    emulator.faults.set([Fault(status=status, retry_after=header)])
    assert put_off(graph).retry_after == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, None, PAUSE),
        (429, "soon", PAUSE),
        (429, "-1", PAUSE),
        (509, None, PAUSE),
        (503, None, None),
        (503, "soon", None),
        (500, "7", None),
        (409, "7", None),
        (404, "7", None),
    ],
)
def test_who_asks_for_a_pause_without_saying_how_long_gets_one_and_others_get_none(
    emulator: GraphEmulator, graph: Graph, status: int, header: str | None, seconds: float | None
) -> None:
    emulator.faults.set([Fault(status=status, retry_after=header, times=1)])
    assert put_off(graph).retry_after == seconds
    calls = len(emulator.seen())
    if seconds is None:
        graph.put_photo(ADA, jpeg())
        assert len(emulator.seen()) == calls + 1
    else:
        assert put_off(graph).code == "throttled"
        assert len(emulator.seen()) == calls


def test_during_a_pause_nothing_is_sent_for_anybody_and_afterwards_all_is(emulator: GraphEmulator) -> None:
    seconds = 1_000.0
    throttle = Throttle(4, lambda: seconds)
    graphs = [
        Graph(Connection(emulator.url, ManagedIdentityCredential(client_id=CLIENT_ID), throttle)) for _ in range(2)
    ]
    emulator.faults.set([Fault(status=429, retry_after=30, times=1)])
    assert put_off(graphs[0]).retry_after == 30
    calls = len(emulator.seen())
    away = [put_off(graph, target) for graph in graphs for target in (ADA, ENGINEERING)]
    assert [fault.retry_after for fault in away] == [30.25, 30.5, 30.75, 31]
    assert all(fault.is_over and fault.answer is None for fault in away)
    assert len(emulator.seen()) == calls
    seconds += 30
    for graph in graphs:
        graph.put_photo(ADA, jpeg())


def test_no_more_is_sent_at_a_time_than_the_throttle_lets_out(identity: Identity) -> None:
    two, lock, out, most = threading.Barrier(2, timeout=5), threading.Lock(), set[str](), list[int]()

    def respond(request: Request) -> Response:
        id_ = request.headers["client-request-id"]
        with lock:
            out.add(id_)
            most.append(len(out))
        two.wait()
        with lock:
            out.remove(id_)
        return Response()

    with answering(identity, respond, Throttle(2)) as graph:
        threads = [threading.Thread(target=graph.put_photo, args=(ADA, jpeg())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(most), max(most)) == (8, 2)


# Answers


@pytest.mark.parametrize(
    ("body", "error_code"),
    [
        (
            '{"error": {"code": "BadRequest", "innerError": {"code": "ErrorNonExistentMailbox"}}}',
            "ErrorNonExistentMailbox",
        ),
        ('{"error": {"code": "ErrorNonExistentMailbox", "innererror": {"code": "Odd"}}}', "ErrorNonExistentMailbox"),
        ('{"error": {"code": "Outer", "innerError": {"code": "Inner"}}}', "Outer"),
        ('{"error": {"message": "no code"}}', ""),
        ('{"error": "words"}', ""),
        ('["a list"]', ""),
        ("<html>Bad gateway</html>", ""),
        ("", ""),
    ],
)
def test_the_most_specific_code_that_is_known_counts(identity: Identity, body: str, error_code: str) -> None:
    def respond(_request: Request) -> Response:
        return Response(body, 404)

    with answering(identity, respond) as graph:
        fault = put_off(graph)
    assert fault.answer is not None
    assert fault.answer.error_code == error_code


def test_a_dropped_connection_is_for_later(emulator: GraphEmulator, graph: Graph) -> None:
    emulator.faults.set([Fault(drop=True)])
    fault = put_off(graph)
    assert (fault.code, fault.backoff, fault.retry_after) == ("no-answer", QUICKLY, None)
    assert fault.answer == Answer(client_request_id=emulator.seen()[-1].client_request_id)
    assert emulator.directory.known_user("ada@contoso.com").photo is None


def test_nobody_listening_is_for_later(identity: Identity) -> None:
    with answering(identity, lambda _request: Response()) as graph:
        pass
    with pytest.raises(TryLater, match="did not answer"):
        graph.put_photo(ADA, jpeg())


def test_connections_are_kept_open_and_new_after_a_503(identity: Identity) -> None:
    ports, statuses = [], iter([200, 200, 503, 200])

    def respond(request: Request) -> Response:
        ports.append(request.environ["REMOTE_PORT"])
        request.get_data()
        return Response(status=next(statuses))

    with answering(identity, respond) as graph:
        graph.put_photo(ADA, jpeg())
        graph.put_photo(ADA, jpeg())
        with pytest.raises(TryLater):
            graph.put_photo(ADA, jpeg())
        graph.put_photo(ADA, jpeg())
    assert ports[0] == ports[1] == ports[2] != ports[3]


def test_a_netrc_file_does_not_replace_the_token(
    emulator: GraphEmulator, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert graph.put_photo(ADA, jpeg()) != Answer()
    assert emulator.directory.known_user("ada@contoso.com").photo


def test_a_redirect_is_not_followed(identity: Identity) -> None:
    paths = []

    def respond(request: Request) -> Response:
        paths.append(request.path)
        return Response(status=307, headers={"Location": "/elsewhere"})

    with answering(identity, respond) as graph, pytest.raises(Rejected):
        graph.put_photo(ADA, jpeg())
    assert len(paths) == 1


@pytest.mark.parametrize(("target", "role"), [(ADA, "ProfilePhoto.ReadWrite.All"), (BABBAGE, "Contacts.ReadWrite")])
def test_a_permission_that_is_not_granted_is_named(identity: Identity, graph: Graph, target: Target, role: str) -> None:
    identity.roles.remove(role)
    assert role in put_off(graph, target).reason


def test_many_at_once_ask_for_one_token(emulator: GraphEmulator) -> None:
    graph = Graph(Connection(emulator.url, ManagedIdentityCredential(client_id=CLIENT_ID), Throttle(8)))
    threads = [threading.Thread(target=graph.put_photo, args=(ADA, jpeg())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = emulator.seen()
    assert [request.status for request in seen] == [200] * 8
    assert len({request.token_id for request in seen}) == 1


def test_a_token_that_is_refused_is_renewed_once(identity: Identity) -> None:
    tokens = []

    def respond(request: Request) -> Response:
        tokens.append(request.headers["Authorization"])
        return Response(status=401 if len(tokens) == 1 else 200)

    with answering(identity, respond) as graph:
        assert graph.put_photo(ADA, jpeg()).status == 200
    assert len(set(tokens)) == 2


def test_a_token_that_is_refused_again_is_for_later(identity: Identity) -> None:
    seen = []

    def respond(request: Request) -> Response:
        seen.append(request.headers["client-request-id"])
        return Response(status=401)

    with answering(identity, respond) as graph, pytest.raises(TryLater, match="GRAPH_URL"):
        graph.put_photo(ADA, jpeg())
    assert len(set(seen)) == 2


def test_a_fault_that_is_logged_shows_the_ids_that_support_asks_for(emulator: GraphEmulator, graph: Graph) -> None:
    emulator.faults.set([Fault(status=503, error_code="serviceNotAvailable")])
    fault = put_off(graph)
    assert "[503 serviceNotAvailable, request-id " in str(fault)
    assert emulator.seen()[-1].client_request_id in str(fault)


def test_without_a_sign_in_the_advice_says_where_to_look(
    emulator: GraphEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    signed_out = Graph(Connection(emulator.url, ManagedIdentityCredential(client_id=CLIENT_ID), Throttle(4)))
    fault = put_off(signed_out)
    assert "AZURE_CLIENT_ID" in fault.reason
    assert (fault.code, fault.backoff, fault.is_over) == ("no-token", SLOWLY, True)


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/.default"),
        ("https://graph.microsoft.us/v1.0", "https://graph.microsoft.us/.default"),
        ("https://dod-graph.microsoft.us/v1.0", "https://dod-graph.microsoft.us/.default"),
        ("https://microsoftgraph.chinacloudapi.cn/v1.0", "https://microsoftgraph.chinacloudapi.cn/.default"),
    ],
)
def test_the_scope_of_the_token_follows_from_the_cloud(url: str, scope: str) -> None:
    assert token_scope(url) == scope


@pytest.mark.parametrize("fault", [*FAULTS, *DELETE_FAULTS], ids=lambda fault: fault.code)
def test_every_row_of_the_error_table_is_a_sentence(fault: GraphFault) -> None:
    known = {"who", "mailbox", "role", "status", "error_code"}
    assert {field for _, field, _, _ in Formatter().parse(fault.reason) if field} <= known
    assert fault.reason.endswith(".")


def test_every_answer_has_a_row_in_the_error_table() -> None:
    assert all(any(fault.means(Answer(status), "users") for fault in FAULTS) for status in range(1_000))


# How long until the next try


@pytest.mark.parametrize(
    ("retry_after", "backoff", "attempts", "chance", "seconds"),
    [
        (None, QUICKLY, 1, 1, 4),
        (None, QUICKLY, 3, 0.5, 8),
        (None, SLOWLY, 1, 0.5, 300),
        (30, QUICKLY, 1, 0, 31),
        (30, QUICKLY, 9, 1, 34),
        (30, SLOWLY, 9, 1, 34),
        (0, QUICKLY, 1, 0.5, 2),
    ],
)
def test_what_was_asked_for_is_waited_and_never_less(
    retry_after: float | None, backoff: Backoff, attempts: int, chance: float, seconds: float
) -> None:
    fault = TryLater("throttled", "Graph is busy.", retry_after=retry_after, backoff=backoff)
    assert fault.delay(attempts, chance) == seconds


# Photos that are there


def test_each_photo_has_an_etag_of_its_own_even_of_the_same_bytes(graph: Graph) -> None:
    etags = set()
    for _ in range(2):
        graph.put_photo(ADA, jpeg())
        etags.add(graph.photo_etag(ADA))
    assert len(etags) == 2


def test_nobody_s_photo_has_none(emulator: GraphEmulator, graph: Graph) -> None:
    assert graph.photo_etag(ADA) == ""
    assert {seen.path for seen in emulator.seen()} == {"/v1.0/users/ada%40contoso.com/photo"}


def test_whether_somebody_who_is_gone_has_a_photo_nobody_knows(graph: Graph) -> None:
    for ask in (graph.photo_etag, lambda target: graph.delete_photo(target, "x")):
        with pytest.raises(Rejected, match=r"does not know the user “nobody@contoso\.com” any more"):
            ask(Target.parse("users/nobody@contoso.com.jpg"))


def test_a_deletion_that_is_refused_for_good_says_so(emulator: GraphEmulator, graph: Graph) -> None:
    emulator.faults.set([Fault(status=403, error_code="AppOnlyTokenNotSupportedForGroupUpdate"), Fault(status=400)])
    with pytest.raises(TryLater):
        graph.delete_photo(ENGINEERING, "x")
    emulator.faults.set([Fault(status=400, error_code="BadRequest")])
    with pytest.raises(Rejected, match="refused to delete the photo of the group") as caught:
        graph.delete_photo(ENGINEERING, "x")
    assert caught.value.code == "delete-refused"


@pytest.mark.parametrize(
    ("body", "etag"),
    [
        ('{"@odata.mediaEtag": "W/\\"1\\"", "id": "648x648"}', 'W/"1"'),
        ('{"@odata.mediaEtag": "W/\\"1\\"", "id": "1x1", "@odata.mediaContentType": "image/gif"}', ""),
    ],
)
def test_the_picture_of_nobody_is_no_photo(identity: Identity, body: str, etag: str) -> None:
    with answering(identity, lambda _request: Response(body, mimetype="application/json")) as graph:
        assert graph.photo_etag(ADA) == etag


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"@odata.mediaEtag": 1}', '{"@odata.mediaEtag": "a\\nb"}'])
def test_what_tells_of_no_photo_is_for_later(identity: Identity, body: str) -> None:
    with answering(identity, lambda _request: Response(body)) as graph, pytest.raises(TryLater) as caught:
        graph.photo_etag(ADA)
    assert caught.value.code == "no-answer"


def test_a_photo_is_deleted_if_it_is_the_one_that_was_meant(emulator: GraphEmulator, graph: Graph) -> None:
    graph.put_photo(ADA, jpeg())
    etag = graph.photo_etag(ADA)
    graph.put_photo(ADA, jpeg())
    with pytest.raises(Rejected) as caught:
        graph.delete_photo(ADA, etag)
    assert caught.value.code == "photo-changed"
    assert graph.delete_photo(ADA, graph.photo_etag(ADA)).status == 204
    assert emulator.directory.known_user("ada@contoso.com").photo is None


def test_a_photo_that_is_gone_is_deleted(graph: Graph) -> None:
    assert graph.delete_photo(ADA, 'W/"1"').status == 404


def test_not_every_404_says_that_there_is_no_photo(emulator: GraphEmulator, graph: Graph) -> None:
    emulator.faults.set([Fault(status=404, error_code="ErrorItemNotFound")])
    for ask in (lambda: graph.photo_etag(ADA), lambda: graph.delete_photo(ADA, "x")):
        with pytest.raises(TryLater):
            ask()
