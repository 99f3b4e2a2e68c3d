-- 500 open dibao grants of a county with household and head. $1: county.
SELECT json_build_object('dibaoRoll', json_build_object(
    'nodes', coalesce(json_agg(page.row ORDER BY page.place) FILTER (WHERE page.place <= 500), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 500)))::text
FROM (
    SELECT row_number() OVER (ORDER BY d.dibao_number, d.id) AS place, json_build_object(
        'id', d.id, 'dibaoNumber', d.dibao_number, 'class', d.class, 'persons', d.persons, 'monthlyAmount', d.monthly_fen,
        'state', d.state, 'approvedOn', d.approved_on, 'validFrom', d.valid_from,
        'household', json_build_object('id', t.id, 'cardNumber', t.card_number, 'status', t.status,
            'headName', (SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL),
            'region', json_build_object('code', r.code, 'name', r.name))) AS row
    FROM (SELECT * FROM dibao WHERE county_code = $1 AND valid_to IS NULL ORDER BY dibao_number, id LIMIT 501) d
    JOIN household t ON t.id = d.household_id JOIN region r ON r.code = t.region_code
) page
