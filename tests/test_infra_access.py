"""Who may do what in the deployed resources, and that nothing is open that need not be."""

import re
from typing import Final

from bicep import INFRA, Bicep, Declaration
from granted import ASSIGNED, ROLE_IDS
from photo_sync.graph import LOOKUP_ROLE, ROLES
from photo_sync.people import UserMatch
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES
from photo_sync.target import SHAPES

TEMPLATES: Final = sorted(path.name for path in INFRA.glob("*.bicep"))
GRAPH: Final = "00000003-0000-0000-c000-000000000000"  # Microsoft Graph's own id, the same in every tenant


def declared(template: str, kind: str, name: str) -> Declaration:
    return Bicep(template).all(kind)[name]


def assignments() -> list[tuple[str, Declaration]]:
    type_ = "Microsoft.Authorization/roleAssignments"
    return [(name, found) for name in TEMPLATES for found in Bicep(name).resources(type_)]


def role(found: Declaration) -> str:
    (name,) = re.findall(r"roles\['([^']*)'\]", found.said("roleDefinitionId"))
    return str(name)


# Who may do what


def test_nobody_has_a_role_that_is_not_in_the_table_or_on_more_than_it_says() -> None:
    granted = {
        (template, found.said("principalId"), role(found), found.value["scope"]) for template, found in assignments()
    }
    assert granted == ASSIGNED, "Mend the template, or ASSIGNED in granted.py and the table in docs/operations.md."


def test_every_role_stands_beside_its_name() -> None:
    tables = [Bicep(name).all("var")["roles"].value for name in ("identity.bicep", "topic.bicep", "operator.bicep")]
    assert {name: id_ for table in tables for name, id_ in table.items()} == ROLE_IDS
    for name in TEMPLATES:
        ids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", Bicep(name).text))
        assert ids <= {*ROLE_IDS.values(), GRAPH}, f"{name} has an id that no table here names"


def test_every_assignment_says_what_it_is_granted_to_and_why() -> None:
    for template, found in assignments():
        given = "principalType" if template == "operator.bicep" else "ServicePrincipal"
        assert found.said("principalType") == given, f"{template}: set principalType, or a new identity is not found"
        before = Bicep(template).text.split(f"\nresource {found.name} ")[0].splitlines()[-1]
        assert before.startswith("// "), f"{template}: say above {found.name} why it is needed"


def test_an_assignment_s_name_tells_it_from_any_other() -> None:
    names = [found.value["name"] for _, found in assignments()]
    assert len(set(names)) == len(names)
    for _, found in assignments():
        assert found.value["name"].startswith(f"guid({found.value['scope']}.id, "), found.name
        assert f"roles['{role(found)}']" in found.value["name"], found.name


def test_what_an_operator_may_do_is_about_the_photos_their_receipts_and_the_retries() -> None:
    names = re.findall(r"resource (\w+) '\w+' existing = { name: '([^']*)' }", Bicep("operator.bicep").text)
    assert dict(names) == {"photos": PHOTOS, "receipts": RECEIPTS, "retries": RETRIES}


def test_the_graph_permissions_are_those_that_the_code_needs() -> None:
    *writing, lookup = declared("graph.bicep", "var", "roles").value
    granted = {kind: row["name"] for row in writing for kind in row["kinds"]}
    by_app = {shape.kind for shape in SHAPES if not shape.graph.startswith("/me")}
    assert granted == {kind: name for kind, name in ROLES.items() if kind in by_app}
    assert lookup["name"] == LOOKUP_ROLE
    assert set(re.findall(r"'(\w+)'", declared("graph.bicep", "type", "Kind").text)) == by_app


def test_people_are_looked_up_only_where_files_are_not_named_by_their_ids() -> None:
    (lookup,) = [row for row in declared("graph.bicep", "var", "roles").value if row["name"] == LOOKUP_ROLE]
    named = {shape.kind for shape in SHAPES if "<user>" in shape.graph}
    kinds = re.fullmatch(r"looksPeopleUp \? \[(.*)\] : \[\]", lookup["kinds"])
    assert kinds is not None
    assert set(re.findall(r"'(\w+)'", kinds[1])) == named
    not_looked_up = declared("graph.bicep", "var", "looksPeopleUp").value
    assert not_looked_up == f"!contains(['', '{UserMatch.ID}'], toLower(trim(userMatch)))"


def test_a_graph_permission_is_granted_for_the_kinds_that_were_asked_for_and_for_apps() -> None:
    grants = declared("graph.bicep", "resource", "grants").text
    assert "for role in roles: if (!empty(intersection(role.kinds, kinds))) {" in grants
    assert "known.value == role.name && contains(known.allowedMemberTypes, 'Application')" in grants
    assert declared("graph.bicep", "resource", "graph").value == {"appId": GRAPH}


# Nothing open


def test_storage_takes_no_key_and_nobody_who_is_not_signed_in() -> None:
    account = declared("storage.bicep", "resource", "account").value["properties"]
    assert (
        account
        | {
            "allowBlobPublicAccess": False,
            "allowCrossTenantReplication": False,
            "allowSharedKeyAccess": False,
            "isLocalUserEnabled": False,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
        }
        == account
    )
    assert declared("storage.bicep", "resource", "blobContainers").value["properties"] == {"publicAccess": "None"}


def test_a_private_network_shuts_everybody_else_out_but_azure_s_own_services() -> None:
    rules = declared("storage.bicep", "resource", "account").said("networkAcls")
    assert rules == {"bypass": "AzureServices", "defaultAction": "privateNetwork ? 'Deny' : 'Allow'"}
    network = Bicep("network.bicep")
    assert network.all("var")["services"].value == ["blob", "queue"]
    app, endpoints = network.all("resource")["network"].said("subnets")
    assert (app["name"], app["properties"]["defaultOutboundAccess"]) == ("app", True)
    assert (endpoints["name"], endpoints["properties"]["defaultOutboundAccess"]) == ("private-endpoints", False)


def test_what_is_deleted_can_be_brought_back_for_a_week_and_old_portraits_go() -> None:
    blobs = declared("storage.bicep", "resource", "blobs").value["properties"]
    week = {"enabled": True, "days": "softDeleteDays"}
    assert blobs == {
        "deleteRetentionPolicy": week,
        "containerDeleteRetentionPolicy": week,
        "isVersioningEnabled": False,
    }
    assert declared("storage.bicep", "var", "softDeleteDays").value == 7


def test_the_app_speaks_https_only_and_nobody_deploys_with_a_password() -> None:
    app = declared("function.bicep", "resource", "app")
    assert app.value["properties"]["httpsOnly"] is True
    assert app.said("siteConfig") == {"minTlsVersion": "1.2", "scmMinTlsVersion": "1.2"}
    for way in ("ftp", "scm"):
        publishing = declared("function.bicep", "resource", way).value
        assert publishing == {"name": way, "properties": {"allow": False}}


def test_the_log_takes_no_key() -> None:
    assert declared("monitoring.bicep", "resource", "insights").said("DisableLocalAuth") is True
    assert declared("monitoring.bicep", "resource", "ownWorkspace").said("disableLocalAuth") is True


# Nothing secret


def test_the_one_key_goes_from_azure_to_azure() -> None:
    users = [name for name in TEMPLATES if re.search(r"\blist(Keys|\w*Sas|Secrets)\(|\.list\w+\(", Bicep(name).text)]
    assert users == ["events.bicep"]
    assert not Bicep("events.bicep").all("output"), "An output would show the key to whoever reads deployments."


def test_no_output_or_parameter_is_a_secret() -> None:
    for kind in ("output", "param"):
        named = [f"{name}: {each}" for name in TEMPLATES for each in Bicep(name).all(kind)]
        assert [each for each in named if re.search("(?i)key|secret|password", each)] == []
