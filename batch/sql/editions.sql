-- name: Digests
-- Grain: one value of the key. The digests are the first 64 bits of MD5; what is null is not what is empty. Rows that share a key (a
-- commune that was split) count as one, in whatever order they come.
SELECT key, bit_xor("row") AS "row"
FROM (
    SELECT CAST('0x' || left(md5(CAST(:key: AS VARCHAR)), 16) AS UBIGINT) AS key,
           CAST('0x' || left(md5(concat_ws(chr(31), :columns:)), 16) AS UBIGINT) AS "row"
    FROM :table:
    WHERE :key: IS NOT NULL
)
GROUP BY key
ORDER BY key;

-- name: Tables
-- Tables and views of a name.
SELECT (SELECT count(*) FROM duckdb_tables() WHERE table_name = $1) + (SELECT count(*) FROM duckdb_views() WHERE view_name = $1);
