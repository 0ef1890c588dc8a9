metadata description = 'A virtual network: the app in one subnet, the storage account\'s private endpoints in another.'

import { Place } from 'place.bicep'

@description('Required. Where it is, and what it is called after.')
param place Place

@description('Required. The name of the storage account.')
param accountName string

var services = ['blob', 'queue']

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-photo-sync-${place.resourceToken}'
  location: place.location
  tags: place.tags
  properties: {
    addressSpace: { addressPrefixes: ['10.89.0.0/24'] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.89.0.0/26'
          defaultOutboundAccess: true // to Microsoft Graph and Entra; new subnets have no way out otherwise
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'private-endpoints'
        properties: {
          addressPrefix: '10.89.0.64/26'
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = { name: 'app' }
  resource privateEndpoints 'subnets' existing = { name: 'private-endpoints' }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: place.tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in services: {
    parent: zones[i]
    name: network.name
    location: 'global'
    tags: place.tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for service in services: {
    name: 'pe-photo-sync-${service}-${place.resourceToken}'
    location: place.location
    tags: place.tags
    properties: {
      subnet: { id: network::privateEndpoints.id }
      privateLinkServiceConnections: [
        { name: service, properties: { privateLinkServiceId: account.id, groupIds: [service] } }
      ]
    }
  }
]

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, i) in services: {
    parent: endpoints[i]
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: service, properties: { privateDnsZoneId: zones[i].id } }] }
  }
]

@description('The resource id of the app\'s subnet.')
output appSubnetId string = network::app.id
