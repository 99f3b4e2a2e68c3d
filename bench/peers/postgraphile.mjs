// PostGraphile over Yihu's tables, as the views of schema.sql show them.
import cluster from 'node:cluster';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

// Two processes with four connections each: as many in all as every server of the bench has.
const CONNECTIONS = 4;

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  const { PostGraphileAmberPreset } = await import('postgraphile/presets/amber');
  const { makePgService } = await import('postgraphile/adaptors/pg');
  const { postgraphile } = await import('postgraphile');
  const { grafserv } = await import('postgraphile/grafserv/node');
  const port = +process.env.PEER_PORT;
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    // The views have no indexes of their own, so every column would count as one that must not be ordered by.
    disablePlugins: ['PgIndexBehaviorsPlugin'],
    pgServices: [makePgService({
      connectionString: process.env.PEER_DATABASE,
      schemas: ['bench'],
      poolConfig: { min: CONNECTIONS, max: CONNECTIONS, options: '-c plan_cache_mode=force_generic_plan -c jit=off' },
    })],
    grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, port },
    grafast: { explain: false },
    schema: { defaultBehavior: '+list' },
  });
  if (process.env.PEER_SCHEMA) {
    const { printSchema } = await import('postgraphile/graphql');
    writeFileSync(process.env.PEER_SCHEMA, printSchema((await instance.getSchemaResult()).schema));
  }
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(port, '127.0.0.1');
}
