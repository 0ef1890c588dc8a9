"""Signing in to the status page: only where it was asked for, with nobody else let in, and without a secret."""

import re
from fnmatch import fnmatch
from typing import Any, Final

import pytest

from bicep import Bicep, Declaration
from photo_sync.page.visitor import SIGN_IN as SWITCH
from photo_sync.page.visitor import is_by_sign_in

FUNCTION: Final = Bicep("function.bicep")
SIGN_IN: Final[Declaration] = FUNCTION.all("resource")["signIn"]
PROPERTIES: Final[dict[str, Any]] = SIGN_IN.value["properties"]
PAGE: Final = "/api/status"


def test_people_sign_in_only_where_an_app_registration_is_named() -> None:
    assert FUNCTION.all("var")["peopleSignIn"].value == "!empty(statusPageClientId)"
    assert "= if (peopleSignIn) {" in SIGN_IN.text
    assert PROPERTIES["platform"] == {"enabled": True}


def test_the_page_trusts_the_sign_in_only_where_it_stands_before_it() -> None:
    settings = FUNCTION.all("resource")["appSettings"]
    chosen = re.fullmatch(r"peopleSignIn \? '(\w+)' : '(\w+)'", settings.said(SWITCH))
    assert chosen is not None
    assert [is_by_sign_in({SWITCH: word}) for word in chosen.groups()] == [True, False]
    assert settings.said("dependsOn") == ["signIn"]
    assert SWITCH not in Bicep("main.bicepparam").text, "Nobody may set it without the sign-in."


def test_who_has_not_signed_in_is_sent_to_the_sign_in() -> None:
    rules = PROPERTIES["globalValidation"]
    assert (rules["requireAuthentication"], rules["unauthenticatedClientAction"]) == (True, "RedirectToLoginPage")
    assert rules["redirectToProvider"] == "azureactivedirectory"
    assert PROPERTIES["httpSettings"] == {"requireHttps": True}


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/", f"{PAGE}/photos/users/ada.jpg", "/", "/api/admin/", "/runtime/"])
def test_nothing_of_the_app_is_left_open(path: str) -> None:
    open_ = PROPERTIES["globalValidation"]["excludedPaths"]
    assert not [pattern for pattern in open_ if fnmatch(path, pattern)]


def test_the_host_s_own_addresses_are_left_to_its_keys() -> None:
    (webhook,) = re.findall(r"defaultHostName}([/\w]+)'", Bicep("events.bicep").text)
    open_ = PROPERTIES["globalValidation"]["excludedPaths"]
    assert open_ == [webhook, "/admin/*"]


def test_only_people_of_this_tenant_who_sign_in_at_this_page_are_let_in() -> None:
    entra = PROPERTIES["identityProviders"]["azureActiveDirectory"]
    issuer = "'${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'"
    assert (entra["enabled"], entra["registration"]["openIdIssuer"]) == (True, issuer)
    assert entra["registration"]["clientId"] == "statusPageClientId"
    assert entra["validation"]["defaultAuthorizationPolicy"] == {"allowedApplications": ["statusPageClientId"]}
    assert list(PROPERTIES["identityProviders"]) == ["azureActiveDirectory"]
    assert FUNCTION.all("var")["signInSettings"].said("WEBSITE_AUTH_AAD_ALLOWED_TENANTS") == "tenant().tenantId"


def test_the_app_s_identity_stands_for_a_secret() -> None:
    """Microsoft Learn, "Configure your App Service or Azure Functions app to use Microsoft Entra sign-in"."""
    named = SIGN_IN.said("clientSecretSettingName")
    assert named == "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
    assert FUNCTION.all("var")["signInSettings"].said(named) == "identityClientId"


def test_nobody_s_tokens_are_kept() -> None:
    assert PROPERTIES["login"] == {"tokenStore": {"enabled": False}}


def test_the_page_s_address_is_told_without_its_key() -> None:
    assert FUNCTION.all("output")["statusPage"].value == f"'https://${{app.properties.defaultHostName}}{PAGE}'"
    assert Bicep("main.bicep").all("output")["STATUS_PAGE"].value == "app.outputs.statusPage"
