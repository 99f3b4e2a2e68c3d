// Loads the explorer in a browser that reaches nothing but this machine, signs in, runs a query and looks at the result.
// SCREENSHOT=FILE keeps a picture.
import { chromium } from 'playwright-core';
import { origin, token } from './server.mjs';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
});
const problems = [];
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
const shown = () => page.innerText('body').catch((error) => String(error));
try {
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(origin) && !/^(data|blob|about):/.test(address)) problems.push(`outside: ${address}`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  page.on('console', (line) => {
    const refusedUntilSignedIn = line.text().includes('401');
    if (line.type() === 'error' && !refusedUntilSignedIn) problems.push(`console: ${line.text()}`);
  });
  // Until it is quiet: an explorer that still asks for the schema when the token arrives would be replaced by another.
  await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
  await page.fill('#token', token);
  // The schema arrives with the first answer that is not a refusal.
  const schema = page.waitForResponse((answer) => answer.url().endsWith('/graphql') && answer.status() === 200);
  await page.press('#token', 'Enter');
  await schema;
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.waitForFunction(() => document.querySelector('.graphiql-plugin')?.textContent.includes('Query'));
  await page.click('button.graphiql-execute-button');
  await page.waitForFunction(() => document.querySelector('.result-window')?.textContent.includes('"department"'));
  const text = await page.locator('.result-window').first().textContent();
  if (!text.includes('"department": "CIVIL"')) problems.push('the result is not rendered');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  if (kept.includes(token) || kept.includes('department')) problems.push('the browser keeps what was typed');
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
} catch (error) {
  problems.push(String(error));
  problems.push(`the page shows: ${(await shown()).slice(0, 2000)}`);
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'the explorer works without a network' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
