"""Every setting of the app: its name, what it is for, its default, and what makes a value of it a mistake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from photo_sync import recipe
from photo_sync.environment import Environment, Setting, YesNo
from photo_sync.errors import SettingsError
from photo_sync.guard import Guard
from photo_sync.imaging import faces
from photo_sync.imaging.crop import Crop
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.limits import Limits
from photo_sync.people import UserMatch
from photo_sync.recipe import Recipe

PHOTOS: Final = "photos"
RECEIPTS: Final = "photo-receipts"
REMOVALS: Final = "photo-removals"
RETRIES: Final = "photo-retries"
RETRIES_POISON: Final = f"{RETRIES}-poison"
UPLOADS_POISON: Final = "webjobs-blobtrigger-poison"  # the Functions host's own name for it
CONNECTION: Final = "PhotoStorage"
"""The prefix of the settings that say where the containers are, as the Functions host reads them too."""

_LARGEST_EDGE: Final = 4_096
_GRAPH_LIMIT: Final = 4_000_000  # Graph takes less than 4 MB (Microsoft Learn, "Update profilePhoto")


SETTINGS: Final = (
    Setting(f"{CONNECTION}__blobServiceUri", "where the containers are: `https://<account>.blob.core.windows.net`"),
    Setting(f"{CONNECTION}__queueServiceUri", "where the queues are: `https://<account>.queue.core.windows.net`"),
    Setting(f"{CONNECTION}__credential", "`managedidentity`, when the identity is a user-assigned one"),
    Setting(f"{CONNECTION}__clientId", "the client id of that identity, for storage"),
    Setting(CONNECTION, "a connection string instead of the four above, for development only"),
    Setting("AZURE_CLIENT_ID", "the client id of the user-assigned identity, for Microsoft Graph"),
    Setting("GRAPH_URL", "the Graph root of your cloud", "https://graph.microsoft.com/v1.0"),
    Setting("GRAPH_CONCURRENCY", "how many photos each instance sends at a time", "4"),
    Setting("CONTACTS_MAILBOX", "the mailbox that `contacts/<contact>.jpg` means"),
    Setting("MAX_UPLOAD_BYTES", "the largest file that is read", "50000000"),
    Setting("MAX_PHOTO_BYTES", "the largest JPEG that is sent", str(recipe.MAX_BYTES)),
    Setting("PHOTO_EDGE", "the side of the photo in pixels", str(recipe.EDGE)),
    Setting("MIN_PHOTO_EDGE", "the shortest side of a picture that is taken, in pixels", str(recipe.MIN_EDGE)),
    Setting("CROP", "which square of a person's picture is kept: `centre`, or `face`, around the face", Crop.CENTRE),
    Setting(
        "REQUIRE_FACE", "what becomes of a person's picture without a face: `off`, `warn` or `reject`", RequireFace.OFF
    ),
    Setting(
        "USER_MATCH",
        "what `<user>` in a name is: `id` (object id or UPN), `employeeId`, `mail` or `onPremisesSamAccountName`",
        UserMatch.ID,
    ),
    Setting("ALLOW", "the only names whose photos are touched, as patterns: `users/*@contoso.com, groups/*`"),
    Setting("DENY", "names whose photos are never touched, likewise: `users/admin*`"),
    Setting("SYNC_DELETES", "whether deleting a file deletes the photo: `true` or `false`", "false"),
    Setting("MAX_DELETES", "how many photos are deleted so within an hour, at most", "20"),
    Setting("MAX_PHOTO_MEMORY", "the bytes of memory that decoding one picture may take", str(Limits().memory)),
    Setting("MAX_PHOTO_SECONDS", "the seconds of CPU that decoding one picture may take", f"{Limits().seconds:g}"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, read once and checked."""

    blob_service_uri: str
    queue_service_uri: str
    storage_client_id: str | None
    connection_string: str | None = field(repr=False)
    graph_url: str
    graph_client_id: str | None
    graph_concurrency: int
    contacts_mailbox: str | None
    max_upload_bytes: int
    user_match: UserMatch
    guard: Guard
    sync_deletes: bool
    max_deletes: int
    recipe: Recipe

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, needs_storage: bool = True) -> "Settings":
        """Read the settings; `needs_storage` is False for what never touches a container.

        Raises `SettingsError` with a sentence for every mistake, all of them at once.
        """
        read = Environment(environ, SETTINGS)
        if needs_storage:
            _check_storage(read)
        settings = cls(
            blob_service_uri=read.account_url(f"{CONNECTION}__blobServiceUri", not_of="queue"),
            queue_service_uri=read.account_url(f"{CONNECTION}__queueServiceUri", not_of="blob"),
            storage_client_id=read.text(f"{CONNECTION}__clientId") or None,
            connection_string=read.connection_string(CONNECTION),
            graph_url=read.graph_url("GRAPH_URL"),
            graph_client_id=read.text("AZURE_CLIENT_ID") or None,
            graph_concurrency=read.number("GRAPH_CONCURRENCY", 1, 10),
            contacts_mailbox=read.mailbox("CONTACTS_MAILBOX"),
            max_upload_bytes=read.number("MAX_UPLOAD_BYTES", 1, 1_000_000_000),
            user_match=read.choice("USER_MATCH", UserMatch),
            guard=Guard(read.patterns("ALLOW"), read.patterns("DENY")),
            sync_deletes=read.choice("SYNC_DELETES", YesNo) is YesNo.TRUE,
            max_deletes=read.number("MAX_DELETES", 0, 100_000),
            recipe=_recipe(read),
        )
        if not read.mistakes and settings.user_match is UserMatch.ID and settings.guard.misses_object_ids:
            read.mistakes.append(
                "DENY names people by UPN, but a file can name them by object id. Set ALLOW as well, to names that are "
                "no object ids, such as “users/*@contoso.com, groups/*, teams/*”."
            )
        if read.mistakes:
            raise SettingsError(read.mistakes)
        return settings


def _recipe(read: Environment) -> Recipe:
    wanted = Recipe(
        edge=read.number("PHOTO_EDGE", recipe.MIN_EDGE, _LARGEST_EDGE),
        max_bytes=read.number("MAX_PHOTO_BYTES", recipe.MIN_BYTES, _GRAPH_LIMIT - 1),
        min_edge=read.number("MIN_PHOTO_EDGE", recipe.MIN_EDGE, _LARGEST_EDGE),
        crop=read.choice("CROP", Crop),
        require_face=read.choice("REQUIRE_FACE", RequireFace),
        limits=Limits(
            memory=read.number("MAX_PHOTO_MEMORY", 64_000_000, 4_000_000_000),
            seconds=read.number("MAX_PHOTO_SECONDS", 1, 100),
        ),
    )
    if wanted.looks_for_faces and not faces.are_installed():
        read.mistakes.append(
            "CROP=face and REQUIRE_FACE need packages that are not installed: add the lines of requirements-faces.txt "
            "to requirements.txt, or remove both settings."
        )
    return wanted


def _check_storage(read: Environment) -> None:
    uris = [f"{CONNECTION}__blobServiceUri", f"{CONNECTION}__queueServiceUri"]
    given = [name for name in (*uris, f"{CONNECTION}__credential", f"{CONNECTION}__clientId") if read.text(name)]
    if read.text(CONNECTION):
        read.mistakes += [f"{CONNECTION} and {name} are both set: remove one of them." for name in given]
        return
    read.mistakes += [f"{name} is not set: set it to {read.meaning(name)}." for name in uris if name not in given]
    _check_identity(read)


def _check_identity(read: Environment) -> None:
    credential, client_id = read.text(f"{CONNECTION}__credential"), read.text(f"{CONNECTION}__clientId")
    if credential not in {"", "managedidentity"}:
        read.mistakes.append(f"{CONNECTION}__credential is “{credential}”: make it managedidentity, or remove it.")
    elif client_id and not credential:
        read.mistakes.append(f"{CONNECTION}__clientId needs {CONNECTION}__credential too: set it to managedidentity.")
    if client_id and not read.text("AZURE_CLIENT_ID"):
        read.mistakes.append(
            "AZURE_CLIENT_ID is not set: set it to the client id of the identity that may write photos, "
            f"usually the one in {CONNECTION}__clientId."
        )
