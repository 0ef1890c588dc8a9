using 'main.bicep'

// Each value is set with `azd env set NAME VALUE`, or in the environment; docs/deploy.md tells what for. azd asks for the
// first two.

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param kinds = split(readEnvironmentVariable('PHOTO_KINDS', 'users,groups,teams'), ',')
param grantGraphRoles = bool(readEnvironmentVariable('GRANT_GRAPH_ROLES', 'true'))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '1'))
param instanceMemoryMB = int(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048'))
param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '0'))
param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'false'))
param retentionDays = int(readEnvironmentVariable('RETENTION_DAYS', '0'))
param workspaceResourceId = readEnvironmentVariable('WORKSPACE_RESOURCE_ID', '')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param statusPageClientId = readEnvironmentVariable('STATUS_PAGE_CLIENT_ID', '')
param operatorPrincipalId = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'User')

// The app's own settings, under their own names; an empty one means its default.
param settings = {
  GRAPH_URL: readEnvironmentVariable('GRAPH_URL', '') // the cloud's own
  GRAPH_CONCURRENCY: readEnvironmentVariable('GRAPH_CONCURRENCY', '2') // with one instance: docs/scale.md
  CONTACTS_MAILBOX: readEnvironmentVariable('CONTACTS_MAILBOX', '')
  MAX_UPLOAD_BYTES: readEnvironmentVariable('MAX_UPLOAD_BYTES', '')
  MAX_PHOTO_BYTES: readEnvironmentVariable('MAX_PHOTO_BYTES', '')
  PHOTO_EDGE: readEnvironmentVariable('PHOTO_EDGE', '')
  MIN_PHOTO_EDGE: readEnvironmentVariable('MIN_PHOTO_EDGE', '')
  CROP: readEnvironmentVariable('CROP', '')
  REQUIRE_FACE: readEnvironmentVariable('REQUIRE_FACE', '')
  USER_MATCH: readEnvironmentVariable('USER_MATCH', '')
  ALLOW: readEnvironmentVariable('ALLOW', '')
  DENY: readEnvironmentVariable('DENY', '')
  SYNC_DELETES: readEnvironmentVariable('SYNC_DELETES', '')
  MAX_DELETES: readEnvironmentVariable('MAX_DELETES', '')
  MAX_PHOTO_MEMORY: readEnvironmentVariable('MAX_PHOTO_MEMORY', '')
  MAX_PHOTO_SECONDS: readEnvironmentVariable('MAX_PHOTO_SECONDS', '')
}
