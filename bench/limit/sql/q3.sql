-- 100 households of a county by status and main cause. $1: county, $2: status, $3: cause.
SELECT json_build_object('households', json_build_object(
    'nodes', coalesce(json_agg(page.row ORDER BY page.place) FILTER (WHERE page.place <= 100), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 100)))::text
FROM (
    SELECT row_number() OVER (ORDER BY t.card_order, t.id) AS place, json_build_object(
        'id', t.id, 'cardNumber', t.card_number, 'headName', (SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL),
        'status', t.status, 'mainCause', t.main_cause, 'registeredOn', t.registered_on) AS row
    FROM (
        SELECT * FROM household WHERE county_code = $1 AND status = $2 AND main_cause = $3
        ORDER BY card_order, id LIMIT 101
    ) t
) page
