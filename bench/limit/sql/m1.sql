-- A dibao grant of another class and amount from a day on, with every record that such a write leaves. $1: grant,
-- $2: its version, $3: the day, $4: class, $5: fen a month, $6: request, $7: digest, $8: now in ms, $9: user, $10: client.
WITH before AS (
    SELECT d.*, nextval('bench.key') AS next_id, (
        SELECT count(p.person_id) FROM income_benefit_period p WHERE p.dibao_id = $1 AND p.valid_to IS NULL) AS covered
    FROM dibao d WHERE d.id = $1 AND d.version = $2 AND d.valid_to IS NULL FOR UPDATE OF d
), entered AS (
    INSERT INTO request_record (user_id, client, request_id, operation, digest, answer, at_ms)
    SELECT $9, $10, $6, 'dibaoAdjust', $7, json_build_object('key', next_id)::text, $8 FROM before
    ON CONFLICT DO NOTHING RETURNING 1
), ended AS (
    UPDATE dibao d SET valid_to = $3, state = 'STOPPED', version = d.version + 1, recorded_at_ms = $8
    FROM before b, entered WHERE d.id = b.id AND d.version = b.version RETURNING d.id
), added AS (
    INSERT INTO dibao (id, household_id, region_code, dibao_number, class, persons, standard_fen, monthly_fen, state,
        approved_on, valid_from, gradual_exit_until, version, recorded_at_ms)
    SELECT b.next_id, b.household_id, b.region_code, b.dibao_number, $4, b.covered, b.standard_fen, $5, b.state,
        b.approved_on, $3, b.gradual_exit_until, 1, $8 FROM before b JOIN ended ON ended.id = b.id
    RETURNING *
), ended_period AS (
    UPDATE income_benefit_period p SET valid_to = greatest($3, p.valid_from)
    FROM added WHERE p.dibao_id = $1 AND p.valid_to IS NULL RETURNING p.*
), added_period AS (
    INSERT INTO income_benefit_period (id, household_id, region_code, person_id, identity_id, dibao_id, valid_from)
    SELECT nextval('bench.key'), e.household_id, e.region_code, e.person_id, e.identity_id, a.id, $3
    FROM ended_period e, added a RETURNING *
), touched AS (
    SELECT 'UPDATE' AS action, 'income_benefit_period' AS object_type, id, household_id, region_code AS region_before,
        region_code, '{"valid_to":null}' AS before_json, json_build_object('valid_to', valid_to)::text AS after_json
    FROM ended_period
    UNION ALL
    SELECT 'UPDATE', 'dibao', b.id, b.household_id, b.region_code, b.region_code,
        json_build_object('state', b.state, 'valid_to', NULL, 'version', b.version)::text,
        json_build_object('state', 'STOPPED', 'valid_to', $3::date, 'version', b.version + 1)::text
    FROM before b, entered
    UNION ALL
    SELECT 'CREATE', 'dibao', id, household_id, NULL, region_code, NULL,
        json_build_object('dibao_number', dibao_number, 'class', class, 'persons', persons, 'standard_fen', standard_fen,
            'monthly_fen', monthly_fen, 'state', state, 'approved_on', approved_on, 'valid_from', valid_from,
            'version', version)::text
    FROM added
    UNION ALL
    SELECT 'CREATE', 'income_benefit_period', id, household_id, NULL, region_code, NULL,
        json_build_object('person_id', person_id, 'identity_id', identity_id, 'dibao_id', dibao_id,
            'valid_from', valid_from)::text
    FROM added_period
), entry AS (
    SELECT pg_current_xact_id()::text::bigint + (SELECT added FROM transaction_clock) AS number,
        row_number() OVER () - 1 AS ordinal, t.* FROM touched t
), audited AS (
    INSERT INTO audit_record (transaction_id, ordinal, at_ms, user_id, client, department, roles, operation, request_id,
        action, object_type, object_id, household_id, region_code, before_json, after_json)
    SELECT number, ordinal, $8, $9, $10, 'CIVIL', 'CLERK', 'dibaoAdjust', $6, action, object_type, id, household_id,
        region_code, before_json, after_json FROM entry
), changed AS (
    INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id,
        region_before, region_code)
    SELECT number, ordinal, $8, 'CIVIL', action, object_type, id, household_id, region_before, region_code FROM entry
)
SELECT json_build_object('dibaoAdjust', json_build_object('changed', json_build_object(
    'id', id, 'class', class, 'persons', persons, 'monthlyAmount', monthly_fen, 'state', state, 'validFrom', valid_from,
    'version', version), 'userErrors', json_build_array()))::text FROM added
