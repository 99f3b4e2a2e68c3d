// The example in TypeScript: typed from the schema by the client preset, checked strictly, and run.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { endpoint } from './ask.mjs';
import { root } from './files.mjs';
import { program, token } from '../server.mjs';

export default async function example() {
  const cwd = `${root}examples/typescript`;
  const env = { ...process.env, YIHU_URL: endpoint, YIHU_TOKEN: token };
  const said = execFileSync('npm', ['start', '--silent'], { cwd, env, encoding: 'utf8' });
  const households = new Set(said.match(/^\d{16}/gm));
  assert.equal(households.size, 15, said);
  for (const word of ['低保：', '（无权查看）']) assert.ok(said.includes(word), said);
  const helper = execFileSync(program, ['token', '--department', 'HELPER', '--region', '150921', '--role', 'HELPER', '--subject', 'helper-1'], {
    encoding: 'utf8',
  }).trim();
  // The answers to two of three requests are lost on the way.
  const sent = execFileSync('npm', ['run', '--silent', 'visit'], { cwd, env: { ...env, YIHU_TOKEN: helper }, encoding: 'utf8' });
  assert.ok(sent.includes('寄出 3 次，记录 1 次，回音 1 种'), sent);
  return `${households.size} households in 3 pages, one family with its slices; a visit sent 3 times, recorded once`;
}
