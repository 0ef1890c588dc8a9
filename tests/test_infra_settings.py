"""The settings that the templates write are those that the app reads, and it takes them as they are."""

import re
from typing import Final

from bicep import Bicep
from photo_sync.page.visitor import SIGN_IN
from photo_sync.settings import CONNECTION, SETTINGS, Settings

HOST: Final = "AzureWebJobsStorage"
CLIENT_ID: Final = "11111111-2222-3333-4444-555555555555"
FUNCTION: Final = Bicep("function.bicep")

# What Azure works out, with a value that stands for Azure's.
STAND_INS: Final = {
    "account.properties.primaryEndpoints.blob": "https://stphotosync.blob.core.windows.net/",
    "account.properties.primaryEndpoints.queue": "https://stphotosync.queue.core.windows.net/",
    "identityClientId": CLIENT_ID,
    "insightsConnectionString": "InstrumentationKey=0;IngestionEndpoint=https://westeurope.in.applicationinsights.azure.com/",
    "empty(graphUrl) ? graphUrls[environment().name] : graphUrl": "https://graph.microsoft.com/v1.0",
    "'ClientId=${identityClientId};Authorization=AAD'": f"ClientId={CLIENT_ID};Authorization=AAD",
    "peopleSignIn ? 'true' : 'false'": "false",
}


def chosen() -> dict[str, tuple[str, str]]:
    """The app's own settings: the variable that sets each, and its default."""
    own = Bicep("main.bicepparam").all("var")["settings"].value
    calls = r"readEnvironmentVariable\('(\w+)', '([^']*)'\)"
    return {name: re.findall(calls, call)[0] for name, call in own.items()}


def written() -> dict[str, str]:
    """The settings that the app finds in Azure when nothing was chosen."""
    (fixed,) = [found for found in FUNCTION.all("resource")["appSettings"].objects if HOST + "__credential" in found]
    defaults = {name: default for name, (_, default) in chosen().items()}
    return defaults | {name: STAND_INS.get(value, value) for name, value in fixed.items()}


def test_the_app_gets_every_setting_that_it_knows_and_none_that_nobody_reads() -> None:
    platform = {name for name in written() if name.startswith((f"{HOST}__", "APPLICATIONINSIGHTS_"))}
    known = {setting.name for setting in SETTINGS} - {CONNECTION} | {SIGN_IN}
    assert set(written()) - platform == known, "Mend `settings` in main.bicepparam, or appSettings in function.bicep."


def test_a_setting_is_set_under_its_own_name() -> None:
    assert {name: variable for name, (variable, _) in chosen().items()} == {name: name for name in chosen()}


def test_the_app_takes_the_settings_that_are_written() -> None:
    settings = Settings.from_env(written())
    assert settings.blob_service_uri == "https://stphotosync.blob.core.windows.net"
    assert settings.queue_service_uri == "https://stphotosync.queue.core.windows.net"
    assert settings.storage_client_id == settings.graph_client_id == CLIENT_ID
    assert settings.graph_concurrency == 2


def test_each_cloud_s_graph_is_one_that_the_app_takes() -> None:
    clouds = FUNCTION.all("var")["graphUrls"].value
    assert set(clouds) == {"AzureCloud", "AzureUSGovernment", "AzureChinaCloud"}
    for url in clouds.values():
        assert Settings.from_env(written() | {"GRAPH_URL": url}).graph_url == url


def test_the_host_and_the_app_sign_in_to_storage_the_same_way() -> None:
    told = written()
    for what in ("blobServiceUri", "queueServiceUri", "credential", "clientId"):
        assert told[f"{HOST}__{what}"] == told[f"{CONNECTION}__{what}"], what
    assert not {HOST, CONNECTION} & set(told), "A connection string would be taken instead of the identity."


def test_the_log_is_written_to_by_the_app_s_identity() -> None:
    assert written()["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] == f"ClientId={CLIENT_ID};Authorization=AAD"
    assert written()["APPLICATIONINSIGHTS_CONNECTION_STRING"].startswith("InstrumentationKey=")


def test_the_package_is_fetched_by_the_app_s_identity() -> None:
    storage = FUNCTION.all("resource")["app"].said("storage")
    assert storage["authentication"] == {
        "type": "UserAssignedIdentity",
        "userAssignedIdentityResourceId": "identityId",
    }


def test_the_command_line_finds_storage_by_what_azd_prints() -> None:
    names = {setting.name for setting in SETTINGS}
    printed = [name for name in Bicep("main.bicep").all("output") if name in names]
    assert Settings.from_env({name: written()[name] for name in printed})
    for name in printed:
        storage = Bicep("storage.bicep").all("output")[name.removeprefix(f"{CONNECTION}__")]
        assert STAND_INS[storage.value] == written()[name]
