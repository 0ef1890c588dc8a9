import pytest

from photo_sync.folder.agreement import agreed
from photo_sync.folder.verdict import Verdict

ADA = "users/ada@contoso.com.jpg"


def test_a_name_that_storage_cannot_keep_is_refused() -> None:
    (verdict,) = agreed([Verdict(file=ADA, name=f"users/{'a' * 1_020}.jpg", suggestion=ADA)])
    assert (verdict.code, verdict.suggestion) == ("not-storable", "")


def test_a_file_whose_twin_has_a_hostile_name_quotes_it_harmlessly() -> None:
    one, _ = agreed([Verdict(file=ADA, name=ADA), Verdict(file="\x1b[2J.jpg", name=ADA)])
    assert one.reason.startswith("“\\x1b[2J.jpg” is for the same photo.")


@pytest.mark.parametrize("count", [1, 2])
def test_a_file_is_not_in_conflict_with_itself(count: int) -> None:
    assert all(verdict.is_accepted for verdict in agreed([Verdict(file=ADA, name=ADA)] * count))
