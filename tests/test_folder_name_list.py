import unicodedata
from pathlib import Path

import pytest

from photo_sync.errors import Rejected, SettingsError
from photo_sync.folder.name_list import NameList

ADA = "users/ada@contoso.com.jpg"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"file,target\nE1001.jpg,{ADA}\n",
        f"file;target\r\nE1001.jpg;{ADA}\r\n",
        f"sep=;\r\nfile;target\r\nE1001.jpg;{ADA}\r\n",
        f'"sep=,"\nfile,target\nE1001.jpg,{ADA}\n',
        f"file\ttarget\nE1001.jpg\t{ADA}\n",
        "file,target\nE1001.jpg,users/ada@contoso.com\n",
        f"Target, File ,name\n{ADA}, E1001.jpg ,Ada\n\n",
        f'file,target\n"E1001.jpg","{ADA}"',
        f"file,target\ne1001.JPG,{ADA}",
        f"file,target\n./E1001.jpg,{ADA}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_list_is_read_as_people_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    assert NameList.read(written(tmp_path, text, encoding)).name("E1001.jpg") == ADA


def test_a_file_in_a_folder_is_found_by_either_slash(tmp_path: Path) -> None:
    names = NameList.read(written(tmp_path, f"file,target\n2026\\E1001.jpg,{ADA}\n"))
    assert names.name("2026/E1001.jpg") == ADA


def test_a_file_is_found_however_its_accents_are_stored(tmp_path: Path) -> None:
    names = NameList.read(written(tmp_path, f"file,target\njosé.jpg,{ADA}\n"))
    assert names.name(unicodedata.normalize("NFD", "josé.jpg")) == ADA


def test_a_file_without_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refusal:
        NameList.read(written(tmp_path, "file,target\n")).name("E1001.jpg")
    assert refusal.value.code == "not-in-list"
    assert refusal.value.reason.startswith("No line of people.csv names this file.")


def test_what_the_list_names_and_is_not_there_is_told_as_it_is_written(tmp_path: Path) -> None:
    names = NameList.read(written(tmp_path, f"file,target\nE1.JPG,{ADA}\n.\\2026\\E2.jpg,a\nE3.jpg,b\nE4.png,c\n"))
    assert names.missing(["e1.jpg", "E4.jpg", "other.jpg"]) == [".\\2026\\E2.jpg", "E3.jpg", "E4.png"]


def test_lines_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"people\.csv, line 3: the target is missing\."):
        NameList.read(written(tmp_path, "sep=;\nfile;target\nE1.jpg;\n"))


def test_every_bad_line_is_named_with_its_number(tmp_path: Path) -> None:
    text = f"file,target\nE1001.jpg,{ADA}\n,users/tim\nE1002.jpg\ne1001.jpg,users/tim\n"
    with pytest.raises(SettingsError) as error:
        NameList.read(written(tmp_path, text))
    assert [mistake.partition("people.csv, ")[2] for mistake in error.value.mistakes] == [
        "line 3: the file is missing.",
        "line 4: the target is missing.",
        "line 5: the file “e1001.jpg” stands in another line already.",
    ]


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("", "utf-8", "line 1: the first line must name the columns: file,target."),
        (f"E1001.jpg,{ADA}\n", "utf-8", "line 1: the first line must name the columns"),
        ("file,target\njosé.jpg,users/josé", "latin-1", "is not UTF-8. In Excel, save it as “CSV UTF-8”."),
        ('file,target\n"E1001.jpg,users/ada', "utf-8", "line 2: this is no CSV"),
    ],
)
def test_what_is_no_such_list_is_told(tmp_path: Path, text: str, encoding: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        NameList.read(written(tmp_path, text, encoding))
    assert told in str(error.value)


def test_very_many_bad_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        NameList.read(written(tmp_path, "file,target\n" + ",users/tim\n" * 1_234))
    assert len(error.value.mistakes) == 21
    assert error.value.mistakes[-1].endswith("1,214 more lines are wrong.")
