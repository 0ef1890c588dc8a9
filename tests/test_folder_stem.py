import pytest

from photo_sync.folder.stem import is_doubtful, is_upn, split


@pytest.mark.parametrize(
    ("file", "stem", "extension"),
    [
        ("ada.jpg", "ada", ".jpg"),
        ("ada.JFIF", "ada", ".JFIF"),
        ("ada.jpg.tmp", "ada", ".jpg.tmp"),
        ("ada.png.jpg", "ada", ".png.jpg"),
        ("ada@contoso.com.old", "ada@contoso.com", ".old"),
        ("ada@contoso.com.jfif.jpg", "ada@contoso.com", ".jfif.jpg"),
        ("ada@contoso.com", "ada@contoso.com", ""),
        ("anna.bak", "anna.bak", ""),
        ("mohamed.dib.jpg", "mohamed.dib", ".jpg"),
        ("anna.svg.jpg", "anna.svg", ".jpg"),
        (".jpg", "", ".jpg"),
        ("", "", ""),
    ],
)
def test_a_file_s_name_is_a_stem_and_what_stands_for_an_extension(file: str, stem: str, extension: str) -> None:
    assert split(file) == (stem, extension)


@pytest.mark.parametrize(
    "stem",
    [
        "ada@contoso.com",
        "ada@xn--bcher-kva.de",
        "ada_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        "o'neill@contoso.co.uk",
    ],
)
def test_a_upn_is_a_whole_address(stem: str) -> None:
    assert is_upn(stem)


@pytest.mark.parametrize(
    "stem",
    [
        "ada@contoso.com.jpg",
        "ada@contoso.com.bak",
        "ada@contoso",
        "@eaDir",
        "portrait@2x",
        "portrait@2x.min",
        "ada lovelace@contoso.com",
        "ada@bob@contoso.com",
    ],
)
def test_what_only_has_an_at_sign_is_no_upn(stem: str) -> None:
    assert not is_upn(stem)


def test_what_may_be_an_extension_or_a_part_of_a_name_is_doubtful() -> None:
    assert is_doubtful("anna.bak")
    assert is_doubtful("ada.PART")
    assert not is_doubtful("ada.lovelace")
