// Every client tool against Yihu as it is, one line a tool. Arguments name single tools.
const TOOLS = ['federation', 'inspector', 'eslint', 'relay', 'codegen', 'apollo', 'urql', 'subscriptions', 'example'];

const wanted = process.argv.slice(2);
let failed = 0;
for (const tool of TOOLS.filter((tool) => wanted.length === 0 || wanted.includes(tool))) {
  const { default: audit } = await import(`./clients/${tool}.mjs`);
  try {
    console.log(`${tool}: ${await audit()}`);
  } catch (error) {
    failed += 1;
    console.error(`${tool}: FAILED: ${error.stack}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
