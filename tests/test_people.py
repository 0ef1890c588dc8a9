from urllib.parse import parse_qs, urlsplit

import pytest

from photo_sync.errors import Rejected
from photo_sync.people import Person, UserMatch, only, query

ADA = Person("42", "ada@contoso.com")
GRACE = Person("43", "grace@contoso.com")


@pytest.mark.parametrize(
    ("match", "value", "condition"),
    [
        (UserMatch.EMPLOYEE_ID, "E1001", "employeeId eq 'E1001'"),
        (UserMatch.MAIL, "mary.o'neill@contoso.com", "mail eq 'mary.o''neill@contoso.com'"),
        (UserMatch.MAIL, "'", "mail eq ''''"),
        (UserMatch.EMPLOYEE_ID, "' or 1 eq 1 or '", "employeeId eq ''' or 1 eq 1 or '''"),
        (UserMatch.EMPLOYEE_ID, "1&$top=99#+%27", "employeeId eq '1&$top=99#+%27'"),
        (UserMatch.EMPLOYEE_ID, "Ünal/7?", "employeeId eq 'Ünal/7?'"),
    ],
)
def test_whatever_the_value_the_query_asks_for_it_and_for_nothing_else(
    match: UserMatch, value: str, condition: str
) -> None:
    parts = urlsplit(query(match, value))
    assert (parts.path, parts.fragment) == ("/users", "")
    assert parse_qs(parts.query) == {"$filter": [condition], "$select": ["id,userPrincipalName"], "$top": ["2"]}


def test_an_account_name_is_asked_for_with_a_count() -> None:
    assert query(UserMatch.SAM_ACCOUNT_NAME, "ada").endswith("&$top=2&$count=true")


def test_who_is_the_only_one_is_the_one() -> None:
    assert only([ADA], UserMatch.EMPLOYEE_ID, "E1001") == ADA


@pytest.mark.parametrize(
    ("people", "code", "told"),
    [
        ([], "no-such-person", "Nobody in Microsoft 365 has the employeeId “E1001”"),
        ([ADA, GRACE], "several-people", "At least two people in Microsoft 365 have the employeeId “E1001”"),
    ],
)
def test_none_and_several_are_refused_with_how_many_there_are_and_what_to_do(
    people: list[Person], code: str, told: str
) -> None:
    with pytest.raises(Rejected, match="photo-sync retry") as refusal:
        only(people, UserMatch.EMPLOYEE_ID, "E1001")
    assert refusal.value.code == code
    assert refusal.value.reason.startswith(told)


@pytest.mark.parametrize("people", [[], [ADA, GRACE]])
def test_a_refusal_tells_nothing_of_those_who_were_found_and_stays_short(people: list[Person]) -> None:
    with pytest.raises(Rejected) as refusal:
        only(people, UserMatch.MAIL, "x" * 1_000)
    assert len(refusal.value.reason) < 600
    assert not any(word in refusal.value.reason for word in ("42", "ada@contoso.com", "43"))
