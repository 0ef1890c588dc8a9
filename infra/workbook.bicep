metadata description = 'The workbook: what became of the photos, why, how fast, and what Graph thinks of the pace.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The resource id of the workspace with the app\'s log.')
param workspaceId string

@description('Required. The name of the function app.')
param functionAppName string

// workbook.json is what the portal's editor shows under “Advanced”; the workspace and the app stand in it by name.
var workbook = replace(
  replace(loadTextContent('workbook.json'), 'FUNCTION_APP', functionAppName),
  'WORKSPACE_ID',
  workspaceId
)

resource photos 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'photo-sync')
  location: place.location
  tags: place.tags
  kind: 'shared'
  properties: {
    displayName: 'photo-sync'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: workbook
  }
}
