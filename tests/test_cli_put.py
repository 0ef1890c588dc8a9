from pathlib import Path

import pytest

from local.directory import CONTACT
from local.graph import GraphEmulator
from pictures import plain
from terminal import Command, photo_sync

ADA = "users/ada@contoso.com.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users").mkdir()
    (tmp_path / ADA).write_bytes(plain(width=300, height=300, format_="PNG"))
    (tmp_path / "users" / "tim@contoso.com.jpg").write_bytes(b"%PDF-1.7")
    return tmp_path


@pytest.mark.usefixtures("signed_in")
def test_put_sets_the_photo_of_whoever_is_signed_in(folder: Path, emulator: GraphEmulator) -> None:
    run = photo_sync("put", "me", ADA, folder=folder)
    assert run.stdout.startswith(f"✓ {ADA} → /me/photo/$value: PNG 300 x 300 becomes JPEG 300 x 300, ")
    assert [entry.name for entry in emulator.directory if entry.photo] == ["Ada Lovelace"]
    assert run.returncode == 0


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("target", [f"me/contacts/{CONTACT}", f"users/ada@contoso.com/contacts/{CONTACT}.jpg"])
def test_put_takes_a_target_with_or_without_an_extension(
    command: Command, folder: Path, emulator: GraphEmulator, target: str
) -> None:
    assert command("put", target, ADA, folder=folder).returncode == 0
    assert [entry.name for entry in emulator.directory if entry.photo] == ["Charles Babbage"]


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("target", "file", "told"),
    [
        ("me", "users/tim@contoso.com.jpg", "is a PDF document"),
        ("me", "users/nobody.jpg", "cannot be read: No such file"),
        ("nobody", ADA, "is in no folder"),
        ("users/grace@contoso.com", ADA, "may not set the photo of the user “grace@contoso.com”"),
        ("me/contacts/nobody", ADA, "Microsoft 365 does not know the contact “nobody”"),
    ],
)
def test_put_says_why_a_photo_was_refused(command: Command, folder: Path, target: str, file: str, told: str) -> None:
    run = command("put", target, file, folder=folder)
    assert told in run.stderr
    assert run.returncode == 1


@pytest.mark.usefixtures("signed_in")
def test_put_obeys_the_guard_but_for_one_s_own_photo(
    command: Command, folder: Path, emulator: GraphEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DENY", "users/*")
    run = command("put", "users/ada@contoso.com", ADA, folder=folder)
    assert "is never touched: DENY has “users/*”" in run.stderr
    assert emulator.seen() == []
    assert command("put", "me", ADA, folder=folder).returncode == 0


@pytest.mark.usefixtures("signed_in")
def test_put_says_how_to_sign_in_in_one_line(command: Command, folder: Path) -> None:
    (folder / "bin" / "az").write_text("#!/bin/sh\necho 'Please run az login' >&2\nexit 1\n")
    run = command("put", "me", ADA, folder=folder)
    assert "run `az login` first" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert run.returncode == 1


@pytest.mark.usefixtures("signed_in")
def test_put_tells_the_ids_of_a_refusal_by_graph(command: Command, folder: Path) -> None:
    told = command("put", "users/grace@contoso.com", ADA, folder=folder).stderr
    assert "[403 ErrorAccessDenied, request-id " in told


@pytest.mark.usefixtures("signed_in")
def test_put_tells_programs_what_became_of_it(command: Command, folder: Path) -> None:
    (well,) = command("put", "me", ADA, "--json", folder=folder).lines
    (refused,) = command("put", "nobody", ADA, "--json", folder=folder).lines
    assert (well["accepted"], well["target"], well["code"]) == (True, "/me/photo/$value", "")
    assert (refused["accepted"], refused["target"], refused["code"]) == (False, "nobody", "no-folder")
