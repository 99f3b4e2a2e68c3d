// GraphQL code generator: types and typed documents of every operation of the examples, checked strictly.
// The client preset is held by examples/typescript.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen as generate } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';
import ts from 'typescript';
import { operations, schemaText } from './files.mjs';

export default async function codegen() {
  const options = { defaultScalarType: 'string', useTypeImports: true };
  const documents = operations().map(({ name, text }) => ({ location: name, document: parse(text) }));
  const code = await generate({
    filename: 'yihu.ts',
    schema: parse(schemaText()),
    schemaAst: buildSchema(schemaText()),
    documents,
    config: {},
    plugins: [{ typescript: options }, { typescriptOperations: options }, { typedDocumentNode: options }],
    pluginMap: { typescript, typescriptOperations, typedDocumentNode },
  });
  // Beside node_modules, where its imports are found.
  const folder = mkdtempSync(fileURLToPath(new URL('../.codegen-', import.meta.url)));
  try {
    writeFileSync(`${folder}/yihu.ts`, code);
    const strict = { strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, types: [] };
    const found = ts.getPreEmitDiagnostics(ts.createProgram([`${folder}/yihu.ts`], strict));
    if (found.length > 0) throw new Error(ts.formatDiagnostics(found, { ...ts.sys, getNewLine: () => '\n', getCanonicalFileName: String }));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return `${documents.length} operations, ${code.split('\n').length} lines that type-check`;
}
