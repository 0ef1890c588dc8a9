import pytest

from photo_sync.errors import SettingsError
from photo_sync.folder.pattern import Pattern


@pytest.mark.parametrize(
    ("pattern", "file", "name"),
    [
        ("users/{stem}@contoso.com", "ada.jpg", "users/ada@contoso.com.jpg"),
        ("users/{stem}@contoso.com", "2026/class/ada.PNG", "users/ada@contoso.com.PNG"),
        ("users/{name}", "2026/ada@contoso.com.jpg", "users/ada@contoso.com.jpg"),
        ("users/{stem}@{folder}", "contoso.com/ada.jpg", "users/ada@contoso.com.jpg"),
        ("users/{stem}.{extension}", "ada.jpg", "users/ada.jpg"),
        ("users/{stem}.jpg", "ada.png", "users/ada.jpg"),
        ("users/{stem}", "ada@contoso.com.jpg", "users/ada@contoso.com.jpg"),
        # a wrong extension is one as well, and stays wrong
        ("users/{stem}@contoso.com", "ada.jfif", "users/ada@contoso.com.jfif"),
        ("users/{stem}@contoso.com", "ada.PDF", "users/ada@contoso.com.PDF"),
        ("users/{stem}@contoso.com", "ada.jpg.tmp", "users/ada@contoso.com.jpg.tmp"),
        ("users/{name}", "ada@contoso.com.jfif", "users/ada@contoso.com.jfif"),
        ("users/{stem}.{extension}", "ada.jfif", "users/ada.jfif"),
        ("users/{stem}.jpg", "ada.jfif", "users/ada.jpg"),
        # what else follows a dot is none
        ("users/{stem}", "ada@contoso.com", "users/ada@contoso.com"),
        ("users/{stem}@contoso.com", "anna.bak", "users/anna.bak@contoso.com"),
        ("users/{stem}@contoso.com", "ada.lovelace", "users/ada.lovelace@contoso.com"),
        ("{{{stem}}}", "ada.jpg", "{ada}.jpg"),
    ],
)
def test_a_pattern_names_a_file(pattern: str, file: str, name: str) -> None:
    assert Pattern.parse(pattern).name(file) == name


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("users/{first}", "“{first}” is no field. The fields are {stem}, {name}, {folder}, {extension}."),
        ("users/{}", "“{}” is no field"),
        ("users/{0}", "“{0}” is no field"),
        ("users/{stem.__class__}", "“{stem.__class__}” is no field"),
        ("users/{stem!r}", "a field takes no “:” or “!”"),
        ("users/{stem:>9}", "a field takes no “:” or “!”"),
        ("users/{stem", "a “{” or “}” is alone"),
        ("users/stem}", "a “{” or “}” is alone"),
        ("users/ada.jpg", "would name all files alike"),
        ("users/{folder}.jpg", "would name all files alike"),
    ],
)
def test_a_pattern_that_is_wrong_is_told(pattern: str, told: str) -> None:
    with pytest.raises(SettingsError, match=r"^--rename “") as error:
        Pattern.parse(pattern)
    assert told in str(error.value)
