-- What the bench adds beside Yihu's tables: keys that no block of Yihu's holds, and the tables as PostGraphile shows them,
-- each with the rows of today. Views cost nothing by themselves: a column that is not asked for is not computed.
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
-- A grant takes one, its periods those after it: a number leaves room for them.
CREATE SEQUENCE bench.key START 1000000000000 INCREMENT 100;
SELECT setval('bench.key', greatest(1000000000000, (SELECT max(id) FROM dibao), (SELECT max(id) FROM income_benefit_period)) + 100);

CREATE VIEW bench.region AS SELECT code, name, level FROM public.region;
COMMENT ON VIEW bench.region IS '@primaryKey code';

CREATE VIEW bench.household AS SELECT t.id, t.card_number, t.region_code, t.county_code, t.card_order,
    (SELECT p.name FROM public.person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL) AS head_name,
    t.status, t.main_cause, (SELECT count(*)::integer FROM public.person p WHERE p.household_id = t.id AND p.valid_to IS NULL) AS size,
    t.version, t.recorded_at_ms AS updated_at, t.registered_on
    FROM public.household t;
COMMENT ON VIEW bench.household IS E'@primaryKey id\n@unique card_number\n@foreignKey (region_code) references region (code)|@fieldName region';

CREATE VIEW bench.member AS SELECT id, household_id, name, citizen_number_mask AS citizen_number, sex, birth_date, is_head, relation,
    education_level, health AS health_status, labour_capacity FROM public.person WHERE valid_to IS NULL;
COMMENT ON VIEW bench.member IS E'@primaryKey id\n@foreignKey (household_id) references household (id)|@foreignSimpleFieldName members';

CREATE VIEW bench.enrolment AS SELECT id, person_id, year, category, premium_fen AS premium, premium_subsidy_fen AS premium_subsidy,
    paid_on FROM public.medical_enrolment;
COMMENT ON VIEW bench.enrolment IS E'@primaryKey id\n@foreignKey (person_id) references member (id)|@foreignSimpleFieldName enrolments';

CREATE VIEW bench.rain_dew_application AS SELECT id, person_id, school_year, stage, amount_fen AS amount, state
    FROM public.rain_dew_application;
COMMENT ON VIEW bench.rain_dew_application IS E'@primaryKey id\n@foreignKey (person_id) references member (id)|@foreignSimpleFieldName rainDewApplications';

CREATE VIEW bench.dibao AS SELECT id, household_id, county_code, dibao_number, class, persons, monthly_fen AS monthly_amount, state,
    approved_on, valid_from, version FROM public.dibao WHERE valid_to IS NULL;
COMMENT ON VIEW bench.dibao IS E'@primaryKey id\n@unique household_id\n@foreignKey (household_id) references household (id)|@fieldName household|@foreignFieldName dibao';

CREATE VIEW bench.claim AS SELECT id, household_id, claim_number, discharged_on, total_cost_fen AS total_cost,
    eligible_cost_fen AS eligible_cost, state FROM public.medical_claim;
COMMENT ON VIEW bench.claim IS E'@primaryKey id\n@foreignKey (household_id) references household (id)|@foreignSimpleFieldName claims';

CREATE VIEW bench.house AS SELECT id, household_id, grade, surveyed_on FROM public.house WHERE valid_to IS NULL;
COMMENT ON VIEW bench.house IS E'@primaryKey id\n@unique household_id\n@foreignKey (household_id) references household (id)|@foreignFieldName house';

CREATE VIEW bench.renovation AS SELECT id, household_id, year, solution, subsidy_fen AS subsidy, state FROM public.renovation;
COMMENT ON VIEW bench.renovation IS E'@primaryKey id\n@foreignKey (household_id) references household (id)|@foreignSimpleFieldName renovations';

CREATE VIEW bench.loan AS SELECT id, household_id, bank_code, principal_fen AS principal, rate_bp AS rate_basis_points, due_on, state,
    granted_on FROM public.loan;
COMMENT ON VIEW bench.loan IS E'@primaryKey id\n@foreignKey (household_id) references household (id)|@foreignSimpleFieldName loans';

CREATE VIEW bench.payment AS SELECT id, household_id, department, programme, paid_on, amount_fen AS amount, state, period
    FROM public.payment;
COMMENT ON VIEW bench.payment IS E'@primaryKey id\n@foreignKey (household_id) references household (id)|@foreignSimpleFieldName payments';

CREATE TYPE bench.change AS (slice text, action text, object_type text, object bigint, household bigint, region bigint, at bigint);
CREATE FUNCTION bench.changes(county bigint, transaction bigint, ordinal integer) RETURNS SETOF bench.change
    LANGUAGE sql STABLE AS $$
    SELECT slice, action, object_type, object_id, household_id, region, at_ms FROM (
        SELECT * FROM (
            SELECT *, coalesce(region_code, region_before) AS region FROM public.change_record
            WHERE region_code / 1000000 = $1 AND (transaction_id, ordinal) > ($2, $3) AND transaction_id <
                (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM public.transaction_clock)
            ORDER BY transaction_id, ordinal LIMIT 501
        ) within
        UNION ALL
        SELECT * FROM (
            SELECT *, coalesce(region_code, region_before) AS region FROM public.change_record
            WHERE region_before / 1000000 = $1 AND (region_code IS NULL OR region_code <> region_before)
                AND region_code / 1000000 IS DISTINCT FROM $1 AND (transaction_id, ordinal) > ($2, $3) AND transaction_id <
                (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM public.transaction_clock)
            ORDER BY transaction_id, ordinal LIMIT 501
        ) gone
        ORDER BY transaction_id, ordinal LIMIT 501
    ) c
$$;

CREATE TYPE bench.adjusted AS (id bigint, class text, persons integer, monthly_amount bigint, state text, valid_from date, version integer);
-- ADJUST stands for the statement of LIMIT-B, with the values that a client does not send put in.
CREATE FUNCTION bench.adjust_dibao(grant_id bigint, version integer, day date, class text, amount bigint, request uuid)
    RETURNS bench.adjusted LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    adjusted bench.adjusted;
    content bytea := sha256(convert_to(concat_ws(' ', $1, $2, $3, $4, $5), 'UTF8'));
    now_ms bigint := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
    ADJUST
    SELECT id, class, persons, monthly_fen, state, valid_from, version INTO adjusted FROM added;
    IF NOT FOUND THEN
        SELECT d.id, d.class, d.persons, d.monthly_fen, d.state, d.valid_from, d.version INTO adjusted
        FROM public.request_record r JOIN public.dibao d ON d.id = (r.answer::json ->> 'key')::bigint
        WHERE r.user_id = 'bench' AND r.client = 'bench' AND r.request_id = $6::text AND r.digest = content;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'somebody was faster' USING ERRCODE = '40001';
        END IF;
    END IF;
    RETURN adjusted;
END $$;
