extension microsoftGraphV1

metadata description = 'The permissions in Microsoft Graph that the app needs. Whoever deploys this must be a Privileged Role Administrator.'

@description('A kind of photo, as the names of the uploaded files begin; contacts are those in people\'s folders, too.')
@export()
type Kind = 'users' | 'groups' | 'teams' | 'contacts'

@description('Required. The object id of the app\'s identity.')
param principalId string

@description('Required. The kinds of photos that the app is granted permissions for.')
@minLength(1)
param kinds Kind[]

@description('Required. What people are named by, as the app\'s setting USER_MATCH says; nobody is looked up by id, or where it is empty.')
param userMatch string

var looksPeopleUp = !contains(['', 'id'], toLower(trim(userMatch)))

// The least that Microsoft Graph asks for to write each kind's photo, for an app without a signed-in person, and to find
// people by what they are named by.
var roles = [
  { name: 'ProfilePhoto.ReadWrite.All', kinds: ['users', 'groups', 'teams'] }
  { name: 'Contacts.ReadWrite', kinds: ['contacts'] }
  { name: 'User.Read.All', kinds: looksPeopleUp ? ['users', 'contacts'] : [] }
]

// Microsoft Graph itself, as it stands in this tenant.
resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

// Each role by its name, and for applications: the one for signed-in people is called the same.
resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for role in roles: if (!empty(intersection(role.kinds, kinds))) {
    principalId: principalId
    resourceId: graph.id
    appRoleId: filter(
      graph.appRoles,
      known => (known.value == role.name && contains(known.allowedMemberTypes, 'Application'))
    )[0].id
  }
]
