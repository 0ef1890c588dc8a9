metadata description = 'What every template is told of a deployment; there is no resource in here.'

@description('Where a resource is, the tags that it gets, and what makes its name unique.')
@export()
type Place = {
  @description('The region.')
  location: string

  @description('By these, azd finds what it made.')
  tags: object

  @description('Thirteen letters and digits, the same for every resource of a deployment.')
  resourceToken: string
}
