import pytest

from photo_sync.page.reply import Declined
from photo_sync.page.visitor import check, is_by_sign_in

SIGN_IN = {"STATUS_PAGE_SIGN_IN": "true", "WEBSITE_AUTH_ENABLED": "True"}
ADA = {"X-MS-CLIENT-PRINCIPAL-ID": "6e6f5a2e-0c1d-4f7b-9a55-3b1f0f6a7c01"}


@pytest.mark.parametrize(
    ("value", "signs_in"),
    [("true", True), (" True ", True), ("TRUE", True), ("", False), ("false", False), ("yes", False), ("1", False)],
)
def test_only_a_plain_yes_does_without_a_key(value: str, signs_in: bool) -> None:  # noqa: FBT001
    assert is_by_sign_in({"STATUS_PAGE_SIGN_IN": value}) is signs_in


def test_with_a_key_nobody_needs_to_be_signed_in() -> None:
    assert not is_by_sign_in({})
    check({}, {})


def test_whoever_is_signed_in_may_see_the_page() -> None:
    check(ADA, SIGN_IN)


@pytest.mark.parametrize("headers", [{}, {"X-MS-CLIENT-PRINCIPAL-ID": ""}, {"X-MS-CLIENT-PRINCIPAL-NAME": "ada"}])
def test_whoever_is_not_signed_in_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(Declined, match="You are not signed in") as refusal:
        check(headers, SIGN_IN)
    assert refusal.value.status == 401


@pytest.mark.parametrize("enabled", [{}, {"WEBSITE_AUTH_ENABLED": "False"}])
def test_nobody_may_where_the_platform_does_not_sign_people_in(enabled: dict[str, str]) -> None:
    """There, anybody could send the header."""
    with pytest.raises(Declined, match="App Service Authentication is off"):
        check(ADA, {"STATUS_PAGE_SIGN_IN": "true", **enabled})
