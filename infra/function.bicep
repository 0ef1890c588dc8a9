metadata description = 'The function app, on Flex Consumption: no key anywhere, one identity for storage, the log and Microsoft Graph.'

import { Place } from 'place.bicep'

@description('The app\'s own settings by name, as the README lists them; an empty one means its default.')
@export()
type Settings = {
  @description('A value is always text.')
  *: string
}

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The name of the storage account.')
param accountName string

@description('Required. The container that the app\'s package is in.')
param deploymentContainer string

@description('Required. The resource id of the app\'s identity.')
param identityId string

@description('Required. The client id of the app\'s identity.')
param identityClientId string

@description('Required. Where the app sends its log.')
param insightsConnectionString string

@description('Required. The resource id of the subnet that the app reaches storage from; empty for none.')
param subnetId string

@description('Required. The memory of an instance, in megabytes. 512 is too little for four pictures at a time.')
@allowed([2048, 4096])
param instanceMemoryMB int

@description('Required. How many instances there are at most, for each function.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@description('Required. How many instances always wait for uploads, and are always paid for.')
@minValue(0)
param alwaysReadyInstances int

@description('Required. The client id of the app registration by which people sign in to the status page; empty for none.')
param statusPageClientId string

@description('Required. The app\'s own settings.')
param settings Settings

// Microsoft Graph of each cloud; the DoD's is https://dod-graph.microsoft.us/v1.0, to be set by hand.
var graphUrls = {
  AzureCloud: 'https://graph.microsoft.com/v1.0'
  AzureUSGovernment: 'https://graph.microsoft.us/v1.0'
  AzureChinaCloud: 'https://microsoftgraph.chinacloudapi.cn/v1.0'
}

var graphUrl = settings.?GRAPH_URL ?? ''
var peopleSignIn = !empty(statusPageClientId)
// App Service's own settings: which identity vouches for the app, and the one tenant whose people are let in.
var signInSettings = peopleSignIn
  ? {
      OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId
      WEBSITE_AUTH_AAD_ALLOWED_TENANTS: tenant().tenantId
    }
  : {}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-photo-sync-${place.resourceToken}'
  location: place.location
  tags: place.tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true } // Linux
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-photo-sync-${place.resourceToken}'
  location: place.location
  tags: union(place.tags, { 'azd-service-name': 'photo-sync' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled' // Event Grid calls the webhook; it takes only who has the key
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    outboundVnetRouting: { allTraffic: !empty(subnetId) }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: max(maximumInstanceCount, alwaysReadyInstances)
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'blob', instanceCount: alwaysReadyInstances }] : []
      }
    }
  }

  // Nobody deploys with a password.
  resource ftp 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }
  resource scm 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }

  // In front of every address of the app; the host's own are left to its keys: Event Grid's webhook, and what Azure asks
  // it while it deploys.
  resource signIn 'config' = if (peopleSignIn) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'RedirectToLoginPage'
        redirectToProvider: 'azureactivedirectory'
        excludedPaths: ['/runtime/webhooks/blobs', '/admin/*']
      }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } } // nobody needs the tokens
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
            clientId: statusPageClientId
            clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID' // no secret: the app's identity vouches
          }
          // Who signs in at this very page: no other app's token is taken.
          validation: { defaultAuthorizationPolicy: { allowedApplications: [statusPageClientId] } }
        }
      }
    }
  }

  // The host's own storage and the photos' are the same account, under a name of its own each: they can be parted later.
  resource appSettings 'config' = {
    name: 'appsettings'
    dependsOn: [signIn] // the page may trust it only when it is there
    properties: union(settings, signInSettings, {
      AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      PhotoStorage__blobServiceUri: account.properties.primaryEndpoints.blob
      PhotoStorage__queueServiceUri: account.properties.primaryEndpoints.queue
      PhotoStorage__credential: 'managedidentity'
      PhotoStorage__clientId: identityClientId
      AZURE_CLIENT_ID: identityClientId
      GRAPH_URL: empty(graphUrl) ? graphUrls[environment().name] : graphUrl
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      STATUS_PAGE_SIGN_IN: peopleSignIn ? 'true' : 'false' // without it, the page asks for a key
    })
  }
}

@description('The app\'s name.')
output name string = app.name

@description('Where its status page is; its key, where it asks for one, is not in it.')
output statusPage string = 'https://${app.properties.defaultHostName}/api/status'
