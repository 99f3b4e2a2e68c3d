// urql: pages that grow in Graphcache, which knows the schema, errors by code, and persisted queries.
import assert from 'node:assert/strict';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { buildSchema, introspectionFromSchema, isObjectType } from 'graphql';
import { counted, endpoint, headers } from './ask.mjs';
import { schemaText } from './files.mjs';

const PAGE = gql`
  query Page($first: Int!, $after: String) {
    households(first: $first, after: $after, filter: { region: "150921" }) {
      edges { cursor node { id cardNumber civilAffairs { dibao { id class } } } }
      pageInfo { hasNextPage endCursor }
    }
  }`;

const client = (exchanges, fetch) =>
  new Client({ url: endpoint, exchanges: [...exchanges, fetchExchange], fetch, fetchOptions: { headers }, preferGetMethod: false });

function cache() {
  const schema = buildSchema(schemaText());
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const embedded = types.filter((of) => !of.name.startsWith('__') && !of.getFields().id);
  return cacheExchange({
    schema: introspectionFromSchema(schema),
    keys: { ...Object.fromEntries(embedded.map((of) => [of.name, () => null])), Region: (region) => region.code ?? null },
    resolvers: {
      Query: {
        households: relayPagination(),
        household: (_, { id }) => id && { __typename: 'Household', id },
      },
    },
  });
}

async function pages(urql) {
  const first = await urql.query(PAGE, { first: 3 });
  assert.equal(first.error, undefined);
  const { endCursor } = first.data.households.pageInfo;
  const { data } = await urql.query(PAGE, { first: 3, after: endCursor });
  assert.equal(new Set(data.households.edges.map((edge) => edge.node.id)).size, 6);
  const [{ node }] = data.households.edges;
  const known = gql`query($id: ID!) { household(id: $id) { id cardNumber civilAffairs { dibao { id class } } } }`;
  const cached = await urql.query(known, { id: node.id }, { requestPolicy: 'cache-only' });
  assert.equal(cached.data.household.cardNumber, node.cardNumber);
}

async function errors(urql) {
  const forbidden = await urql.query(gql`{ households(first: 1) { nodes { id phone } } }`, {});
  assert.equal(forbidden.data.households.nodes[0].phone, null);
  assert.deepEqual(forbidden.error.graphQLErrors.map((of) => of.extensions.code), ['FORBIDDEN']);
  const refused = await urql.query(gql`{ region(code: "999999") { name } }`, {});
  assert.equal(refused.error.graphQLErrors[0].extensions.code, 'UNKNOWN_REGION');
}

async function persisted() {
  for (const preferGetForPersistedQueries of [false, 'force']) {
    const requests = [];
    const urql = client([persistedExchange({ preferGetForPersistedQueries })], counted(requests));
    const query = gql(`query Persisted${preferGetForPersistedQueries}${process.pid} { viewer { department } }`);
    for (let turn = 0; turn < 2; turn += 1) {
      const { data, error } = await urql.query(query, {});
      assert.equal(error, undefined);
      assert.equal(data.viewer.department, 'CIVIL');
    }
    const method = preferGetForPersistedQueries ? 'GET' : 'POST';
    assert.deepEqual(requests, [`${method} hash`, `${method} text`, `${method} hash`]);
  }
}

export default async function urql() {
  const one = client([cache()]);
  await pages(one);
  await errors(one);
  await persisted();
  return 'pages, normalised cache, errors, persisted queries by POST and GET';
}
