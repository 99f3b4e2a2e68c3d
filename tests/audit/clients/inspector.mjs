// graphql-inspector: the schema does not differ from itself, nor from what the server tells, and every operation of the
// examples fits it without a deprecated field.
import assert from 'node:assert/strict';
import { diff, validate } from '@graphql-inspector/core';
import { Source, buildClientSchema, buildSchema, getIntrospectionQuery } from 'graphql';
import { data } from './ask.mjs';
import { operations, schemaText } from './files.mjs';

export default async function inspector() {
  const schema = buildSchema(schemaText());
  const served = buildClientSchema(await data(getIntrospectionQuery()));
  assert.deepEqual(await diff(schema, buildSchema(schemaText())), []);
  // Of the directives that the specification itself declares, each side has its own words.
  const changes = (await diff(schema, served)).filter(({ path }) => !/^@(deprecated|include|oneOf|skip|specifiedBy)\b/.test(path));
  assert.deepEqual(changes.map((change) => change.message), []);
  const sources = operations().map(({ name, text }) => new Source(text, name));
  assert.deepEqual(validate(schema, sources), []);
  return `no difference, ${sources.length} operations fit`;
}
