-- A page of 50 households of a village with every slice. $1: village.
SELECT json_build_object('households', json_build_object(
    'nodes', coalesce(json_agg(page.family ORDER BY page.card_order, page.id) FILTER (WHERE page.place <= 50), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 50)))::text
FROM (
    SELECT t.card_order, t.id, t.place, CASE WHEN t.place <= 50 THEN
        json_build_object(
            'id', t.id, 'cardNumber', t.card_number, 'headName', (SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL),
            'status', t.status, 'mainCause', t.main_cause,
            'size', (SELECT count(*) FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL),
            'version', t.version, 'updatedAt', t.recorded_at_ms,
            'region', json_build_object('code', r.code, 'name', r.name, 'level', r.level),
            'members', (
                SELECT coalesce(json_agg(json_build_object(
                    'id', p.id, 'name', p.name, 'citizenNumber', p.citizen_number_mask, 'sex', p.sex, 'birthDate', p.birth_date,
                    'relation', p.relation, 'educationLevel', p.education_level, 'healthStatus', p.health,
                    'labourCapacity', p.labour_capacity,
                    'health', json_build_object('enrolments', (
                        SELECT coalesce(json_agg(json_build_object(
                            'year', e.year, 'category', e.category, 'premium', e.premium_fen,
                            'premiumSubsidy', e.premium_subsidy_fen, 'paidOn', e.paid_on) ORDER BY e.year DESC, e.id), '[]')
                        FROM medical_enrolment e WHERE e.person_id = p.id)),
                    'education', json_build_object('rainDewApplications', (
                        SELECT coalesce(json_agg(json_build_object(
                            'schoolYear', a.school_year, 'stage', a.stage, 'amount', a.amount_fen, 'state', a.state)
                            ORDER BY a.school_year DESC, a.id), '[]')
                        FROM rain_dew_application a WHERE a.person_id = p.id))
                ) ORDER BY p.is_head DESC, p.birth_date, p.id), '[]')
                FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL),
            'civilAffairs', json_build_object('dibao', (
                SELECT json_build_object('class', d.class, 'persons', d.persons, 'monthlyAmount', d.monthly_fen,
                    'validFrom', d.valid_from, 'version', d.version)
                FROM dibao d WHERE d.household_id = t.id AND d.valid_to IS NULL ORDER BY d.valid_from DESC, d.id LIMIT 1)),
            'health', json_build_object('claims', (
                SELECT coalesce(json_agg(json_build_object('id', c.id, 'claimNumber', c.claim_number,
                    'dischargedOn', c.discharged_on, 'totalCost', c.total_cost_fen, 'eligibleCost', c.eligible_cost_fen,
                    'state', c.state) ORDER BY c.discharged_on DESC, c.id), '[]')
                FROM medical_claim c WHERE c.household_id = t.id)),
            'housing', json_build_object(
                'house', (SELECT json_build_object('grade', h.grade, 'surveyedOn', h.surveyed_on)
                    FROM house h WHERE h.household_id = t.id AND h.valid_to IS NULL ORDER BY h.valid_from DESC, h.id LIMIT 1),
                'renovations', (SELECT coalesce(json_agg(json_build_object('year', n.year, 'solution', n.solution,
                    'subsidy', n.subsidy_fen, 'state', n.state) ORDER BY n.year DESC, n.id), '[]')
                    FROM renovation n WHERE n.household_id = t.id)),
            'finance', json_build_object(
                'loans', (SELECT coalesce(json_agg(json_build_object('id', l.id, 'bankCode', l.bank_code,
                    'principal', l.principal_fen, 'rateBasisPoints', l.rate_bp, 'dueOn', l.due_on, 'state', l.state)
                    ORDER BY l.granted_on DESC, l.id), '[]')
                    FROM loan l WHERE l.household_id = t.id),
                'payments', (SELECT coalesce(json_agg(json_build_object('id', y.id, 'department', y.department,
                    'programme', y.programme, 'paidOn', y.paid_on, 'amount', y.amount_fen, 'state', y.state)
                    ORDER BY y.period DESC, y.id), '[]')
                    FROM payment y WHERE y.household_id = t.id))) END AS family
    FROM (
        SELECT *, row_number() OVER (ORDER BY card_order, id) AS place
        FROM household WHERE county_code = $1::bigint / 1000000 AND region_code = $1 ORDER BY card_order, id LIMIT 51
    ) t
    JOIN region r ON r.code = t.region_code
) page
