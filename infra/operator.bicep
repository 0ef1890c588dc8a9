metadata description = 'What a person, or a group of them, may do with the storage account: drop photos, read receipts, have photos looked at again or removed.'

@description('Required. The name of the storage account.')
param accountName string

@description('Required. The object id of the person or group.')
param principalId string

@description('Required. What it is.')
param principalType 'User' | 'Group' | 'ServicePrincipal'

// Azure's built-in roles, by their names.
var roles = {
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  'Storage Blob Data Reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  'Storage Queue Data Message Sender': 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  'Storage Queue Data Reader': '19e7f393-937e-4f77-808e-94535e297925'
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource photos 'containers' existing = { name: 'photos' }
    resource receipts 'containers' existing = { name: 'photo-receipts' }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource retries 'queues' existing = { name: 'photo-retries' }
  }
}

// To upload, replace and delete pictures.
resource photosContributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::photos
  name: guid(account::blobs::photos.id, principalId, roles['Storage Blob Data Contributor'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Blob Data Contributor']
    )
    principalId: principalId
    principalType: principalType
  }
}

// To see what became of them.
resource receiptsReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobs::receipts
  name: guid(account::blobs::receipts.id, principalId, roles['Storage Blob Data Reader'])
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles['Storage Blob Data Reader'])
    principalId: principalId
    principalType: principalType
  }
}

// To count the messages that wait: `photo-sync reconcile`, `resync` and `doctor` do.
resource retriesReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::queues::retries
  name: guid(account::queues::retries.id, principalId, roles['Storage Queue Data Reader'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Reader']
    )
    principalId: principalId
    principalType: principalType
  }
}

// To send messages: `photo-sync reconcile`, `resync`, `retry` and `remove` do.
resource retriesSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::queues::retries
  name: guid(account::queues::retries.id, principalId, roles['Storage Queue Data Message Sender'])
  properties: {
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles['Storage Queue Data Message Sender']
    )
    principalId: principalId
    principalType: principalType
  }
}
