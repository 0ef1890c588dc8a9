import base64
import json

import pytest

from local.identity import Identity
from photo_sync.permissions import Permissions


def test_an_app_s_token_tells_its_roles() -> None:
    token = Identity().app_token("https://graph.microsoft.com")
    assert Permissions.of(token) == Permissions(
        frozenset({"Contacts.ReadWrite", "ProfilePhoto.ReadWrite.All"}), is_of_person=False
    )


def test_a_person_s_token_tells_what_they_consented_to() -> None:
    token = Identity().person_token("https://graph.microsoft.com", "ada", "User.Read Mail.Read")
    assert Permissions.of(token) == Permissions(frozenset({"User.Read", "Mail.Read"}), is_of_person=True)


def encoded(claims: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


def test_an_app_without_roles_has_none() -> None:
    assert Permissions.of(encoded({"oid": "app"})) == Permissions(frozenset(), is_of_person=False)


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.ÿ.c", encoded([]), encoded(7), encoded({"roles": 7})])
def test_a_token_that_cannot_be_read_tells_nothing(token: str) -> None:
    assert Permissions.of(token) is None
