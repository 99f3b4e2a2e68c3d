// Apollo Client: pages that grow in one normalised cache, slices that merge, errors by code, and persisted queries.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { buildSchema, isObjectType } from 'graphql';
import { counted, endpoint, headers } from './ask.mjs';
import { schemaText } from './files.mjs';

const PAGE = gql`
  query Page($first: Int!, $after: String) {
    households(first: $first, after: $after, filter: { region: "150921" }) {
      edges { cursor node { id cardNumber civilAffairs { dibao { id class } } } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
const FAMILY = gql`
  query Family($id: ID!) {
    household(id: $id) { id headName civilAffairs { dibaoHistory { id validFrom } } }
  }`;

/** What README says of the cache: lists grow, look-ups by id find what a list has read, what has no id belongs to its parent. */
function cache() {
  const types = Object.values(buildSchema(schemaText()).getTypeMap()).filter(isObjectType);
  const withoutId = types.filter((of) => !of.name.startsWith('__') && of.name !== 'Query' && !of.getFields().id);
  const merged = Object.fromEntries(withoutId.map((of) => [of.name, { merge: true }]));
  const byId = (of) => (known, { args, toReference }) => known ?? (args?.id ? toReference({ __typename: of, id: args.id }) : undefined);
  const Query = { fields: { households: relayStylePagination(['filter', 'sort']), household: byId('Household'), person: byId('Person') } };
  return new InMemoryCache({ typePolicies: { ...merged, Query } });
}

async function pages(client) {
  const watched = client.watchQuery({ query: PAGE, variables: { first: 3 } });
  const subscription = watched.subscribe({});
  const { data: first } = await client.query({ query: PAGE, variables: { first: 3 } });
  await watched.fetchMore({ variables: { first: 3, after: first.households.pageInfo.endCursor } });
  const { edges } = client.readQuery({ query: PAGE, variables: { first: 3 } }).households;
  subscription.unsubscribe();
  assert.equal(new Set(edges.map((edge) => edge.node.id)).size, 6);
  return edges.map((edge) => edge.node);
}

async function normalised(client, households) {
  const [{ id, cardNumber }] = households;
  const known = await client.query({ query: gql`query($id: ID!) { household(id: $id) { id cardNumber } }`, variables: { id }, fetchPolicy: 'cache-only' });
  assert.equal(known.data.household.cardNumber, cardNumber);
  const { data } = await client.query({ query: FAMILY, variables: { id } });
  assert.ok(data.household.headName);
  // The second query selected other fields of the slice: the first still finds its own.
  const list = await client.query({ query: PAGE, variables: { first: 3 }, fetchPolicy: 'cache-only' });
  assert.equal(list.data.households.edges.length, 6);
  assert.ok(client.cache.extract()[`Household:${id}`].headName);
}

async function errors(client) {
  const forbidden = gql`{ households(first: 1) { nodes { id phone } } }`;
  const { data, error } = await client.query({ query: forbidden, errorPolicy: 'all' });
  assert.equal(data.households.nodes[0].phone, null);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.deepEqual(error.errors.map((of) => of.extensions.code), ['FORBIDDEN']);
  const refused = client.query({ query: gql`{ region(code: "999999") { name } }` });
  await assert.rejects(refused, (error) => error.errors[0].extensions.code === 'UNKNOWN_REGION');
}

async function persisted(http) {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  for (const useGETForHashedQueries of [false, true]) {
    const requests = [];
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http(counted(requests)));
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    // A document of its own each time: the server forgets only when it is started anew.
    const query = gql(`query Persisted${useGETForHashedQueries}${process.pid} { viewer { department } }`);
    for (let turn = 0; turn < 2; turn += 1) {
      const { data } = await client.query({ query, fetchPolicy: 'network-only' });
      assert.equal(data.viewer.department, 'CIVIL');
    }
    const first = useGETForHashedQueries ? 'GET hash' : 'POST hash';
    assert.deepEqual(requests, [first, 'POST text', first]);
  }
}

export default async function apollo() {
  const http = (fetch) => new HttpLink({ uri: endpoint, headers, fetch });
  const warned = [];
  const { warn, error } = console;
  Object.assign(console, { warn: (text) => warned.push(text), error: (text) => warned.push(text) });
  try {
    const client = new ApolloClient({ link: http(globalThis.fetch), cache: cache() });
    await normalised(client, await pages(client));
    await errors(client);
    await persisted(http);
  } finally {
    Object.assign(console, { warn, error });
  }
  assert.deepEqual(warned, []);
  return 'pages, normalised cache, errors, persisted queries by POST and GET';
}
