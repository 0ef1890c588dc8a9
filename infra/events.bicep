metadata description = 'The Event Grid subscriptions: each upload calls the app, and a deleted file waits for it in a queue. Deployed after the code, by subscribe.py: the app makes its key, and answers Event Grid\'s first call, only when it runs.'

@description('Required. The name of the function app.')
param functionAppName string

@description('Required. The name of the Event Grid topic.')
param topicName string

@description('Required. The name of the storage account.')
param accountName string

@description('Required. Whether deleted files are told of, too.')
param syncDeletes bool

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

// With the last part: without it, photos-old/ would begin so, too.
var ofPhotos = '/blobServices/default/containers/photos/blobs/'
var aDay = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
var deadLetters = {
  identity: { type: 'SystemAssigned' }
  deadLetterDestination: {
    endpointType: 'StorageBlob'
    properties: { resourceId: account.id, blobContainerName: 'photo-dead-letters' }
  }
}

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
      subjectBeginsWith: ofPhotos
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
    retryPolicy: aDay
    deadLetterWithResourceIdentity: deadLetters
  }
}

// To the queue of what is looked at again, signed in as the topic: no key, and no function more. Where it is not wanted
// any more, subscribe.py takes it away: leaving it out here would not.
resource deletions 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = if (syncDeletes) {
  parent: topic
  name: 'photo-deleted'
  dependsOn: [uploads] // one after the other, and that one first
  properties: {
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: account.id
          queueName: 'photo-retries'
          queueMessageTimeToLiveInSeconds: -1 // it waits for ever, as the app's own messages do
        }
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobDeleted']
      subjectBeginsWith: ofPhotos
      isSubjectCaseSensitive: true
    }
    retryPolicy: aDay
    deadLetterWithResourceIdentity: deadLetters
  }
}
