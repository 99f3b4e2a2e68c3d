// The Relay compiler: a connection that loads more, fragments that are fetched again through `node`, and their artifacts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import compiler from 'relay-compiler';
import { data } from './ask.mjs';
import { schemaFile } from './files.mjs';

/** The operations that the compiler wrote, by name. */
function compiled(folder) {
  const artifacts = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
  const parts = artifacts.map((artifact) => [/"name": "(\w+)",\n\s*"operationKind"/.exec(artifact), /"text": (".*")/.exec(artifact)]);
  return Object.fromEntries(parts.filter(([name]) => name).map(([name, text]) => [name[1], JSON.parse(text[1])]));
}

export default async function relay() {
  const folder = mkdtempSync(`${tmpdir()}/yihu-relay-`);
  try {
    cpSync(fileURLToPath(new URL('relay', import.meta.url)), `${folder}/src`, { recursive: true });
    cpSync(schemaFile, `${folder}/schema.graphql`);
    mkdirSync(`${folder}/artifacts`);
    const config = { root: '.', sources: { src: 'app' }, projects: { app: { language: 'typescript', schema: 'schema.graphql', output: 'artifacts' } } };
    writeFileSync(`${folder}/relay.config.json`, JSON.stringify(config));
    execFileSync(compiler, ['relay.config.json'], { cwd: folder, stdio: 'pipe' });
    const texts = compiled(`${folder}/artifacts`);
    const { households } = await data(texts.householdsQuery, { region: '150921' });
    const [first, second] = households.edges;
    const page = { region: '150921', first: 1, after: first.cursor };
    assert.deepEqual((await data(texts.householdsPageQuery, page)).households.edges[0], second);
    const { id } = second.node;
    const { node } = await data(texts.householdsFamilyQuery, { id });
    assert.deepEqual(await data(texts.householdsNodeQuery, { id }), { node: { ...second.node, ...node } });
    await data(texts.householdsPersonQuery, { id: node.members[0].id });
    return `${Object.keys(texts).length} operations compiled and answered`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
