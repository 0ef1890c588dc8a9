metadata description = 'The storage account: uploaded pictures, receipts, queues, and what the Functions host keeps.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. Whether only the private network and Azure\'s own services may reach the account.')
param privateNetwork bool

@description('Required. After how many days pictures are deleted, and a month later their receipts; 0 keeps both.')
@minValue(0)
param retentionDays int

var deadLetterDays = 30
var softDeleteDays = 7
// A receipt that went before its picture would have the picture sent again.
var receiptDays = retentionDays + 30

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: 'stphotosync${place.resourceToken}'
  location: place.location
  tags: place.tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices' // Event Grid writes dead letters from outside the network
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    // Off: a portrait that somebody replaced must not stay for ever, and each photo writes its receipt twice.
    isVersioningEnabled: false
  }
}

var containers = {
  photos: 'photos'
  receipts: 'photo-receipts'
  deadLetters: 'photo-dead-letters'
  removals: 'photo-removals'
  deployment: 'app-package'
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for container in items(containers): {
    parent: blobs
    name: container.value
    properties: { publicAccess: 'None' }
  }
]

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = {
  parent: account
  name: 'default'
}

// The Functions host makes none of the queues that its triggers listen to.
resource storageQueues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [
  for queue in ['photo-retries', 'photo-retries-poison', 'webjobs-blobtrigger-poison']: {
    parent: queues
    name: queue
  }
]

var alwaysRules = [
  { name: 'dead-letters', container: containers.deadLetters, days: deadLetterDays }
]
var retentionRules = [
  { name: 'photos', container: containers.photos, days: retentionDays }
  { name: 'receipts', container: containers.receipts, days: receiptDays }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        for rule in concat(alwaysRules, retentionDays > 0 ? retentionRules : []): {
          name: rule.name
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${rule.container}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: rule.days } } }
          }
        }
      ]
    }
  }
}

@description('The account\'s name.')
output accountName string = account.name

@description('Where its containers are.')
output blobServiceUri string = account.properties.primaryEndpoints.blob

@description('Where its queues are.')
output queueServiceUri string = account.properties.primaryEndpoints.queue

@description('The container that takes the events that could not be delivered.')
output deadLetterContainer string = containers.deadLetters

@description('The container that the app\'s package is in.')
output deploymentContainer string = containers.deployment
