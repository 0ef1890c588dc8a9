from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_sync.errors import SettingsError
from photo_sync.guard import Guard
from photo_sync.imaging.crop import Crop
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.limits import Limits
from photo_sync.people import UserMatch
from photo_sync.recipe import Recipe
from photo_sync.settings import CONNECTION, SETTINGS, Settings

BLOBS = "PhotoStorage__blobServiceUri"
QUEUES = "PhotoStorage__queueServiceUri"
CREDENTIAL = "PhotoStorage__credential"
CLIENT_ID = "PhotoStorage__clientId"

ENOUGH = {BLOBS: "https://acme.blob.core.windows.net", QUEUES: "https://acme.queue.core.windows.net"}
EVERYTHING = ENOUGH | {
    CREDENTIAL: "managedidentity",
    CLIENT_ID: "11111111-aaaa",
    "AZURE_CLIENT_ID": "22222222-bbbb",
    "GRAPH_URL": "https://graph.microsoft.us/beta",
    "GRAPH_CONCURRENCY": "8",
    "CONTACTS_MAILBOX": "frontdesk@contoso.com",
    "MAX_UPLOAD_BYTES": "1000",
    "MAX_PHOTO_BYTES": "20000",
    "PHOTO_EDGE": "96",
    "MIN_PHOTO_EDGE": "64",
    "CROP": "Face",
    "REQUIRE_FACE": "warn",
    "USER_MATCH": "EmployeeID",
    "ALLOW": "users/*, groups/*",
    "DENY": "users/admin*",
    "SYNC_DELETES": "True",
    "MAX_DELETES": "5",
    "MAX_PHOTO_MEMORY": "500000000",
    "MAX_PHOTO_SECONDS": "20",
}


def mistakes(environ: Mapping[str, str], *, needs_storage: bool = True) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ, needs_storage=needs_storage)
    return caught.value.mistakes


def test_two_addresses_are_enough() -> None:
    assert Settings.from_env(ENOUGH) == Settings(
        blob_service_uri="https://acme.blob.core.windows.net",
        queue_service_uri="https://acme.queue.core.windows.net",
        storage_client_id=None,
        connection_string=None,
        graph_url="https://graph.microsoft.com/v1.0",
        graph_client_id=None,
        graph_concurrency=4,
        contacts_mailbox=None,
        max_upload_bytes=50_000_000,
        user_match=UserMatch.ID,
        guard=Guard(),
        sync_deletes=False,
        max_deletes=20,
        recipe=Recipe(),
    )


def test_every_setting_is_taken_over() -> None:
    assert Settings.from_env(EVERYTHING) == Settings(
        blob_service_uri="https://acme.blob.core.windows.net",
        queue_service_uri="https://acme.queue.core.windows.net",
        storage_client_id="11111111-aaaa",
        connection_string=None,
        graph_url="https://graph.microsoft.us/beta",
        graph_client_id="22222222-bbbb",
        graph_concurrency=8,
        contacts_mailbox="frontdesk@contoso.com",
        max_upload_bytes=1_000,
        user_match=UserMatch.EMPLOYEE_ID,
        guard=Guard(allow=("users/*", "groups/*"), deny=("users/admin*",)),
        sync_deletes=True,
        max_deletes=5,
        recipe=Recipe(
            edge=96,
            max_bytes=20_000,
            min_edge=64,
            crop=Crop.FACE,
            require_face=RequireFace.WARN,
            limits=Limits(memory=500_000_000, seconds=20),
        ),
    )


def test_other_variables_are_nobody_s_business() -> None:
    assert Settings.from_env(ENOUGH | {"PATH": "/bin", "photo_edge": "x"}) == Settings.from_env(ENOUGH)


def test_spaces_around_a_value_do_not_count() -> None:
    padded = {name: f" \t{value}\r\n" for name, value in EVERYTHING.items()}
    assert Settings.from_env(padded) == Settings.from_env(EVERYTHING)


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_value_means_the_default(blank: str) -> None:
    blanks = {setting.name: blank for setting in SETTINGS}
    assert Settings.from_env(blanks | ENOUGH) == Settings.from_env(ENOUGH)


def test_a_slash_at_the_end_of_an_address_does_not_count() -> None:
    urls = {name: f"{EVERYTHING[name]}/" for name in (BLOBS, QUEUES, "GRAPH_URL")}
    assert Settings.from_env(EVERYTHING | urls) == Settings.from_env(EVERYTHING)


# Mistakes


def test_every_mistake_is_reported_at_once() -> None:
    wrong = {
        QUEUES: "acme",
        CREDENTIAL: "secret",
        "GRAPH_URL": "https://graph.microsoft.com",
        "GRAPH_CONCURRENCY": "many",
        "CONTACTS_MAILBOX": "a/b",
        "MAX_UPLOAD_BYTES": "0",
        "MAX_PHOTO_BYTES": "100 KB",
        "PHOTO_EDGE": "1",
    }
    assert {sentence.split()[0] for sentence in mistakes(wrong)} == {BLOBS, *wrong}


def test_the_message_holds_a_line_for_each_mistake() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({})
    assert str(caught.value).splitlines() == [
        f"{BLOBS} is not set: set it to where the containers are: `https://<account>.blob.core.windows.net`.",
        f"{QUEUES} is not set: set it to where the queues are: `https://<account>.queue.core.windows.net`.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        (BLOBS, "", "`https://<account>.blob.core.windows.net`"),
        (BLOBS, "acme.blob.core.windows.net", "starts with https://"),
        (QUEUES, "", "`https://<account>.queue.core.windows.net`"),
        (QUEUES, "https://", "starts with https://"),
        (CREDENTIAL, "clientsecret", "make it managedidentity, or remove it"),
        (CLIENT_ID, "11111111-aaaa", f"needs {CREDENTIAL} too: set it to managedidentity"),
        ("GRAPH_URL", "graph.microsoft.com/v1.0", "starts with https://"),
        ("GRAPH_URL", "https://graph.microsoft.com", "end it with the version"),
        ("GRAPH_URL", "https://graph.microsoft.com/v1.0/users", "as in https://graph.microsoft.com/v1.0"),
        ("GRAPH_URL", "https://graph.microsoft.com/v2.0", "end it with the version"),
        ("GRAPH_CONCURRENCY", "0", "from 1 to 10"),
        ("GRAPH_CONCURRENCY", "11", "from 1 to 10"),
        ("GRAPH_CONCURRENCY", "four", "a whole number from 1"),
        ("CONTACTS_MAILBOX", "ada@contoso.com/contacts/c", "one mailbox's UPN or object id"),
        ("CONTACTS_MAILBOX", "users/ada@contoso.com", "one mailbox's UPN or object id"),
        ("CONTACTS_MAILBOX", "..", "one mailbox's UPN or object id"),
        ("CONTACTS_MAILBOX", "ada\u200b@contoso.com", "one mailbox's UPN or object id"),
        ("MAX_UPLOAD_BYTES", "0", "from 1 to 1000000000"),
        ("MAX_UPLOAD_BYTES", "1000000001", "from 1 to 1000000000"),
        ("MAX_UPLOAD_BYTES", "50 MB", "a whole number from 1"),
        ("MAX_UPLOAD_BYTES", "5_000", "a whole number from 1"),
        ("MAX_UPLOAD_BYTES", "-1", "a whole number from 1"),
        ("MAX_UPLOAD_BYTES", "1e6", "a whole number from 1"),
        ("MAX_UPLOAD_BYTES", "\u0661\u0662", "a whole number from 1"),
        ("MAX_UPLOAD_BYTES", "9" * 5_000, "a whole number from 1"),
        ("MAX_PHOTO_BYTES", "9999", "from 10000 to 3999999"),
        ("MAX_PHOTO_BYTES", "4000000", "from 10000 to 3999999"),
        (BLOBS, ENOUGH[QUEUES], "set it to where the containers are"),
        (QUEUES, ENOUGH[BLOBS], "set it to where the queues are"),
        (BLOBS, f"{ENOUGH[BLOBS]}/photos", "with nothing behind it"),
        ("PHOTO_EDGE", "47", "from 48 to 4096"),
        ("PHOTO_EDGE", "4097", "from 48 to 4096"),
        ("PHOTO_EDGE", "648.0", "from 48 to 4096"),
        ("MIN_PHOTO_EDGE", "0", "from 48 to 4096"),
        ("MAX_PHOTO_MEMORY", "256MB", "from 64000000 to 4000000000"),
        ("MAX_PHOTO_SECONDS", "0.5", "from 1 to 100"),
        ("CROP", "middle", "set it to centre or face"),
        ("REQUIRE_FACE", "yes", "set it to off or warn or reject"),
        ("USER_MATCH", "number", "set it to id or employeeId or mail or onPremisesSamAccountName"),
        ("ALLOW", "ada@contoso.com", "write patterns like users/admin*"),
        ("DENY", "users/*, *@contoso.com", "has “*@contoso.com”, which no photo's name can match"),
        ("DENY", "/", "which no photo's name can match"),
        ("DENY", "users/ad\u200bmin*", "has “users/ad\\u200bmin*”"),
        ("DENY", "users/admin*.jpg", "without the file's extension"),
        ("DENY", "users/a*; users/b*", "put commas between them"),
    ],
)
def test_a_mistake_names_its_setting_and_says_what_to_set(name: str, value: str, advice: str) -> None:
    (sentence,) = mistakes(ENOUGH | {"AZURE_CLIENT_ID": "22222222-bbbb", name: value})
    assert sentence.startswith(f"{name} ")
    assert advice in sentence


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("GRAPH_CONCURRENCY", [1, 10]),
        ("MAX_UPLOAD_BYTES", [1, 1_000_000_000]),
        ("MAX_PHOTO_BYTES", [10_000, 3_999_999]),
        ("PHOTO_EDGE", [48, 4_096]),
        ("MIN_PHOTO_EDGE", [48, 4_096]),
        ("MAX_PHOTO_MEMORY", [64_000_000, 4_000_000_000]),
        ("MAX_PHOTO_SECONDS", [1, 100]),
    ],
)
def test_a_number_may_be_as_low_and_as_high_as_its_sentence_says(name: str, numbers: list[int]) -> None:
    for number in numbers:
        assert f"={number}" in repr(Settings.from_env(ENOUGH | {name: str(number)}))


@pytest.mark.parametrize("mailbox", ["ada@contoso.com", "$o'neil@y.com", "me", "11111111-aaaa", "a_x.com#EXT#@y.com"])
def test_a_mailbox_is_whatever_could_be_a_user_s_id(mailbox: str) -> None:
    assert Settings.from_env(ENOUGH | {"CONTACTS_MAILBOX": mailbox}).contacts_mailbox == mailbox


@pytest.mark.parametrize(
    ("changed", "is_mistake"),
    [
        ({"DENY": "users/ceo@contoso.com"}, True),
        ({"DENY": "groups/*, users/admin*"}, True),
        ({"DENY": "users/admin*/contacts/*"}, True),
        ({"DENY": "users/ceo@contoso.com", "ALLOW": "users/*@contoso.com"}, False),
        ({"DENY": "users/ceo@contoso.com", "USER_MATCH": "mail"}, False),
        ({"DENY": "users/5f0c9d3a-1b2c-4d5e-8f90-a1b2c3d4e5f6"}, False),
        ({"DENY": "users/*, groups/*"}, False),
    ],
)
def test_people_who_are_denied_by_upn_must_not_be_reached_by_object_id(
    changed: dict[str, str], *, is_mistake: bool
) -> None:
    if not is_mistake:
        assert Settings.from_env(ENOUGH | changed).guard.deny
        return
    (told,) = mistakes(ENOUGH | changed)
    assert "Set ALLOW as well" in told


@pytest.mark.parametrize(
    ("value", "patterns"),
    [
        ("users/admin*", ("users/admin*",)),
        (" users/a* ,groups/*,, /contacts/ ,", ("users/a*", "groups/*", "contacts")),
        (",", ()),
        ("*", ("*",)),
    ],
)
def test_patterns_have_commas_between(value: str, patterns: tuple[str, ...]) -> None:
    assert Settings.from_env(ENOUGH | {"ALLOW": value}).guard == Guard(allow=patterns)
    assert Settings.from_env(ENOUGH | {"DENY": value, "ALLOW": "users/*"}).guard.deny == patterns


def test_every_pattern_that_is_none_is_told() -> None:
    told = mistakes(ENOUGH | {"ALLOW": "ada, grace", "DENY": "root"})
    assert [sentence.partition(",")[0] for sentence in told] == [
        "ALLOW has “ada”",
        "ALLOW has “grace”",
        "DENY has “root”",
    ]


@pytest.mark.parametrize("wanted", [{"CROP": "face"}, {"REQUIRE_FACE": "warn"}, {"REQUIRE_FACE": "reject"}])
def test_who_wants_faces_found_is_told_what_to_install(wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photo_sync.imaging.faces.find_spec", lambda _name: None)
    (sentence,) = mistakes(ENOUGH | wanted)
    assert "add the lines of requirements-faces.txt to requirements.txt" in sentence


def test_who_wants_none_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photo_sync.imaging.faces.find_spec", lambda _name: None)
    assert not Settings.from_env(ENOUGH).recipe.looks_for_faces


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:10000/devstoreaccount1",
        "http://localhost:10000/devstoreaccount1",
        "http://LOCALHOST",
        "http://[::1]:10000",
        "https://acme.blob.core.windows.net:443",
        "HTTPS://acme.blob.core.windows.net",
    ],
)
def test_an_address_is_https_or_on_this_machine(url: str) -> None:
    assert Settings.from_env(ENOUGH | {BLOBS: url}).blob_service_uri == url


@pytest.mark.parametrize("name", [BLOBS, QUEUES, "GRAPH_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "http://graph.microsoft.com/v1.0",
        "http://10.0.0.1/v1.0",
        "http://0.0.0.0/v1.0",
        "http://localhost.contoso.com/v1.0",
        "http://127.0.0.1.contoso.com/v1.0",
        "http://[::2]/v1.0",
        "ftp://127.0.0.1/v1.0",
        "//127.0.0.1/v1.0",
        "https:///v1.0",
        "https://[::1/v1.0",
        "https://127.0.0.1:99999/v1.0",
        "https://127.0.0.1:x/v1.0",
        "https://ada@127.0.0.1/v1.0",
        "https://:secret@127.0.0.1/v1.0",
        "https://127.0.0.1/v1.0?x=y",
        "https://127.0.0.1/v1.0?",
        "https://127.0.0.1/v1.0#x",
        "https://127.0.0.1/v1.0#",
        "https://127.0.0. 1/v1.0",
        "https://127.0.0.1\n/v1.0",
    ],
)
def test_no_other_address_is_taken(name: str, url: str) -> None:
    (sentence,) = mistakes(ENOUGH | {name: url})
    assert sentence.startswith(f"{name} ")
    assert "https:// (http:// only on this machine)" in sentence


# Connection strings


def test_a_connection_string_is_enough() -> None:
    read = Settings.from_env({CONNECTION: "UseDevelopmentStorage=true"})
    assert (read.connection_string, read.blob_service_uri, read.queue_service_uri) == (
        "UseDevelopmentStorage=true",
        "",
        "",
    )


@pytest.mark.parametrize("name", [BLOBS, QUEUES, CREDENTIAL, CLIENT_ID])
def test_a_connection_string_excludes_every_other_storage_setting(name: str) -> None:
    (sentence,) = mistakes({CONNECTION: "UseDevelopmentStorage=true", name: EVERYTHING[name]})
    assert sentence == f"{CONNECTION} and {name} are both set: remove one of them."


def test_a_connection_string_names_all_that_it_excludes() -> None:
    everything = EVERYTHING | {CONNECTION: "UseDevelopmentStorage=true"}
    assert all(name in "".join(mistakes(everything)) for name in (BLOBS, QUEUES, CREDENTIAL, CLIENT_ID))


def test_a_user_assigned_identity_is_named_for_graph_too() -> None:
    (sentence,) = mistakes({name: value for name, value in EVERYTHING.items() if name != "AZURE_CLIENT_ID"})
    assert sentence.startswith("AZURE_CLIENT_ID is not set: set it to the client id")


def test_what_is_no_connection_string_is_said_to_be_none() -> None:
    (sentence,) = mistakes({CONNECTION: "c2VjcmV0"})
    assert sentence == "PhotoStorage is not a connection string: copy it from the storage account, whole."


def test_a_connection_string_is_never_shown() -> None:
    secret = "AccountName=acme;AccountKey=c2VjcmV0"  # noqa: S105 - a made-up one
    assert "c2VjcmV0" not in repr(Settings.from_env({CONNECTION: secret}))
    assert "c2VjcmV0" not in "".join(mistakes(EVERYTHING | {CONNECTION: secret, "PHOTO_EDGE": "x"}))


@pytest.mark.parametrize(
    "value", ["DefaultEndpointsProtocol=https;AccountKey=c2VjcmV0", "https://acme.blob.core.windows.net?sig=c2VjcmV0"]
)
def test_a_key_in_the_wrong_place_is_not_shown_either(value: str) -> None:
    assert "c2VjcmV0" not in "".join(mistakes(ENOUGH | {BLOBS: value}))


# Without storage


def test_what_never_touches_a_container_needs_no_storage() -> None:
    read = Settings.from_env({}, needs_storage=False)
    assert (read.blob_service_uri, read.connection_string, read.recipe.edge) == ("", None, 648)


def test_without_storage_the_other_settings_still_count() -> None:
    (sentence,) = mistakes({"PHOTO_EDGE": "0"}, needs_storage=False)
    assert sentence.startswith("PHOTO_EDGE is “0”")


# The table of settings


class Recording(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_table_holds_exactly_the_variables_that_are_read() -> None:
    environ = Recording()
    mistakes(environ)
    assert environ.asked == {setting.name for setting in SETTINGS}


def test_no_setting_stands_twice_in_the_table() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


# Whatever the values

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=30)
VALUES = st.one_of(
    ANYTHING,
    st.text("0123456789", min_size=1, max_size=12),
    st.builds(str.__add__, st.sampled_from(["https://", "http://", "http:"]), st.text("a0:.[]@%/?#\\ \u2100\ud800")),
)
ENVIRONS = st.dictionaries(st.sampled_from([setting.name for setting in SETTINGS]), VALUES)


@given(environ=ENVIRONS, needs_storage=st.booleans())
@settings(deadline=None, max_examples=500)
def test_whatever_the_values_only_a_settings_error_is_raised(environ: dict[str, str], *, needs_storage: bool) -> None:
    try:
        Settings.from_env(environ, needs_storage=needs_storage)
    except SettingsError as error:
        reported = error.mistakes
    else:
        return
    assert reported
    assert {sentence.split()[0] for sentence in reported} <= {setting.name for setting in SETTINGS}
