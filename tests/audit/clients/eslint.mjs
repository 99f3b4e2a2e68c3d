// graphql-eslint: schema.graphql by the recommended rules and those of Relay, the examples' operations by the recommended
// ones. A rule that is turned off says why.
import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { root, schemaFile } from './files.mjs';

const { configs } = graphql;
const schemaRules = { ...configs['flat/schema-recommended'].rules, ...configs['flat/schema-relay'].rules };
const operationRules = configs['flat/operations-recommended'].rules;
const [, names] = schemaRules['@graphql-eslint/naming-convention'];

const ownSchemaRules = {
  // Federation fixes the names _entities, _service, _Any, _Entity and _Service.
  '@graphql-eslint/naming-convention': [
    'error',
    {
      ...names,
      allowLeadingUnderscore: true,
      types: { style: 'PascalCase', ignorePattern: '^_' },
      FieldDefinition: { style: 'camelCase', ignorePattern: '^_' },
    },
  ],
  // A number is called as it is on paper (claimNumber, 报销单号), in filters and columns too; House.household is no prefix.
  '@graphql-eslint/no-typename-prefix': 'off',
  // Lists are read from their beginning on, so there is neither `last` nor `before`, which Relay does not require.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  // What a family has is bounded by its life and is a plain list, not a connection. Schools, hospitals and premiums are
  // reference data, which have codes that everybody knows and no id of ours.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
  // Every type, field, argument and value; of what `@include` and `@skip` take, the library says nothing.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      DirectiveDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
      ignoredSelectors: ['DirectiveDefinition > InputValueDefinition'],
    },
  ],
  // A slice has no identity but its household's, a figure none but its region's; what has one is a Node, as a test of ours holds.
  '@graphql-eslint/strict-id-in-types': 'off',
};

const OPERATIONS = ['examples/operations/*.graphql', 'examples/typescript/src/*.graphql'];
const graphQLConfig = { schema: schemaFile, documents: OPERATIONS.map((glob) => root + glob) };
const config = [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig } },
  },
  { files: ['schema.graphql'], rules: { ...schemaRules, ...ownSchemaRules } },
  { files: OPERATIONS, rules: operationRules },
  {
    files: ['examples/operations/*.graphql'],
    // These clients print, count or write files: they keep no cache of objects, so they ask for no ids.
    rules: { '@graphql-eslint/require-selections': 'off' },
  },
];

export default async function eslint() {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: config });
  const results = await eslint.lintFiles(['schema.graphql', ...OPERATIONS]);
  const found = results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, message, ruleId }) => `${filePath.slice(root.length)}:${line} ${ruleId} ${message}`),
  );
  if (found.length > 0) throw new Error(found.join('\n'));
  return `${results.length} files, no finding`;
}
