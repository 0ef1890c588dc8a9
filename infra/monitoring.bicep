metadata description = 'Where the app\'s log goes: a Log Analytics workspace, and Application Insights in front of it.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The resource id of a workspace to use; empty for one of its own.')
param workspaceResourceId string

var ownName = 'log-photo-sync-${place.resourceToken}'
var workspaceId = empty(workspaceResourceId)
  ? resourceId('Microsoft.OperationalInsights/workspaces', ownName)
  : workspaceResourceId
var path = split(workspaceId, '/') // /subscriptions/…/resourceGroups/…/providers/…/workspaces/…

resource ownWorkspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = if (empty(workspaceResourceId)) {
  name: ownName
  location: place.location
  tags: place.tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30 // what comes with the price
    features: { disableLocalAuth: true }
  }
}

resource givenWorkspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = if (!empty(workspaceResourceId)) {
  scope: resourceGroup(path[2], path[4])
  name: path[8]
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-photo-sync-${place.resourceToken}'
  location: place.location
  tags: place.tags
  kind: 'web'
  dependsOn: [ownWorkspace]
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    WorkspaceResourceId: workspaceId
  }
}

@description('The name of the Application Insights component.')
output insightsName string = insights.name

@description('Where the app sends its log; it holds no secret, since Application Insights takes only who signs in.')
output connectionString string = insights.properties.ConnectionString

@description('The resource id of the workspace.')
output workspaceId string = workspaceId

@description('Where the workspace is: its alerts have to be there, too.')
output workspaceLocation string = givenWorkspace.?location ?? place.location
