-- name: NumberProfile
SELECT count(:column:) / greatest(count(*), 1), coalesce(quantile_cont(:column:, 0.1)::DOUBLE, 0), coalesce(quantile_cont(:column:, 0.5)::DOUBLE, 0),
       coalesce(quantile_cont(:column:, 0.9)::DOUBLE, 0), coalesce(avg(:column:)::DOUBLE, 0)
FROM :table:;

-- name: FilledProfile
SELECT count(:column:) / greatest(count(*), 1) FROM :table:;

-- name: DayProfile
-- Grain: one local date on which something was seen.
CREATE OR REPLACE TEMP TABLE profile_day AS SELECT DISTINCT CAST(:local: AS DATE) AS day FROM :table: WHERE :time: IS NOT NULL;

-- name: DaySpan
SELECT coalesce(CAST(min(day) AS VARCHAR), ''), coalesce(CAST(max(day) AS VARCHAR), '') FROM profile_day;

-- name: MissingDays
-- A file of single years or of months is not daily: what misses more days than it has says nothing.
SELECT CAST(day AS VARCHAR) FROM (
    SELECT CAST(unnest(range(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day FROM profile_day HAVING max(day) - min(day) < 2 * count(*)
) WHERE day NOT IN (SELECT day FROM profile_day) ORDER BY day DESC LIMIT 60;

-- name: SilentPlaces
-- Places without a row on the last three days of the file.
SELECT CAST(:place: AS VARCHAR) FROM :table: WHERE :place: IS NOT NULL AND :time: IS NOT NULL
GROUP BY :place: HAVING max(CAST(:local: AS DATE)) < (SELECT max(day) FROM profile_day) - 2 ORDER BY 1 LIMIT 200;

-- name: StuckPlaces
-- Places of which the last 24 values are one, and not 0, or the last 168 are 0, and which have twice as many.
SELECT CAST(place AS VARCHAR) FROM (
    SELECT :place: AS place, :value: AS v, row_number() OVER (PARTITION BY :place: ORDER BY :time: DESC) AS nth, count(*) OVER (PARTITION BY :place:) AS n
    FROM :table: WHERE :place: IS NOT NULL AND :time: IS NOT NULL AND :value: IS NOT NULL
) WHERE nth <= 168 GROUP BY place
HAVING max(n) >= 48 AND min(v) FILTER (WHERE nth <= 24) = max(v) FILTER (WHERE nth <= 24) AND min(v) FILTER (WHERE nth <= 24) <> 0
    OR max(n) >= 336 AND min(v) = 0 AND max(v) = 0
ORDER BY 1 LIMIT 200;

-- name: ShapeSample
SELECT ST_AsWKB(geometry) FROM :table: WHERE geometry IS NOT NULL AND _row % ? = 0;
