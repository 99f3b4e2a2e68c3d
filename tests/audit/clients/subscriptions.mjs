// graphql-ws: subscribes, comes back by itself after the server closed, and takes each code of closing as the protocol means it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { program, token } from '../server.mjs';
import { data, endpoint } from './ask.mjs';

const url = endpoint.replace(/^http/, 'ws');
const FOLLOW = 'subscription($after: String) { sliceChanged(slices: [CIVIL], after: $after) { cursor action } }';
const sign = (seconds) =>
  execFileSync(program, ['token', '--department', 'CIVIL', '--region', '150921', '--role', 'CLERK', '--life-seconds', `${seconds}`], {
    encoding: 'utf8',
  }).trim();

function client(options) {
  return createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
    connectionParams: { Authorization: `Bearer ${token}` },
    ...options,
  });
}

/** The code with which the server closes a client like this. */
const closed = (options, use = () => {}) =>
  new Promise((resolve) => {
    const of = client({ ...options, on: { closed: (event) => resolve(event.code) } });
    use(of);
  });

/** The code with which the server closes a socket that says these messages. */
const closedAfter = (messages, protocol = 'graphql-transport-ws') =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, protocol);
    socket.on('open', () => messages.forEach((message) => socket.send(message)));
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => resolve('refused'));
  });

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

export default async function subscriptions() {
  const plain = client();
  await follows(plain);
  await plain.dispose();
  const refusal = await new Promise((resolve) => {
    const of = client();
    of.subscribe({ query: FOLLOW, variables: { after: 'x' } }, { next: () => {}, complete: () => {}, error: (errors) => resolve(errors[0].extensions.code) });
  });
  assert.equal(refusal, 'INVALID_CURSOR');

  const init = JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
  const subscribe = JSON.stringify({ type: 'subscribe', id: 'one', payload: { query: FOLLOW } });
  assert.equal(await closedAfter(['{']), CloseCode.BadRequest);
  assert.equal(await closedAfter([subscribe]), CloseCode.Unauthorized);
  assert.equal(await closedAfter([init, init]), CloseCode.TooManyInitialisationRequests);
  assert.equal(await closedAfter([init, subscribe, subscribe]), CloseCode.SubscriberAlreadyExists);
  assert.equal(await closedAfter([]), CloseCode.ConnectionInitialisationTimeout);
  assert.equal(await closedAfter([init], 'graphql-ws'), 'refused');
  assert.equal(await closed({ connectionParams: { Authorization: 'Bearer x' } }), CloseCode.Forbidden);

  // The token ends, the socket with it; the client comes back with a new one and goes on.
  let connections = 0;
  const tokens = [sign(1), token];
  await new Promise((resolve, reject) => {
    const of = client({
      lazy: true,
      retryAttempts: 3,
      retryWait: async () => {},
      shouldRetry: () => true,
      connectionParams: () => ({ Authorization: `Bearer ${tokens[connections++]}` }),
      on: { connected: () => connections === 2 && resolve(of.dispose()) },
    });
    of.subscribe({ query: FOLLOW }, { next: () => {}, error: reject, complete: () => {} });
  });
  return `8 codes of closing, ${connections} connections by one subscription`;
}
