targetScope = 'subscription'

metadata name = 'photo-sync'
metadata description = 'Everything that photo-sync needs in Azure, in one resource group. What calls the app when a picture lands is in events.bicep.'

import { Kind } from 'graph.bicep'
import { Settings } from 'function.bicep'

@description('Required. The name of this environment, such as production: the resource group is called after it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. Where everything is: a region that has Flex Consumption.')
@minLength(1)
param location string

@description('Optional. For which kinds of photos permissions are granted in Microsoft Graph; users, groups and teams share one.')
@minLength(1)
param kinds Kind[] = ['users', 'groups', 'teams']

@description('Optional. Whether to grant that too: only a Privileged Role Administrator can.')
param grantGraphRoles bool = true

@description('Required. The app\'s own settings by name, as the README lists them; an empty one means its default.')
param settings Settings

@description('Optional. How many instances there are at most, for each function: docs/scale.md says why so few.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 1

@description('Optional. The memory of an instance, in megabytes: 2048 or 4096.')
param instanceMemoryMB int = 2048

@description('Optional. How many instances always wait for uploads, and are always paid for: a photo is synced seconds sooner.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Optional. Whether the storage account is reached through a virtual network alone.')
param privateNetwork bool = false

@description('Optional. After how many days pictures are deleted, and a month later their receipts; 0 keeps both. Not with SYNC_DELETES.')
@minValue(0)
param retentionDays int = 0

@description('Optional. The resource id of a Log Analytics workspace to use; empty for one of its own.')
param workspaceResourceId string = ''

@description('Optional. Who gets a mail when something is wrong.')
param alertEmail string = ''

@description('Optional. The client id of the app registration by which people sign in to the status page; empty for a key.')
param statusPageClientId string = ''

@description('Optional. The object id of whoever may drop photos and read receipts.')
param operatorPrincipalId string = ''

@description('Optional. What that is.')
param operatorPrincipalType 'User' | 'Group' | 'ServicePrincipal' = 'User'

var place = {
  location: location
  tags: { 'azd-env-name': environmentName }
  resourceToken: uniqueString(subscription().id, environmentName, location)
}

var syncDeletes = toLower(trim(settings.?SYNC_DELETES ?? '')) == 'true'
var photosGoWithAge = syncDeletes && retentionDays > 0

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-photo-sync-${environmentName}'
  location: location
  tags: place.tags
}

module storage 'storage.bicep' = {
  scope: group
  params: {
    place: place
    privateNetwork: privateNetwork
    retentionDays: photosGoWithAge
      ? fail('RETENTION_DAYS and SYNC_DELETES are both set: the photo of everybody whose picture has grown old would be deleted from Microsoft 365. Set RETENTION_DAYS to 0, or SYNC_DELETES to false.')
      : retentionDays
  }
}

module network 'network.bicep' = if (privateNetwork) {
  scope: group
  params: { place: place, accountName: storage.outputs.accountName }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: { place: place, workspaceResourceId: workspaceResourceId }
}

module identity 'identity.bicep' = {
  scope: group
  params: {
    place: place
    accountName: storage.outputs.accountName
    insightsName: monitoring.outputs.insightsName
  }
}

module graph 'graph.bicep' = if (grantGraphRoles) {
  scope: group
  dependsOn: [app] // Microsoft Entra takes a while to know a new identity everywhere
  params: { principalId: identity.outputs.principalId, kinds: kinds, userMatch: settings.?USER_MATCH ?? '' }
}

module app 'function.bicep' = {
  scope: group
  params: {
    place: place
    accountName: storage.outputs.accountName
    deploymentContainer: storage.outputs.deploymentContainer
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    insightsConnectionString: monitoring.outputs.connectionString
    subnetId: network.?outputs.appSubnetId ?? ''
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    statusPageClientId: statusPageClientId
    settings: settings
  }
}

module topic 'topic.bicep' = {
  scope: group
  params: {
    place: place
    accountName: storage.outputs.accountName
    deadLetterContainer: storage.outputs.deadLetterContainer
    syncDeletes: syncDeletes
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'alerts.bicep' = {
  scope: group
  params: {
    place: { location: monitoring.outputs.workspaceLocation, tags: place.tags, resourceToken: place.resourceToken }
    workspaceId: monitoring.outputs.workspaceId
    functionAppName: app.outputs.name
    topicName: topic.outputs.name
    topicId: topic.outputs.id
    email: alertEmail
  }
}

module workbook 'workbook.bicep' = {
  scope: group
  params: { place: place, workspaceId: monitoring.outputs.workspaceId, functionAppName: app.outputs.name }
}

module operator 'operator.bicep' = if (!empty(operatorPrincipalId)) {
  scope: group
  params: {
    accountName: storage.outputs.accountName
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
  }
}

// azd keeps these for its commands, for subscribe.py, and for whoever asks with `azd env get-values`.

@description('The resource group that holds everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The name of the function app.')
output FUNCTION_APP string = app.outputs.name

@description('The name of the storage account.')
output STORAGE_ACCOUNT string = storage.outputs.accountName

@description('Where its containers are: the setting by which photo-sync finds them on the command line.')
output PhotoStorage__blobServiceUri string = storage.outputs.blobServiceUri

@description('Where its queues are, likewise.')
output PhotoStorage__queueServiceUri string = storage.outputs.queueServiceUri

@description('The name of the Event Grid topic.')
output EVENT_TOPIC string = topic.outputs.name

@description('Whether deleted files are told of, too: true or false.')
output DELETIONS_SYNCED string = syncDeletes ? 'true' : 'false'

@description('Where the status page is; the key that it asks for, unless people sign in, is not in it.')
output STATUS_PAGE string = app.outputs.statusPage

@description('The object id of the app\'s identity: whoever grants the Graph permissions needs it.')
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
