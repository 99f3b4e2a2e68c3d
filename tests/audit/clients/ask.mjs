// Plain requests, for what a tool asks or what an audit compares with.
import assert from 'node:assert/strict';
import { origin, token } from '../server.mjs';

export const endpoint = `${origin}/graphql`;
export const headers = { authorization: `Bearer ${token}` };

export async function ask(query, variables) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

export async function data(query, variables) {
  const answer = await ask(query, variables);
  assert.deepEqual(answer.errors ?? [], []);
  return answer.data;
}

/** `fetch` that notes how a document was sent: by text or by its hash only. */
export const counted = (requests) => (input, init) => {
  const sent = init.body ?? decodeURIComponent(String(input));
  const { method = 'GET' } = init;
  requests.push(`${method} ${/"query"|[?&]query=/.test(sent) ? 'text' : 'hash'}`);
  return fetch(input, init);
};
