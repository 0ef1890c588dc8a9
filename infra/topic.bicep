metadata description = 'The Event Grid topic that tells of the account\'s blobs. Whom it calls is in events.bicep, deployed after the code.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The name of the storage account.')
param accountName string

@description('Required. The container that takes the events that could not be delivered.')
param deadLetterContainer string

@description('Required. Whether deleted files are told of, too.')
param syncDeletes bool

@description('Required. The resource id of the Log Analytics workspace: an alert compares what landed with what was synced.')
param workspaceId string

// Azure's built-in roles, by their names.
var roles = {
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  'Storage Queue Data Message Sender': 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: deadLetterContainer
    }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource retries 'queues' existing = { name: 'photo-retries' }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-photo-sync-${place.resourceToken}'
  location: place.location
  tags: place.tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

// That container alone: the topic writes there what it could not deliver, and reads nothing.
resource deadLetterWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::deadLetters
  name: guid(account::blobs::deadLetters.id, topic.id, roles['Storage Blob Data Contributor'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Blob Data Contributor']
    )
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

// That queue alone: what was deleted waits there to be looked at. It may send, and not read.
resource deletionSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (syncDeletes) {
  scope: account::queues::retries
  name: guid(account::queues::retries.id, topic.id, roles['Storage Queue Data Message Sender'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Message Sender']
    )
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource metrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: topic
  name: 'metrics-to-workspace'
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('The topic\'s name.')
output name string = topic.name

@description('The topic\'s resource id.')
output id string = topic.id
