metadata description = 'The Event Grid subscription: each upload calls the app. Deployed after the code, by subscribe.py: the app makes its key, and answers Event Grid\'s first call, only when it runs.'

@description('Required. The name of the function app.')
param functionAppName string

@description('Required. The name of the Event Grid topic.')
param topicName string

@description('Required. The name of the storage account.')
param accountName string

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

// Read here and put straight into the address: it is shown nowhere, and Event Grid does not give it back.
var key = listKeys('${app.id}/host/default', '2025-03-01').systemKeys.blobs_extension
var webhook = 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs'

resource uploads 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'photo-uploaded'
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: '${webhook}?functionName=Host.Functions.photo_uploaded&code=${key}'
        minimumTlsVersionAllowed: '1.2'
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      // With the last part: without it, photos-old/ would begin so, too.
      subjectBeginsWith: '/blobServices/default/containers/photos/blobs/'
      isSubjectCaseSensitive: true
      // What ends an upload: a client that writes in several calls has the others told, too.
      advancedFilters: [
        {
          operatorType: 'StringIn'
          key: 'data.api'
          values: ['PutBlob', 'PutBlockList', 'CopyBlob', 'FlushWithClose']
        }
      ]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: account.id, blobContainerName: 'photo-dead-letters' }
      }
    }
  }
}
