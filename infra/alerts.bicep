metadata description = 'What somebody is told of, by mail: each alert is a query in queries/, and docs/operations.md says what to do.'

import { Place } from 'place.bicep'

@description('Required. Where the workspace is, and what the alerts are called after.')
param place Place

@description('Required. The resource id of the workspace with the app\'s log.')
param workspaceId string

@description('Required. The name of the function app.')
param functionAppName string

@description('Required. The name of the Event Grid topic.')
param topicName string

@description('Required. The resource id of the Event Grid topic.')
param topicId string

@description('Required. Who gets a mail; empty for nobody: the alerts are in the portal then.')
param email string

// Severity: 0 critical, 1 error, 2 warning, 3 informational. Where a photo's code is told, each has an alert of its own.
var alerts = [
  {
    name: 'failed'
    title: 'Photos have failed'
    query: loadTextContent('queries/failed.kql')
    severity: 1
    every: 'PT15M'
    over: 'PT30M'
    byCode: true
  }
  {
    name: 'rejected'
    title: 'Photos were rejected'
    query: loadTextContent('queries/rejected.kql')
    severity: 3
    every: 'PT15M'
    over: 'PT30M'
    byCode: true
  }
  {
    name: 'poison'
    title: 'Messages stay in a poison queue'
    query: loadTextContent('queries/poison.kql')
    severity: 1
    every: 'PT1H'
    over: 'PT2H'
    byCode: false
  }
  {
    name: 'retries-grow'
    title: 'More and more photos wait to be tried again'
    query: loadTextContent('queries/retries-grow.kql')
    severity: 2
    every: 'PT1H'
    over: 'PT4H'
    byCode: false
  }
  {
    name: 'nothing-synced'
    title: 'Photos landed and none was synced'
    query: loadTextContent('queries/nothing-synced.kql')
    severity: 1
    every: 'PT30M'
    over: 'PT2H'
    byCode: false
  }
  {
    name: 'events-lost'
    title: 'Uploads reach the app only by the hourly comparison'
    query: loadTextContent('queries/events-lost.kql')
    severity: 2
    every: 'PT1H'
    over: 'PT4H'
    byCode: false
  }
  {
    name: 'silent'
    title: 'The app has fallen silent'
    query: loadTextContent('queries/silent.kql')
    severity: 1
    every: 'PT1H'
    over: 'P1D'
    byCode: false
  }
]

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-photo-sync-${place.resourceToken}'
  location: 'global'
  tags: place.tags
  properties: {
    groupShortName: 'photo-sync'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in alerts: {
    name: 'photo-sync-${alert.name}-${place.resourceToken}'
    location: place.location
    tags: place.tags
    kind: 'LogAlert'
    properties: {
      displayName: 'photo-sync: ${alert.title}'
      description: 'What to do: docs/operations.md, “${alert.title}”.'
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: alert.every
      windowSize: alert.over
      skipQueryValidation: true // a new workspace has none of the tables yet
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: replace(replace(alert.query, 'FUNCTION_APP', functionAppName), 'EVENT_TOPIC', topicName)
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: alert.byCode ? [{ name: 'Code', operator: 'Include', values: ['*'] }] : []
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [mail.id] }
    }
  }
]

// Event Grid's own count: it speaks even where the app cannot.
resource deadLetters 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'photo-sync-dead-letters-${place.resourceToken}'
  location: 'global'
  tags: place.tags
  properties: {
    description: 'What to do: docs/operations.md, “Events could not be delivered”.'
    severity: 2
    enabled: true
    scopes: [topicId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dead-letters'
          metricName: 'DeadLetteredCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: empty(email) ? [] : [{ actionGroupId: mail.id }]
  }
}
