// Runs every audit of the GraphQL-over-HTTP suite against a running server.
import { serverAudits } from 'graphql-http';
import { origin, token } from './server.mjs';

const authorized = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

const audits = serverAudits({ url: `${origin}/graphql`, fetchFn: authorized });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed += 1;
  } else {
    console.error(`${result.status}: ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} of ${audits.length} audits pass`);
process.exit(passed === audits.length ? 0 : 1);
