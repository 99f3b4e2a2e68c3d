// Composes Yihu with a second subgraph that extends its households, with both composers, and asks the whole through a
// gateway: from the other graph into Yihu by card number, and from Yihu into the other graph.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { composeServices as composeWithApollo } from '@apollo/composition';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { composeServices as composeWithGuild } from '@theguild/federation-composition';
import { buildSchema, execute, parse, print } from 'graphql';
import { program, token } from '../server.mjs';
import { ask, data } from './ask.mjs';

const TELECOM = `
  type Household @key(fields: "cardNumber") { cardNumber: String, line: Line }
  type Region @key(fields: "code") { code: RegionCode!, coverage: Int! }
  type Line { household: Household!, megabits: Int! }
  scalar RegionCode
  type Query { lines: [Line!]! }`;

/** The other subgraph: the telephone company, which knows its lines by the number of the household card. */
function telecom(cards) {
  const lines = cards.map((cardNumber, index) => ({ megabits: 50 * (index + 1), household: { cardNumber } }));
  const schema = buildSchema(
    `directive @key(fields: String!) repeatable on OBJECT
     scalar _Any
     union _Entity = Household | Region
     extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
     ${TELECOM}`,
  );
  const entity = (of) => ({
    ...of,
    line: lines.find((line) => line.household.cardNumber === of.cardNumber),
    coverage: of.code?.startsWith('150921') ? 80 : 0,
  });
  const rootValue = { lines, _entities: ({ representations }) => representations.map(entity) };
  return ({ document, variables }) => execute({ schema, document, rootValue, variableValues: variables });
}

function composed(compose, yihu) {
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])';
  const { errors, supergraphSdl } = compose([
    { name: 'yihu', url: 'http://yihu/graphql', typeDefs: parse(yihu) },
    { name: 'telecom', url: 'http://telecom/graphql', typeDefs: parse(link + TELECOM) },
  ]);
  assert.deepEqual(errors ?? [], []);
  return supergraphSdl;
}

async function asked(supergraphSdl, cards) {
  const subgraphs = {
    YIHU: ({ document, variables }) => ask(print(document), variables),
    TELECOM: telecom(cards),
  };
  const schema = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl,
    onSubschemaConfig: (subgraph) => (subgraph.executor = subgraphs[subgraph.name.toUpperCase()]),
  });
  const run = async (text) => {
    const { errors, data } = await execute({ schema, document: parse(text), contextValue: {} });
    assert.deepEqual(errors ?? [], []);
    return data;
  };
  const { lines } = await run('{ lines { megabits household { headName members { name } } } }');
  assert.ok(lines.every(({ household }) => household.headName && household.members.length > 0));
  const { households } = await run('{ households(first: 2) { nodes { line { megabits } region { coverage name } } } }');
  assert.deepEqual(households.nodes.map((node) => node.line.megabits), [50, 100]);
  assert.deepEqual(households.nodes.map((node) => node.region.coverage), [80, 80]);
}

export default async function federation() {
  const yihu = execFileSync(program, ['schema', '--federation'], { encoding: 'utf8' });
  const { households } = await data('{ households(first: 2) { nodes { cardNumber } } }');
  const cards = households.nodes.map((node) => node.cardNumber);
  for (const compose of [composeWithApollo, composeWithGuild]) await asked(composed(compose, yihu), cards);
  return 'both composers, and one query through each supergraph and back';
}
