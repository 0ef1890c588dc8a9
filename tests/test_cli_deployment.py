import time

from azure.core.credentials import AccessToken

from photo_sync.cli.deployment import SignedIn


class Counting:
    """Stands in for whoever is signed in: each token is a new one, and lasts so many seconds."""

    def __init__(self, seconds: int) -> None:
        self.asked = 0
        self._seconds = seconds

    def get_token(self, *scopes: str, **_options: object) -> AccessToken:
        self.asked += 1
        return AccessToken(f"{scopes[0]} {self.asked}", int(time.time()) + self._seconds)


def test_whoever_is_signed_in_is_asked_once_for_each_kind_of_token() -> None:
    signed_in = SignedIn(credential := Counting(3600))
    tokens = [signed_in.get_token(scope).token for scope in ("storage", "storage", "graph", "storage")]
    assert tokens == ["storage 1", "storage 1", "graph 2", "storage 1"]
    assert credential.asked == 2


def test_a_token_that_ends_soon_is_not_used_any_more() -> None:
    signed_in = SignedIn(Counting(200))
    assert [signed_in.get_token("storage").token for _ in range(2)] == ["storage 1", "storage 2"]


def test_a_token_for_claims_is_a_new_one() -> None:
    signed_in = SignedIn(Counting(3600))
    tokens = [signed_in.get_token("graph", claims=claims).token for claims in (None, "{}", None)]
    assert tokens == ["graph 1", "graph 2", "graph 2"]
