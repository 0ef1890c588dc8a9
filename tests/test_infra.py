"""What is deployed and what the code expects are the same: names, settings, roles, and nothing that is open."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bicep import INFRA, Bicep, Declaration
from function_app import app
from infra.subscribe import Deployment
from photo_sync.formats import MAX_MEMORY
from photo_sync.graph import ROLES
from photo_sync.settings import (
    CONNECTION,
    PHOTOS,
    RECEIPTS,
    RETRIES,
    RETRIES_POISON,
    SETTINGS,
    UPLOADS_POISON,
    Settings,
)
from photo_sync.target import SHAPES

ROOT = INFRA.parent
TEMPLATES = sorted(path.name for path in INFRA.glob("*.bicep"))
NAMES = {setting.name for setting in SETTINGS}

# Azure's built-in roles (Microsoft Learn, "Azure built-in roles").
ROLE_IDS = {
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
}


def declared(template: str, kind: str, name: str) -> Declaration:
    return Bicep(template).all(kind)[name]


def resource(template: str, name: str) -> Any:  # noqa: ANN401 - a body is any JSON
    return declared(template, "resource", name).value


def everywhere(kind: str) -> list[tuple[str, Declaration]]:
    return [(name, found) for name in TEMPLATES for found in Bicep(name).all(kind).values()]


def assignments() -> list[tuple[str, Declaration]]:
    return [
        (name, found)
        for name in TEMPLATES
        for found in Bicep(name).resources("Microsoft.Authorization/roleAssignments")
    ]


# The files themselves


@pytest.mark.parametrize("name", [*TEMPLATES, "main.bicepparam"])
def test_a_template_can_be_read_and_is_short(name: str) -> None:
    template = Bicep(name)
    assert not template.has_error
    assert len(template.text.splitlines()) <= 200


def test_every_parameter_and_output_is_described() -> None:
    for kind in ("param", "output", "type"):
        assert [f"{name}: {each.name}" for name, each in everywhere(kind) if not each.decorators["description"]] == []


def test_a_parameter_says_whether_it_is_required() -> None:
    for name, found in everywhere("param"):
        has_default = " = " in found.text
        assert found.decorators["description"].startswith("Optional. " if has_default else "Required. "), (
            name,
            found.name,
        )


def test_every_module_is_given_what_its_file_asks_for() -> None:
    for module in Bicep("main.bicep").all("module").values():
        asked = Bicep(module.type).all("param")
        assert set(module.value["params"]) == set(asked), module.name


def test_every_template_is_deployed_by_main_but_the_one_that_waits_for_the_code() -> None:
    modules = {module.type for module in Bicep("main.bicep").all("module").values()}
    assert set(TEMPLATES) - modules == {"main.bicep", "place.bicep", "subscription.bicep"}


def variables() -> dict[str, tuple[str, str]]:
    """The variable that sets each parameter in the parameter file, and its default."""
    calls = r"readEnvironmentVariable\('(\w*)', '([^']*)'\)"
    given = Bicep("main.bicepparam").all("var")
    return {name: re.findall(calls, found.text)[0] for name, found in given.items() if name != "settings"}


def as_text(value: object) -> str:
    """A default as an environment variable spells it."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_parameter_file_sets_every_parameter_and_changes_no_default() -> None:
    asked = Bicep("main.bicep").all("param")
    assert {*variables(), "settings"} == set(asked)
    for name, (_, default) in variables().items():
        if " = " in asked[name].text:
            assert default == as_text(asked[name].value), name


def test_azd_and_subscribe_get_the_names_that_main_puts_out() -> None:
    outputs = dict.fromkeys(Bicep("main.bicep").all("output"), "x")
    assert Deployment.from_env(outputs | {"AZURE_SUBSCRIPTION_ID": "x"})


def test_linter_rules_are_errors() -> None:
    rules = json.loads((INFRA / "bicepconfig.json").read_text("utf-8"))["analyzers"]["core"]["rules"]
    assert {rule["level"] for rule in rules.values()} == {"error"}


# What the app is given


def written() -> dict[str, str]:
    """The settings that the app finds in Azure, each with a value that stands for Azure's."""
    stand_ins = {
        "blobServiceUri": "https://stphotosync.blob.core.windows.net/",
        "queueServiceUri": "https://stphotosync.queue.core.windows.net/",
        "credential": "managedidentity",
        "clientId": "11111111-2222-3333-4444-555555555555",
    }
    keys = declared("function.bicep", "resource", "appSettings").keys - {"name", "properties"}
    ours = {key: stand_ins.get(key.partition("__")[2], "") for key in keys}
    own = declared("main.bicepparam", "var", "settings").value
    defaults = {name: re.findall(r"'([^']*)'", value)[1] for name, value in own.items()}
    graph = declared("function.bicep", "var", "graphUrls").value["AzureCloud"]
    return defaults | ours | {"AZURE_CLIENT_ID": stand_ins["clientId"], "GRAPH_URL": graph}


def test_the_app_gets_every_setting_that_it_knows_and_none_that_nobody_reads() -> None:
    platform = {name for name in written() if name.startswith(("AzureWebJobsStorage__", "APPLICATIONINSIGHTS_"))}
    assert set(written()) - platform == NAMES - {CONNECTION}


def test_a_setting_is_set_under_its_own_name() -> None:
    own = declared("main.bicepparam", "var", "settings").value
    assert {name: re.findall(r"'([^']*)'", value)[0] for name, value in own.items()} == {name: name for name in own}


def test_the_app_takes_the_settings_that_are_written() -> None:
    settings = Settings.from_env(written())
    assert settings.blob_service_uri == "https://stphotosync.blob.core.windows.net"
    assert settings.storage_client_id == settings.graph_client_id
    assert settings.graph_concurrency == 2


def test_each_cloud_s_graph_is_one_that_the_app_takes() -> None:
    for url in declared("function.bicep", "var", "graphUrls").value.values():
        assert Settings.from_env(written() | {"GRAPH_URL": url}).graph_url == url


def test_the_host_and_the_app_sign_in_to_storage_the_same_way() -> None:
    keys = declared("function.bicep", "resource", "appSettings").keys
    for prefix in ("AzureWebJobsStorage", CONNECTION):
        assert {f"{prefix}__{what}" for what in ("blobServiceUri", "queueServiceUri", "credential", "clientId")} <= keys
    assert not {"AzureWebJobsStorage", CONNECTION} & keys


def test_the_containers_are_those_that_the_code_uses() -> None:
    containers = declared("storage.bicep", "var", "containers").value
    assert (containers["photos"], containers["receipts"]) == (PHOTOS, RECEIPTS)
    assert "containers.deadLetters" in declared("storage.bicep", "output", "deadLetterContainer").text
    dead_letters = declared("subscription.bicep", "resource", "uploads").said("deadLetterDestination")["properties"]
    assert dead_letters["blobContainerName"] == containers["deadLetters"]


def test_the_queues_are_those_that_the_triggers_listen_to() -> None:
    made = re.search(r"for queue in \[([^]]*)]", declared("storage.bicep", "resource", "storageQueues").text)
    assert made is not None
    assert re.findall(r"'([^']*)'", made[1]) == [RETRIES, RETRIES_POISON, UPLOADS_POISON]


def test_what_an_operator_may_do_is_about_the_photos_their_receipts_and_the_retries() -> None:
    text = Bicep("operator.bicep").text
    assert re.findall(r"existing = { name: '([^']*)' }", text) == [PHOTOS, RECEIPTS, RETRIES]


def test_an_upload_calls_the_function_that_takes_uploads() -> None:
    functions = {each.get_function_name(): each.get_bindings()[0].type for each in app.get_functions()}
    named = re.findall(r"Host\.Functions\.(\w+)", Bicep("subscription.bicep").text)
    assert [functions[name] for name in named] == ["blobTrigger"]


def test_one_upload_is_one_event_and_other_containers_are_none() -> None:
    uploads = resource("subscription.bicep", "uploads")["properties"]["filter"]
    assert uploads["subjectBeginsWith"] == f"/blobServices/default/containers/{PHOTOS}/blobs/"
    assert uploads["includedEventTypes"] == ["Microsoft.Storage.BlobCreated"]
    (api,) = uploads["advancedFilters"]
    assert (api["key"], api["values"]) == ("data.api", ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"])


def test_the_app_runs_on_the_python_that_is_tested() -> None:
    runtime = declared("function.bicep", "resource", "app").said("runtime")
    assert runtime == {"name": "python", "version": "3.13"}
    first = re.search(r"for candidate in python(\S+)", (ROOT / "local" / "find-python").read_text("utf-8"))
    assert first is not None
    assert first[1] == runtime["version"]


def test_the_pictures_of_one_instance_fit_its_memory() -> None:
    host = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]
    pictures = max(
        host["blobs"]["maxDegreeOfParallelism"], host["queues"]["batchSize"] + host["queues"]["newBatchThreshold"]
    )
    least = min(declared("function.bicep", "param", "instanceMemoryMB").decorators["allowed"])
    assert pictures * MAX_MEMORY < 0.6 * least * 1024 * 1024  # Python, the host and the files as uploaded have the rest


def test_azd_knows_the_app_by_the_tag_that_it_looks_for() -> None:
    azure_yaml = (ROOT / "azure.yaml").read_text("utf-8")
    (service,) = re.findall(r"^services:\n  ([\w-]+):", azure_yaml, re.MULTILINE)
    assert f"'azd-service-name': '{service}'" in declared("function.bicep", "resource", "app").text
    assert "python3 -m infra.subscribe" in azure_yaml


# Who may do what


def test_every_role_stands_beside_its_name() -> None:
    tables = [found.value for name, found in everywhere("var") if found.name == "roles" and name != "graph.bicep"]
    told = {name: id_ for table in tables for name, id_ in table.items()}
    assert told == ROLE_IDS
    for template in TEMPLATES:
        ids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", Bicep(template).text))
        assert ids <= {*ROLE_IDS.values(), "00000003-0000-0000-c000-000000000000"}, template


def test_every_assignment_says_to_what_it_is_granted_and_why() -> None:
    assert len(assignments()) == 7
    for template, found in assignments():
        assert found.said("principalType") in {"ServicePrincipal", "principalType"}, found.name
        before = Bicep(template).text.split(f"\nresource {found.name} ")[0].splitlines()[-1]
        assert before.startswith("// "), found.name
        assert found.value["scope"] != "resourceGroup()"


def test_an_assignment_s_name_tells_it_from_any_other() -> None:
    for _, found in assignments():
        (role,) = re.findall(r"guid\(.*roles\['([^']*)'\]\)", found.value["name"])
        assert f"roles['{role}']" in found.said("roleDefinitionId"), found.name


def test_the_graph_permissions_are_those_that_the_code_needs() -> None:
    granted = {kind: role["name"] for role in declared("graph.bicep", "var", "roles").value for kind in role["kinds"]}
    by_app = {shape.kind for shape in SHAPES if not shape.graph.startswith("/me")}
    assert granted == {kind: role for kind, role in ROLES.items() if kind in by_app}
    assert set(re.findall(r"'(\w+)'", declared("graph.bicep", "type", "Kind").text)) == by_app


def test_graph_s_permissions_are_looked_up_by_name_and_for_apps() -> None:
    assert "allowedMemberTypes, 'Application'" in declared("graph.bicep", "resource", "grants").text


# Nothing open, nothing secret


def test_storage_takes_no_key_and_nobody_who_is_not_signed_in() -> None:
    account = resource("storage.bicep", "account")["properties"]
    assert account["allowSharedKeyAccess"] is False
    assert account["allowBlobPublicAccess"] is False
    assert account["isLocalUserEnabled"] is False
    assert account["supportsHttpsTrafficOnly"] is True
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert resource("storage.bicep", "blobContainers")["properties"] == {"publicAccess": "None"}


def test_what_is_deleted_can_be_brought_back_for_a_week() -> None:
    blobs = resource("storage.bicep", "blobs")["properties"]
    assert blobs["deleteRetentionPolicy"]["enabled"] is blobs["containerDeleteRetentionPolicy"]["enabled"] is True
    assert declared("storage.bicep", "var", "softDeleteDays").value == 7


def test_a_receipt_outlives_its_picture() -> None:
    """A picture without one would be sent again."""
    assert declared("storage.bicep", "var", "receiptDays").value == "retentionDays + 30"
    always, if_retained = (declared("storage.bicep", "var", name).value for name in ("always", "ifRetained"))
    assert [rule["name"] for rule in always] == ["dead-letters"]
    assert {rule["name"]: rule["days"] for rule in if_retained} == {
        "photos": "retentionDays",
        "receipts": "receiptDays",
    }


def test_the_app_speaks_https_only_and_nobody_deploys_with_a_password() -> None:
    assert resource("function.bicep", "app")["properties"]["httpsOnly"] is True
    for way in ("ftp", "scm"):
        assert resource("function.bicep", way) == {"name": way, "properties": {"allow": False}}


def test_the_log_takes_no_key() -> None:
    assert declared("monitoring.bicep", "resource", "insights").said("DisableLocalAuth") is True
    assert declared("monitoring.bicep", "resource", "ownWorkspace").said("disableLocalAuth") is True


def test_the_one_key_goes_from_azure_to_azure() -> None:
    users = [name for name in TEMPLATES if re.search(r"list(Keys|\w*Sas|Secrets)\(|\.list\w+\(", Bicep(name).text)]
    assert users == ["subscription.bicep"]
    assert not Bicep("subscription.bicep").all("output")


def test_no_output_or_parameter_is_a_secret() -> None:
    for kind in ("output", "param"):
        found = [
            f"{name}: {each.name}" for name, each in everywhere(kind) if re.search("(?i)key|secret|password", each.name)
        ]
        assert found == []


def test_nothing_that_is_deployed_names_a_tenant_or_a_subscription() -> None:
    files = subprocess.run(["git", "ls-files", "infra"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    for name in files.split():
        assert not re.search(r"/subscriptions/[0-9a-f]{8}-", Path(ROOT / name).read_text("utf-8")), name
