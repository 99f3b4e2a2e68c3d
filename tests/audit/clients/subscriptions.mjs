// graphql-ws: subscribes, comes back by itself after the server closed or was started anew, and takes each code of closing as
// the protocol means it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { program, token } from '../server.mjs';
import { data, endpoint } from './ask.mjs';

const socketOf = (address) => address.replace(/^http/, 'ws');
const FOLLOW = 'subscription($after: String) { sliceChanged(slices: [CIVIL], after: $after) { cursor action } }';
const signed = (...claims) => execFileSync(program, ['token', '--region', '150921', '--role', 'CLERK', ...claims], { encoding: 'utf8' }).trim();

function client(options) {
  return createClient({
    url: socketOf(endpoint),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: `Bearer ${token}` },
    ...options,
  });
}

/** A subscription that nothing is told on: it stays until it is ended by the client. */
async function follows(of) {
  const { changeCursor } = await data('{ changeCursor }');
  const told = [];
  await new Promise((resolve, reject) => {
    const end = of.subscribe({ query: FOLLOW, variables: { after: changeCursor } }, { next: (event) => told.push(event), error: reject, complete: resolve });
    setTimeout(end, 300);
  });
  assert.deepEqual(told, []);
}

/** A socket that says something else than its client asked it to. */
const meddling = (say) =>
  class extends WebSocket {
    send(text) {
      for (const message of say(String(text))) super.send(message);
    }
  };

const kind = (text) => JSON.parse(text).type;
const again = (wanted) => (text) => (kind(text) === wanted ? [text, text] : [text]);

/** Each code of closing: what provokes it, and whether the client may try again after it. */
const CODES = [
  [CloseCode.BadRequest, { webSocketImpl: meddling(() => ['{']) }, false],
  [CloseCode.Unauthorized, { webSocketImpl: meddling(() => [JSON.stringify({ type: 'subscribe', id: 'one', payload: { query: FOLLOW } })]) }, false],
  [CloseCode.Forbidden, { connectionParams: { Authorization: 'Bearer x' } }, true],
  [CloseCode.ConnectionInitialisationTimeout, { webSocketImpl: meddling(() => []) }, true],
  [CloseCode.SubscriberAlreadyExists, { webSocketImpl: meddling(again('subscribe')) }, false],
  [CloseCode.TooManyInitialisationRequests, { webSocketImpl: meddling(again('connection_init')) }, false],
];

/** The server closes with the code, the subscription is told so, and the client comes back only where the protocol lets it. */
async function closes([code, options, comesBack]) {
  let sockets = 0;
  const of = client({ ...options, retryAttempts: 1, retryWait: async () => {}, shouldRetry: () => true, on: { connecting: () => (sockets += 1) } });
  const end = await new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${code}: completed`));
    of.subscribe({ query: FOLLOW }, { next: () => {}, error: resolve, complete: ended });
  });
  assert.equal(end.code, code, `${code}: ${end.reason ?? end}`);
  assert.equal(sockets, comesBack ? 2 : 1, `${code}: ${sockets} sockets`);
  await of.dispose();
}

/** The token ends, the socket with it; the client comes back with a new one and goes on. */
async function outlivesToken() {
  let connections = 0;
  const tokens = [signed('--department', 'CIVIL', '--life-seconds', '1'), token];
  await new Promise((resolve, reject) => {
    const of = client({
      retryAttempts: 3,
      retryWait: async () => {},
      shouldRetry: () => true,
      connectionParams: () => ({ Authorization: `Bearer ${tokens[connections++]}` }),
      on: { connected: () => connections === 2 && resolve(of.dispose()) },
    });
    of.subscribe({ query: FOLLOW }, { next: () => {}, error: reject, complete: () => {} });
  });
  return connections;
}

/** A server of this audit's own, which may be stopped. */
class Server {
  constructor(folder, port) {
    this.origin = `http://127.0.0.1:${port}`;
    this.arguments = ['serve', '--demo', '--listen', `127.0.0.1:${port}`, '--database', `sqlite://${join(folder, 'yihu.sqlite')}`];
  }

  async start() {
    // Nothing of the audit's own variables is an option of the server.
    this.process = spawn(program, this.arguments, { stdio: 'ignore', env: {} });
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await fetch(`${this.origin}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await sleep(100);
    }
    throw new Error('the server is not ready');
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }

  async ask(bearer, query, variables) {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const answer = await (await fetch(`${this.origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })).json();
    assert.deepEqual(answer.errors ?? [], []);
    return answer.data;
  }
}

const AMEND = `mutation($r: UUID!, $id: ID!, $version: Int!, $group: String!) {
  householdAmend(requestId: $r, id: $id, version: $version, input: { group: $group }) { changed { version } userErrors { code } }
}`;

/** What is changed while the server is away and comes back is told once, by the last cursor. */
async function outlivesServer() {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-audit-'));
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address();
  free.close();
  const server = new Server(folder, port);
  try {
    await server.start();
    const { changeCursor, households } = await server.ask(token, '{ changeCursor households(first: 1) { nodes { id version region { code } } } }');
    const [household] = households.nodes;
    const town = execFileSync(program, ['token', '--department', 'TOWNSHIP', '--region', household.region.code.slice(0, 9), '--role', 'CLERK'], { encoding: 'utf8' }).trim();
    const amend = async (version) => {
      const variables = { r: crypto.randomUUID(), id: household.id, version, group: `第${version}组` };
      const { householdAmend } = await server.ask(town, AMEND, variables);
      assert.deepEqual(householdAmend, { changed: { version: version + 1 }, userErrors: [] });
    };
    const told = [];
    const closings = [];
    let after = changeCursor;
    const of = client({
      url: socketOf(`${server.origin}/graphql`),
      retryAttempts: 100,
      retryWait: () => sleep(100),
      shouldRetry: () => true,
      on: { closed: ({ code }) => closings.push(code) },
    });
    const failed = new Promise((_, reject) => {
      // The variables are read whenever the client subscribes anew.
      const payload = { query: FOLLOW.replace('CIVIL', 'CORE'), get variables() { return { after }; } };
      const next = ({ data: { sliceChanged } }) => {
        told.push(sliceChanged.action);
        after = sliceChanged.cursor;
      };
      of.subscribe(payload, { next, error: reject, complete: () => {} });
    });
    const until = async (count) => {
      while (told.length < count) await Promise.race([sleep(50), failed]);
    };
    await amend(household.version);
    await until(1);
    await server.stop();
    await server.start();
    await amend(household.version + 1);
    await until(2);
    await sleep(500);
    await of.dispose();
    assert.deepEqual(told, ['UPDATE', 'UPDATE']);
    assert.equal(closings[0], 1012);
  } finally {
    server.process?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

export default async function subscriptions() {
  const plain = client();
  await follows(plain);
  await plain.dispose();
  const refusal = await new Promise((resolve) => {
    const of = client();
    of.subscribe({ query: FOLLOW, variables: { after: 'x' } }, { next: () => {}, complete: () => {}, error: (errors) => resolve(errors[0].extensions.code) });
  });
  assert.equal(refusal, 'INVALID_CURSOR');
  const other = new WebSocket(socketOf(endpoint), 'graphql-ws');
  const [refused] = await once(other, 'error');
  assert.match(refused.message, /400/);
  for (const code of CODES) await closes(code);
  const connections = await outlivesToken();
  await outlivesServer();
  return `${CODES.length} codes of closing, ${connections} connections by one subscription, a server started anew`;
}
