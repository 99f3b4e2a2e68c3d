// What an application with Relay declares: a list that loads more, rows, a family that is fetched again by its id.
declare function graphql(text: TemplateStringsArray): unknown;

export const page = graphql`
  query householdsQuery($region: RegionCode!) {
    viewer { department regionCode }
    ...households_list @arguments(region: $region)
  }
`;

export const list = graphql`
  fragment households_list on Query
  @refetchable(queryName: "householdsPageQuery")
  @argumentDefinitions(
    region: { type: "RegionCode!" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  ) {
    households(filter: { region: $region }, first: $first, after: $after) @connection(key: "households_households") {
      edges {
        cursor
        node { ...households_row }
      }
    }
  }
`;

export const row = graphql`
  fragment households_row on Household {
    cardNumber
    headName @required(action: LOG)
    region { code name }
    ...households_family
  }
`;

export const family = graphql`
  fragment households_family on Household @refetchable(queryName: "householdsFamilyQuery") {
    members { id name ...households_person }
    civilAffairs { dibao { class monthlyAmount } }
  }
`;

export const person = graphql`
  fragment households_person on Person @refetchable(queryName: "householdsPersonQuery") {
    name
    household { cardNumber }
  }
`;

export const node = graphql`
  query householdsNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Household { ...households_row }
      ... on Person { ...households_person }
    }
  }
`;
