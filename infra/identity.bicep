metadata description = 'The app\'s identity, and the roles that it needs in Azure: those in Microsoft Graph are in graph.bicep.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The name of the storage account.')
param accountName string

@description('Required. The name of the Application Insights component.')
param insightsName string

// Azure's built-in roles, by their names.
var roles = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb'
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-photo-sync-${place.resourceToken}'
  location: place.location
  tags: place.tags
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// The whole account: the Functions host makes containers of its own there for keys and locks, and Microsoft asks for
// this very role for it and for blob triggers. It reads the app's package, too.
resource blobDataOwner 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identity.id, roles['Storage Blob Data Owner'])
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Storage Blob Data Owner'])
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// The whole account: the host makes a queue of its own for the blob trigger, besides those in storage.bicep.
resource queueDataContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identity.id, roles['Storage Queue Data Contributor'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Contributor']
    )
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Application Insights takes no key: whoever writes there signs in.
resource metricsPublisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, roles['Monitoring Metrics Publisher'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Monitoring Metrics Publisher']
    )
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

@description('The identity\'s resource id.')
output id string = identity.id

@description('Its client id, by which the app asks for tokens.')
output clientId string = identity.properties.clientId

@description('Its object id, to which roles are granted.')
output principalId string = identity.properties.principalId
