-- 500 changes of a county after a position, below the oldest running transaction. $1: county, $2: transaction, $3: ordinal.
SELECT json_build_object('changes', json_build_object(
    'entries', coalesce(json_agg(page.row ORDER BY page.place) FILTER (WHERE page.place <= 500), '[]'),
    'hasMore', count(*) > 500))::text
FROM (
    SELECT row_number() OVER (ORDER BY c.transaction_id, c.ordinal) AS place, json_build_object(
        'slice', c.slice, 'action', c.action, 'objectType', c.object_type, 'object', c.object_id,
        'household', c.household_id, 'region', coalesce(c.region_code, c.region_before), 'at', c.at_ms) AS row
    FROM (
        SELECT * FROM (
            SELECT * FROM change_record WHERE region_code / 1000000 = $1 AND (transaction_id, ordinal) > ($2, $3)
                AND transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM transaction_clock)
            ORDER BY transaction_id, ordinal LIMIT 501
        ) within
        UNION ALL
        SELECT * FROM (
            SELECT * FROM change_record WHERE region_before / 1000000 = $1 AND (region_code IS NULL OR region_code <> region_before)
                AND region_code / 1000000 IS DISTINCT FROM $1 AND (transaction_id, ordinal) > ($2, $3)
                AND transaction_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + added FROM transaction_clock)
            ORDER BY transaction_id, ordinal LIMIT 501
        ) gone
        ORDER BY transaction_id, ordinal LIMIT 501
    ) c
) page
