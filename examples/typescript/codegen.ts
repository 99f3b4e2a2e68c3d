import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/*.graphql',
  importExtension: '.js',
  generates: {
    'src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        avoidOptionals: { field: true },
        skipTypename: true,
        enumsAsTypes: true,
        useTypeImports: true,
        // Days, moments, money and codes are strings: no digit is lost, and nobody adds up amounts as floats.
        defaultScalarType: 'string',
      },
    },
  },
};

export default config;
