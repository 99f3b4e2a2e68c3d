// The committed files that tools read.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

export const root = path('');
export const schemaFile = path('schema.graphql');
export const operationsFolder = path('examples/operations');

export const schemaText = () => readFileSync(schemaFile, 'utf8');

export const operations = () =>
  readdirSync(operationsFolder)
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => ({ name, text: readFileSync(`${operationsFolder}/${name}`, 'utf8') }));
