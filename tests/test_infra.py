"""The templates themselves: whole, described, wired to each other, and agreeing with azd and with what is deployed."""

import json
import re
import subprocess
from functools import cache
from typing import Any, Final

import pytest

from bicep import INFRA, Bicep, Declaration
from documents import ROOT
from function_app import app
from infra.subscribe import Deployment
from photo_sync.imaging.limits import Limits
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS, RETRIES, RETRIES_POISON, UPLOADS_POISON

TEMPLATES: Final = sorted(path.name for path in INFRA.glob("*.bicep"))
MAIN: Final = Bicep("main.bicep")

# What the modules are given: the same wherever a parameter of that name is asked for.
GIVEN: Final = {
    "accountName": "storage.outputs.accountName",
    "deadLetterContainer": "storage.outputs.deadLetterContainer",
    "deploymentContainer": "storage.outputs.deploymentContainer",
    "email": "alertEmail",
    "functionAppName": "app.outputs.name",
    "identityClientId": "identity.outputs.clientId",
    "identityId": "identity.outputs.id",
    "insightsConnectionString": "monitoring.outputs.connectionString",
    "insightsName": "monitoring.outputs.insightsName",
    "subnetId": "network.?outputs.appSubnetId ?? ''",
    "topicId": "topic.outputs.id",
    "topicName": "topic.outputs.name",
    "workspaceId": "monitoring.outputs.workspaceId",
}
# What one module is given in its own way, which a test of its own looks at.
OTHERWISE: Final = {
    "place of alerts",
    "principalId of graph",
    "principalId of operator",
    "principalType of operator",
    "retentionDays of storage",
    "userMatch of graph",
}


def declared(template: str, kind: str, name: str) -> Declaration:
    return Bicep(template).all(kind)[name]


def everywhere(kind: str) -> list[tuple[str, Declaration]]:
    return [(name, found) for name in TEMPLATES for found in Bicep(name).all(kind).values()]


# Each file


@pytest.mark.parametrize("name", [*TEMPLATES, "main.bicepparam"])
def test_a_template_can_be_read_and_is_short(name: str) -> None:
    template = Bicep(name)
    assert not template.has_error
    assert len(template.text.splitlines()) <= 200, "Is there a responsibility hiding in it that deserves its own file?"


def test_everything_that_is_declared_for_others_is_described() -> None:
    for kind in ("param", "output", "type"):
        bare = [f"{name}: {each.name}" for name, each in everywhere(kind) if not each.decorators.get("description")]
        assert bare == [], "Say above each, with @description, what it is."


def test_a_parameter_says_whether_it_is_required() -> None:
    for name, found in everywhere("param"):
        word = "Optional. " if " = " in found.text else "Required. "
        assert found.decorators["description"].startswith(word), f"{name}: begin {found.name} with “{word}”"


def test_linter_rules_are_errors() -> None:
    rules = json.loads((INFRA / "bicepconfig.json").read_text("utf-8"))["analyzers"]["core"]["rules"]
    assert {rule["level"] for rule in rules.values()} == {"error"}


def test_nothing_that_is_deployed_names_a_tenant_or_a_subscription() -> None:
    command = ["git", "grep", "--name-only", "-E", "/subscriptions/[0-9a-f]{8}-", "--", "infra", ".github"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).stdout == b""  # noqa: S603 - it is ours


# How they fit together


def test_every_template_is_deployed_by_main_but_the_one_that_waits_for_the_code() -> None:
    modules = {module.type for module in MAIN.all("module").values()}
    assert set(TEMPLATES) - modules == {"main.bicep", "place.bicep", "events.bicep"}


def test_every_module_is_given_what_its_file_asks_for() -> None:
    for module in MAIN.all("module").values():
        given = module.value["params"]
        assert set(given) == set(Bicep(module.type).all("param")), f"{module.name}: mend its params in main.bicep"
        wired = {name: value for name, value in given.items() if f"{name} of {module.name}" not in OTHERWISE}
        assert wired == {name: GIVEN.get(name, name) for name in wired}, f"{module.name}: mend its params in main.bicep"


def test_permissions_go_to_the_app_and_an_operator_s_roles_to_the_operator() -> None:
    graph, operator = (MAIN.all("module")[name].value["params"] for name in ("graph", "operator"))
    assert graph["principalId"] == "identity.outputs.principalId"
    assert (operator["principalId"], operator["principalType"]) == ("operatorPrincipalId", "operatorPrincipalType")


@pytest.mark.parametrize(
    ("module", "condition"),
    [("graph", "grantGraphRoles"), ("network", "privateNetwork"), ("operator", "!empty(operatorPrincipalId)")],
)
def test_what_may_be_left_out_is_left_out_by_its_own_switch(module: str, condition: str) -> None:
    assert f"= if ({condition}) {{" in MAIN.all("module")[module].text
    others = [name for name, found in MAIN.all("module").items() if "' = if (" in found.text]
    assert sorted(others) == ["graph", "network", "operator"]


def test_what_the_app_s_settings_turn_on_is_made_for_it() -> None:
    assert MAIN.all("var")["syncDeletes"].value == "toLower(trim(settings.?SYNC_DELETES ?? '')) == 'true'"
    assert MAIN.all("output")["DELETIONS_SYNCED"].value == "syncDeletes ? 'true' : 'false'"
    assert MAIN.all("module")["graph"].value["params"]["userMatch"] == "settings.?USER_MATCH ?? ''"


def test_pictures_that_grow_old_take_no_photo_with_them() -> None:
    assert MAIN.all("var")["photosGoWithAge"].value == "syncDeletes && retentionDays > 0"
    days = MAIN.all("module")["storage"].value["params"]["retentionDays"]
    refused = re.fullmatch(r"photosGoWithAge\s+\? fail\('([^']*)'\)\s+: retentionDays", days)
    assert refused is not None
    assert refused[1].startswith("RETENTION_DAYS and SYNC_DELETES are both set: ")
    assert refused[1].endswith(" Set RETENTION_DAYS to 0, or SYNC_DELETES to false.")


def test_alerts_are_where_the_workspace_is() -> None:
    place = MAIN.all("module")["alerts"].value["params"]["place"]
    assert place["location"] == "monitoring.outputs.workspaceLocation"


# What azd sets and gets


def variables() -> dict[str, tuple[str, str]]:
    """The variable that sets each parameter in the parameter file, and its default, empty where it has none."""
    given = Bicep("main.bicepparam").all("var")
    calls = r"readEnvironmentVariable\('(\w+)'(?:, '([^']*)')?\)"
    return {name: re.findall(calls, found.text)[0] for name, found in given.items() if name != "settings"}


def as_text(value: object) -> str:
    """A default as an environment variable spells it."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_a_parameter_is_set_by_the_variable_that_is_called_like_it() -> None:
    azd = {"environmentName": "AZURE_ENV_NAME", "location": "AZURE_LOCATION", "kinds": "PHOTO_KINDS"}
    for name, (variable, _) in variables().items():
        spelled = re.sub("([a-z])([A-Z])", r"\1_\2", name).upper()
        assert variable == azd.get(name, spelled)


def test_the_parameter_file_sets_every_parameter_and_changes_no_default() -> None:
    asked = MAIN.all("param")
    assert {*variables(), "settings"} == set(asked)
    for name, (_, default) in variables().items():
        value = asked[name].value if " = " in asked[name].text else ""
        assert default == as_text(value), f"main.bicep and main.bicepparam differ about {name}"


def test_azd_and_subscribe_get_the_names_that_main_puts_out() -> None:
    outputs = dict.fromkeys(MAIN.all("output"), "x")
    assert Deployment.from_env(outputs | {"AZURE_SUBSCRIPTION_ID": "x"})


def test_azd_knows_the_app_by_the_tag_that_it_looks_for() -> None:
    azure_yaml = (ROOT / "azure.yaml").read_text("utf-8")
    (service,) = re.findall(r"^services:\n  ([\w-]+):", azure_yaml, re.MULTILINE)
    assert f"'azd-service-name': '{service}'" in declared("function.bicep", "resource", "app").text
    assert "'azd-env-name': environmentName" in MAIN.all("var")["place"].text


# What the code expects to be there


def resource(template: str, name: str) -> Any:  # noqa: ANN401 - a body is any JSON
    return declared(template, "resource", name).value


def test_the_containers_are_those_that_the_code_uses() -> None:
    containers = declared("storage.bicep", "var", "containers").value
    assert [containers[name] for name in ("photos", "receipts", "removals")] == [PHOTOS, RECEIPTS, REMOVALS]
    for output, container in {"deadLetterContainer": "deadLetters", "deploymentContainer": "deployment"}.items():
        assert declared("storage.bicep", "output", output).value == f"containers.{container}"
    dead_letters = declared("events.bicep", "var", "deadLetters").said("deadLetterDestination")["properties"]
    assert dead_letters == {"resourceId": "account.id", "blobContainerName": containers["deadLetters"]}


def test_the_queues_are_those_that_the_triggers_listen_to() -> None:
    made = re.search(r"for queue in \[([^]]*)]", declared("storage.bicep", "resource", "storageQueues").text)
    assert made is not None
    assert re.findall(r"'([^']*)'", made[1]) == [RETRIES, RETRIES_POISON, UPLOADS_POISON]


@cache  # an app tells of its functions only once
def triggers() -> dict[str, dict[str, Any]]:
    return {str(each.get_function_name()): each.get_bindings()[0].get_dict_repr() for each in app.get_functions()}


def test_an_upload_calls_the_function_that_takes_uploads() -> None:
    named = re.findall(r"Host\.Functions\.(\w+)", Bicep("events.bicep").text)
    assert [triggers()[name]["type"] for name in named] == ["blobTrigger"]


def test_the_status_page_is_where_its_function_is() -> None:
    (route,) = [trigger["route"] for trigger in triggers().values() if trigger["type"] == "httpTrigger"]
    host = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]
    prefix = host.get("http", {}).get("routePrefix", "api")
    address = declared("function.bicep", "output", "statusPage").value.strip("'")
    assert address == f"https://${{app.properties.defaultHostName}}/{prefix}/{route.partition('/')[0]}"


def test_one_upload_is_one_event_and_other_containers_are_none() -> None:
    uploads = resource("events.bicep", "uploads")["properties"]["filter"]
    assert uploads["subjectBeginsWith"] == "ofPhotos"
    assert declared("events.bicep", "var", "ofPhotos").value == f"/blobServices/default/containers/{PHOTOS}/blobs/"
    assert uploads["includedEventTypes"] == ["Microsoft.Storage.BlobCreated"]
    (api,) = uploads["advancedFilters"]
    assert (api["key"], api["values"]) == ("data.api", ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"])


def test_a_deletion_waits_in_the_queue_that_the_app_reads_and_no_key_brings_it_there() -> None:
    delivery = resource("events.bicep", "deletions")["properties"]["deliveryWithResourceIdentity"]
    assert delivery["identity"] == {"type": "SystemAssigned"}
    assert delivery["destination"] == {
        "endpointType": "StorageQueue",
        "properties": {"resourceId": "account.id", "queueName": RETRIES, "queueMessageTimeToLiveInSeconds": -1},
    }


def test_a_deletion_is_told_in_a_way_that_the_app_understands() -> None:
    deletions = resource("events.bicep", "deletions")["properties"]
    assert deletions["eventDeliverySchema"] == "EventGridSchema"
    (event_type,) = deletions["filter"]["includedEventTypes"]
    assert deletions["filter"]["subjectBeginsWith"] == "ofPhotos"
    subject = declared("events.bicep", "var", "ofPhotos").value + "users/ada@contoso.com.jpg"
    event = json.dumps({"eventType": event_type, "subject": subject})
    assert Retry.from_json(event) == Retry("users/ada@contoso.com.jpg")


def test_deletions_are_told_of_only_where_they_are_synced() -> None:
    assert "= if (syncDeletes) {" in declared("events.bicep", "resource", "deletions").text
    assert "= if (syncDeletes) {" in declared("topic.bicep", "resource", "deletionSender").text
    assert f"resource retries 'queues' existing = {{ name: '{RETRIES}' }}" in Bicep("topic.bicep").text


@pytest.mark.parametrize("name", ["uploads", "deletions"])
def test_event_grid_tries_for_a_day_and_keeps_what_it_cannot_deliver(name: str) -> None:
    subscription = resource("events.bicep", name)["properties"]
    assert (subscription["retryPolicy"], subscription["deadLetterWithResourceIdentity"]) == ("aDay", "deadLetters")
    a_day = declared("events.bicep", "var", "aDay").value
    assert a_day == {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 24 * 60}
    assert resource("topic.bicep", "topic")["properties"]["topicType"] == "Microsoft.Storage.StorageAccounts"


def test_the_app_runs_on_the_python_that_is_tested() -> None:
    runtime = declared("function.bicep", "resource", "app").said("runtime")
    first = re.search(r"for candidate in python(\S+)", (ROOT / "local" / "find-python").read_text("utf-8"))
    assert first is not None
    assert runtime == {"name": "python", "version": first[1]}


def test_an_instance_that_is_always_ready_waits_for_uploads() -> None:
    scale = declared("function.bicep", "resource", "app").said("scaleAndConcurrency")
    assert "name: 'blob', instanceCount: alwaysReadyInstances" in scale["alwaysReady"]
    assert scale["maximumInstanceCount"] == "max(maximumInstanceCount, alwaysReadyInstances)"


def test_the_pictures_of_one_instance_fit_its_memory() -> None:
    host = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]
    pictures = max(
        host["blobs"]["maxDegreeOfParallelism"], host["queues"]["batchSize"] + host["queues"]["newBatchThreshold"]
    )
    least = min(declared("function.bicep", "param", "instanceMemoryMB").decorators["allowed"])
    assert (
        pictures * Limits().memory < 0.6 * least * 1024 * 1024
    )  # Python, the host and the files as uploaded have the rest


def test_a_receipt_outlives_its_picture() -> None:
    """A picture without one would be sent again."""
    storage = Bicep("storage.bicep")
    rules = storage.all("var")
    assert rules["alwaysRules"].value == [
        {"name": "dead-letters", "container": "containers.deadLetters", "days": "deadLetterDays"}
    ]
    assert rules["retentionRules"].value == [
        {"name": "photos", "container": "containers.photos", "days": "retentionDays"},
        {"name": "receipts", "container": "containers.receipts", "days": "receiptDays"},
    ]
    assert rules["receiptDays"].value == "retentionDays + 30"


def test_nothing_else_is_ever_deleted_by_age() -> None:
    lifecycle = declared("storage.bicep", "resource", "lifecycle")
    assert "for rule in concat(alwaysRules, retentionDays > 0 ? retentionRules : []): {" in lifecycle.text
    assert lifecycle.said("prefixMatch") == ["'${rule.container}/'"]
    assert lifecycle.said("delete") == {"daysAfterModificationGreaterThan": "rule.days"}
