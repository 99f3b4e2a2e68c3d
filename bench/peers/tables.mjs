// The statements of the hand-written peer: one for each slice, for all households of a page at once.
import pg from 'pg';
import { createHash } from 'node:crypto';

const INT8 = 20, DATE = 1082;
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(DATE, (day) => day);

// Two processes with four connections each: as many in all as every server of the bench has.
const CONNECTIONS = 4;
export const pool = new pg.Pool({
  connectionString: process.env.PEER_DATABASE,
  options: '-c plan_cache_mode=force_generic_plan -c jit=off',
  min: CONNECTIONS,
  max: CONNECTIONS,
});

const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const HEAD_NAME = `(SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL) AS "headName"`;
const FAMILY = `t.id, t.card_number AS "cardNumber", ${HEAD_NAME}, t.status, t.main_cause AS "mainCause",
  (SELECT count(*) FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL) AS size, t.version,
  t.recorded_at_ms AS "updatedAt", t.region_code AS "regionCode"`;
const LISTED = `t.id, t.card_number AS "cardNumber", ${HEAD_NAME}, t.status, t.main_cause AS "mainCause",
  t.registered_on AS "registeredOn", t.region_code AS "regionCode"`;

export const household = async (card) =>
  (await rows('household', `SELECT ${FAMILY} FROM household t WHERE t.card_number = $1`, [card]))[0] ?? null;

const page = (found, first) => {
  const hasNextPage = found.length > first;
  if (hasNextPage) found.pop();
  return { nodes: found, pageInfo: { hasNextPage, endCursor: found.length ? String(found[found.length - 1].id) : null } };
};

export const village = async (code, first) =>
  page(await rows('village', `SELECT ${FAMILY} FROM household t WHERE t.county_code = $1 AND t.region_code = $2
    ORDER BY t.card_order, t.id LIMIT $3`, [Math.floor(code / 1e6), code, first + 1]), first);

export const county = async (code, status, cause, first) =>
  page(await rows('county', `SELECT ${LISTED} FROM household t WHERE t.county_code = $1 AND t.status = ANY($2)
    AND t.main_cause = ANY($3) ORDER BY t.card_order, t.id LIMIT $4`, [code, status, cause, first + 1]), first);

export const roll = async (code, first) =>
  page(await rows('roll', `SELECT d.id, d.household_id AS "householdId", d.dibao_number AS "dibaoNumber", d.class, d.persons,
    d.monthly_fen AS "monthlyAmount", d.state, d.approved_on AS "approvedOn", d.valid_from AS "validFrom"
    FROM dibao d WHERE d.county_code = $1 AND d.valid_to IS NULL ORDER BY d.dibao_number, d.id LIMIT $2`,
  [code, first + 1]), first);

const ARM = (condition) => `SELECT * FROM (SELECT transaction_id, ordinal, slice, action, object_type AS "objectType",
    object_id AS object, household_id AS household, COALESCE(region_code, region_before) AS region, at_ms AS at
    FROM change_record WHERE ${condition} AND (transaction_id, ordinal) > ($2, $3) AND transaction_id <
    (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM transaction_clock)
    ORDER BY transaction_id, ordinal LIMIT $4) arm`;
const CHANGES = `${ARM('region_code / 1000000 = $1')} UNION ALL ${ARM(`region_before / 1000000 = $1
    AND (region_code IS NULL OR region_code <> region_before) AND region_code / 1000000 IS DISTINCT FROM $1`)}
    ORDER BY 1, 2 LIMIT $4`;

export const changes = async (after, code, first) => {
  const [transaction, ordinal] = after.split(':').map(Number);
  const entries = await rows('changes', CHANGES, [code, transaction, ordinal, first + 1]);
  const hasMore = entries.length > first;
  if (hasMore) entries.pop();
  const last = entries[entries.length - 1];
  return { entries, hasMore, endCursor: last ? `${last.transaction_id}:${last.ordinal}` : after };
};

// What follows from keys: the statement, the column with the key, and whether there are many of a key.
const SLICES = {
  region: [`SELECT code AS k, code, name, level FROM region WHERE code = ANY($1)`, false],
  granted: [`SELECT t.id AS k, ${LISTED} FROM household t WHERE t.id = ANY($1)`, false],
  members: [`SELECT household_id AS k, id, name, citizen_number_mask AS "citizenNumber", sex, birth_date AS "birthDate", relation,
    education_level AS "educationLevel", health AS "healthStatus", labour_capacity AS "labourCapacity" FROM person
    WHERE household_id = ANY($1) AND valid_to IS NULL ORDER BY household_id, is_head DESC, birth_date, id`, true],
  enrolments: [`SELECT person_id AS k, year, category, premium_fen AS premium, premium_subsidy_fen AS "premiumSubsidy",
    paid_on AS "paidOn" FROM medical_enrolment WHERE person_id = ANY($1) ORDER BY person_id, year DESC, id`, true],
  rainDew: [`SELECT person_id AS k, school_year AS "schoolYear", stage, amount_fen AS amount, state FROM rain_dew_application
    WHERE person_id = ANY($1) ORDER BY person_id, school_year DESC, id`, true],
  dibao: [`SELECT DISTINCT ON (household_id) household_id AS k, class, persons, monthly_fen AS "monthlyAmount",
    valid_from AS "validFrom", version FROM dibao WHERE household_id = ANY($1) AND valid_to IS NULL
    ORDER BY household_id, valid_from DESC, id`, false],
  claims: [`SELECT household_id AS k, id, claim_number AS "claimNumber", discharged_on AS "dischargedOn",
    total_cost_fen AS "totalCost", eligible_cost_fen AS "eligibleCost", state FROM medical_claim
    WHERE household_id = ANY($1) ORDER BY household_id, discharged_on DESC, id`, true],
  house: [`SELECT DISTINCT ON (household_id) household_id AS k, grade, surveyed_on AS "surveyedOn" FROM house
    WHERE household_id = ANY($1) AND valid_to IS NULL ORDER BY household_id, valid_from DESC, id`, false],
  renovations: [`SELECT household_id AS k, year, solution, subsidy_fen AS subsidy, state FROM renovation
    WHERE household_id = ANY($1) ORDER BY household_id, year DESC, id`, true],
  loans: [`SELECT household_id AS k, id, bank_code AS "bankCode", principal_fen AS principal, rate_bp AS "rateBasisPoints",
    due_on AS "dueOn", state FROM loan WHERE household_id = ANY($1) ORDER BY household_id, granted_on DESC, id`, true],
  payments: [`SELECT household_id AS k, id, department, programme, paid_on AS "paidOn", amount_fen AS amount, state FROM payment
    WHERE household_id = ANY($1) ORDER BY household_id, period DESC, id`, true],
};

/** What the keys lead to, in their order. */
export async function slice(name, keys) {
  const [text, isMany] = SLICES[name];
  const found = new Map();
  for (const row of await rows(name, text, [keys])) {
    if (!isMany) found.set(row.k, row);
    else if (found.has(row.k)) found.get(row.k).push(row);
    else found.set(row.k, [row]);
  }
  return keys.map((key) => found.get(key) ?? (isMany ? [] : null));
}

const STATEMENTS = {
  enter: `INSERT INTO request_record (user_id, client, request_id, operation, digest, answer, at_ms)
    SELECT 'bench', 'bench', $1, 'dibaoAdjust', $2, json_build_object('key', key)::text, $3 FROM nextval('bench.key') key
    ON CONFLICT DO NOTHING RETURNING (answer::json ->> 'key')::bigint AS key,
    pg_current_xact_id()::text::bigint + (SELECT added FROM transaction_clock) AS transaction`,
  grant: `SELECT household_id, region_code, dibao_number, standard_fen, state, approved_on, gradual_exit_until, version
    FROM dibao WHERE id = $1 AND valid_to IS NULL FOR UPDATE`,
  endPeriods: `UPDATE income_benefit_period SET valid_to = greatest($2, valid_from) WHERE dibao_id = $1 AND valid_to IS NULL
    RETURNING id, person_id, identity_id, valid_to`,
  endGrant: `UPDATE dibao SET valid_to = $3, state = 'STOPPED', version = version + 1, recorded_at_ms = $4
    WHERE id = $1 AND version = $2`,
  addGrant: `INSERT INTO dibao (id, household_id, region_code, dibao_number, class, persons, standard_fen, monthly_fen, state,
    approved_on, gradual_exit_until, valid_from, version, recorded_at_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13)`,
  addPeriods: `INSERT INTO income_benefit_period (id, household_id, region_code, person_id, identity_id, dibao_id, valid_from)
    SELECT id, $1, $2, person, identity, $3, $4 FROM unnest($5::bigint[], $6::bigint[], $7::bigint[]) AS p(id, person, identity)`,
  records: `WITH entry AS (
      SELECT * FROM json_to_recordset($1::json) AS e(ordinal int, action text, object_type text, object_id bigint,
      region_before bigint, before_json text, after_json text)
    ), audited AS (
      INSERT INTO audit_record (transaction_id, ordinal, at_ms, user_id, client, department, roles, operation, request_id,
      action, object_type, object_id, household_id, region_code, before_json, after_json)
      SELECT $2, ordinal, $3, 'bench', 'bench', 'CIVIL', 'CLERK', 'dibaoAdjust', $4, action, object_type, object_id, $5, $6,
      before_json, after_json FROM entry
    ) INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id,
      region_before, region_code)
      SELECT $2, ordinal, $3, 'CIVIL', action, object_type, object_id, $5, region_before, $6 FROM entry`,
  before: `SELECT d.id, d.class, d.persons, d.monthly_fen AS "monthlyAmount", d.state, d.valid_from AS "validFrom", d.version
    FROM request_record r JOIN dibao d ON d.id = (r.answer::json ->> 'key')::bigint
    WHERE r.user_id = 'bench' AND r.client = 'bench' AND r.request_id = $1 AND r.digest = $2`,
};

const CONFLICT = { changed: null, userErrors: [{ code: 'CONFLICT', field: ['version'], message: 'Somebody was faster.' }] };

/** A grant of another class and amount from a day on, with every record that such a write leaves. */
export async function adjust(requestId, asked) {
  const digest = createHash('sha256').update(JSON.stringify(asked)).digest();
  const client = await pool.connect();
  const run = async (name, values) => (await client.query({ name, text: STATEMENTS[name], values })).rows;
  try {
    await client.query('BEGIN');
    const answer = await write(run, requestId, digest, asked);
    await client.query(answer ? 'COMMIT' : 'ROLLBACK');
    if (answer) return answer;
    const [changed] = await run('before', [requestId, digest]);
    return changed ? { changed, userErrors: [] } : CONFLICT;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** The answer; none where the request was known or the version is another. */
async function write(run, requestId, digest, { id, version, from, class: word, monthlyAmount }) {
  const now = Date.now();
  const [entered] = await run('enter', [requestId, digest, now]);
  if (!entered) return null;
  const [grant] = await run('grant', [id]);
  if (grant?.version !== version) return null;
  const ended = await run('endPeriods', [id, from]);
  const persons = ended.filter((period) => period.person_id !== null).length;
  await run('endGrant', [id, version, from, now]);
  await run('addGrant', [entered.key, grant.household_id, grant.region_code, grant.dibao_number, word, persons,
    grant.standard_fen, monthlyAmount, grant.state, grant.approved_on, grant.gradual_exit_until, from, now]);
  const added = ended.map((period, place) => ({ ...period, id: entered.key + 1 + place }));
  await run('addPeriods', [grant.household_id, grant.region_code, entered.key, from, added.map((period) => period.id),
    added.map((period) => period.person_id), added.map((period) => period.identity_id)]);
  const entry = (action, object_type, object_id, before, after) => ({
    action, object_type, object_id, region_before: before ? grant.region_code : null,
    before_json: before && JSON.stringify(before), after_json: JSON.stringify(after),
  });
  const entries = [
    ...ended.map((period) => entry('UPDATE', 'income_benefit_period', period.id, { valid_to: null }, { valid_to: period.valid_to })),
    entry('UPDATE', 'dibao', id, { state: grant.state, valid_to: null, version },
      { state: 'STOPPED', valid_to: from, version: version + 1 }),
    entry('CREATE', 'dibao', entered.key, null, { approved_on: grant.approved_on, class: word, dibao_number: grant.dibao_number,
      monthly_fen: monthlyAmount, persons, standard_fen: grant.standard_fen, state: grant.state, valid_from: from, version: 1 }),
    ...added.map((period) => entry('CREATE', 'income_benefit_period', period.id, null,
      { dibao_id: entered.key, identity_id: period.identity_id, person_id: period.person_id, valid_from: from })),
  ].map((entry, ordinal) => ({ ordinal, ...entry }));
  await run('records', [JSON.stringify(entries), entered.transaction, now, requestId, grant.household_id, grant.region_code]);
  const changed = { id: entered.key, class: word, persons, monthlyAmount, state: grant.state, validFrom: from, version: 1 };
  return { changed, userErrors: [] };
}
