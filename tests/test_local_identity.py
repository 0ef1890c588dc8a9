from collections.abc import Callable

import jwt
import pytest
import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from local.graph import GraphEmulator
from local.identity import CLIENT_ID, ROLES, STORAGE, TENANT, Identity

Claims = dict[str, object]


def ask(identity: Identity, method: str = "GET", path: str = "", **changes: str | None) -> requests.Response:
    """Ask for a token for storage, as Microsoft documents it but for the changes; None leaves something out."""
    usual = {"api-version": "2019-08-01", "resource": STORAGE, "client_id": CLIENT_ID, "secret": identity.header}
    parameters = {**usual, **changes}
    secret = parameters.pop("secret")
    headers = {} if secret is None else {"X-IDENTITY-HEADER": secret.encode()}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, identity.endpoint + path, params=parameters, headers=headers, timeout=10)


def claims(identity: Identity, token: str, audience: str) -> Claims:
    """What a token says, its signature and its audience checked."""
    said: Claims = jwt.decode(token, identity.key, algorithms=["HS256"], audience=audience)
    return said


def test_whoever_asks_as_documented_gets_a_token(identity: Identity) -> None:
    answer = ask(identity).json()
    said = claims(identity, answer["access_token"], STORAGE)
    assert (answer["resource"], answer["token_type"]) == (STORAGE, "Bearer")
    assert (said["appid"], said["tid"]) == (CLIENT_ID, TENANT)
    assert int(answer["expires_on"]) == pytest.approx(said["exp"], abs=2)


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"secret": None}, 401, "secret header"),
        ({"secret": ""}, 401, "secret header"),
        ({"secret": "wrong"}, 401, "secret header"),
        ({"secret": "schlüssel"}, 401, "secret header"),
        ({"api-version": None}, 400, "2019-08-01"),
        ({"api-version": "2017-09-01"}, 400, "2019-08-01"),
        ({"client_id": None}, 400, "client id"),
        ({"client_id": CLIENT_ID[:-1] + "2"}, 400, "client id"),
        ({"resource": None}, 400, "resource ''"),
        ({"resource": "https://vault.azure.net"}, 400, "resource 'https://vault.azure.net'"),
        ({"resource": "https://graph.microsoft.com"}, 400, "resource 'https://graph.microsoft.com'"),
    ],
)
def test_whoever_asks_otherwise_is_refused_and_told_why(
    identity: Identity, change: dict[str, str | None], status: int, said: str
) -> None:
    answer = ask(identity, "GET", "", **change)
    assert answer.status_code == status
    assert answer.json()["statusCode"] == status
    assert said in answer.json()["message"]


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("GET", "/more")])
def test_there_is_nothing_else_at_the_endpoint(identity: Identity, method: str, path: str) -> None:
    assert ask(identity, method, path).status_code == 404


CREDENTIALS = [
    lambda: ManagedIdentityCredential(client_id=CLIENT_ID),
    lambda: DefaultAzureCredential(managed_identity_client_id=CLIENT_ID),
]


@pytest.mark.parametrize("credential", CREDENTIALS, ids=["managed identity", "default"])
def test_the_real_azure_identity_gets_a_token_for_each_audience(
    identity: Identity, emulator: GraphEmulator, credential: Callable[[], TokenCredential]
) -> None:
    for audience in (STORAGE, emulator.root):
        token = credential().get_token(f"{audience}/.default").token
        assert claims(identity, token, audience)["appid"] == CLIENT_ID


@pytest.mark.parametrize("client_id", [None, CLIENT_ID[:-1] + "2"])
@pytest.mark.usefixtures("identity")
def test_the_real_azure_identity_gets_nothing_for_another_client_id(client_id: str | None) -> None:
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential(client_id=client_id).get_token(f"{STORAGE}/.default")


def test_a_token_holds_the_roles_that_are_granted_at_that_moment(identity: Identity) -> None:
    identity.roles.remove("Contacts.ReadWrite")
    assert claims(identity, identity.app_token(STORAGE), STORAGE)["roles"] == ["ProfilePhoto.ReadWrite.All"]
    identity.roles.add("Contacts.ReadWrite")
    assert claims(identity, identity.app_token(STORAGE), STORAGE)["roles"] == sorted(ROLES)


def test_a_persons_token_holds_what_they_consented_to_and_no_roles(identity: Identity) -> None:
    said = claims(identity, identity.person_token(STORAGE, "ada", "User.ReadWrite"), STORAGE)
    assert (said["oid"], said["scp"]) == ("ada", "User.ReadWrite")
    assert "roles" not in said


def test_no_two_identities_share_a_secret() -> None:
    assert Identity().key != Identity().key
    assert Identity().header != Identity().header


def test_what_an_identity_prints_as_holds_no_secret(identity: Identity) -> None:
    assert identity.key not in repr(identity)
    assert identity.header not in repr(identity)
