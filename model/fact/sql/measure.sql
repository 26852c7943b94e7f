-- name: Interval
-- 95 % interval of a mean over n days: mean ± 1.96 s/√n, none for a single day, and not below 0 where no day was.
CREATE OR REPLACE TEMP MACRO mean_lo(mean, s, n, least) AS
    CASE WHEN n > 1 AND least >= 0 THEN greatest(mean - 1.96 * s / sqrt(n), 0) WHEN n > 1 THEN mean - 1.96 * s / sqrt(n) END;
CREATE OR REPLACE TEMP MACRO mean_hi(mean, s, n) AS CASE WHEN n > 1 THEN mean + 1.96 * s / sqrt(n) END;

-- name: Calendar
-- Grain: one local date. day_type is weekday, saturday or sunday; a public holiday counts as a Sunday.
CREATE OR REPLACE TABLE calendar (date DATE PRIMARY KEY, day_type VARCHAR NOT NULL);

-- name: CalendarSpan
SELECT min(CAST(:local: AS DATE)), max(CAST(:local: AS DATE)) FROM :table: WHERE :time: IS NOT NULL;

-- name: Row
-- Grain: one source row that a measure counts, in its zone. value is NULL where the cell was empty or bore a secrecy mark.
CREATE OR REPLACE TEMP TABLE fact_row AS
SELECT z.zone, :time: AS instant, :value: AS value, :held: AS held, :estimated: AS estimated
FROM :table: AS t :join:;

-- name: Unplaced
-- Rows that a measure does not count because their zone is not in the system.
SELECT (SELECT count(*) FROM :table:) - (SELECT count(*) FROM fact_row);

-- name: Still
-- Grain: one zone; figures without time.
CREATE OR REPLACE TABLE figure AS
SELECT 'all' AS slot, zone, :aggregate: AS value, NULL::DOUBLE AS lo, NULL::DOUBLE AS hi,
       bool_or(held) AS held, bool_or(estimated) AS estimated, false AS partial
FROM fact_row GROUP BY zone HAVING count(value) > 0 OR bool_or(held);

-- name: Slotted
-- Grain: zone × slot; the producer wrote the slot itself (a text column).
CREATE OR REPLACE TABLE figure AS
SELECT instant AS slot, zone, :aggregate: AS value, NULL::DOUBLE AS lo, NULL::DOUBLE AS hi,
       bool_or(held) AS held, bool_or(estimated) AS estimated, false AS partial
FROM fact_row WHERE instant IS NOT NULL GROUP BY instant, zone HAVING count(value) > 0 OR bool_or(held);

-- name: Moment
-- Grain: zone × moment (an hour that happened, or a date), where every row has its number: a counter of which one
-- direction failed measured nothing. The hour that the clocks show twice is two moments.
CREATE OR REPLACE TEMP TABLE moment AS
SELECT zone, instant, CAST(local AS DATE) AS date, hour(local) AS hour, :aggregate: AS value, bool_or(estimated) AS estimated
FROM (SELECT *, :moment: AS local FROM fact_row WHERE instant IS NOT NULL)
GROUP BY zone, instant, date, hour HAVING count(value) = count(*);

-- name: Day
-- Grain: zone × date; whole is false when a moment of that date, seen by any zone, is missing.
CREATE OR REPLACE TEMP TABLE day AS
SELECT zone, date, sum(value) AS value, bool_or(estimated) AS estimated, count(*) >= any_value(expected) AS whole
FROM moment JOIN (SELECT date, count(DISTINCT instant) AS expected FROM moment GROUP BY date) USING (date)
GROUP BY zone, date;

-- name: Hourly
-- Grain: zone × day type × hour. value: an average hour, in units per hour; lo, hi: 95 % interval of that mean over days;
-- partial: measured on less than half of the days of the period.
CREATE OR REPLACE TABLE figure AS
WITH period AS (
    SELECT day_type, count(*) AS days FROM calendar
    WHERE date BETWEEN (SELECT min(date) FROM moment) AND (SELECT max(date) FROM moment) GROUP BY day_type
)
SELECT day_type || '-' || printf('%02d', hour) AS slot, zone, avg(value) AS value,
       mean_lo(avg(value), stddev_samp(value), count(*), min(value)) AS lo,
       mean_hi(avg(value), stddev_samp(value), count(*)) AS hi,
       false AS held, bool_or(estimated) AS estimated, count(*) * 2 < any_value(days) AS partial
FROM moment JOIN calendar USING (date) JOIN period USING (day_type)
GROUP BY day_type, hour, zone;

-- name: DayTyped
-- Grain: zone × day type. value: the average whole day; lo, hi, partial as by hour.
CREATE OR REPLACE TABLE figure AS
WITH period AS (
    SELECT day_type, count(*) AS days FROM calendar
    WHERE date BETWEEN (SELECT min(date) FROM day) AND (SELECT max(date) FROM day) GROUP BY day_type
)
SELECT day_type AS slot, zone, avg(value) AS value,
       mean_lo(avg(value), stddev_samp(value), count(*), min(value)) AS lo,
       mean_hi(avg(value), stddev_samp(value), count(*)) AS hi,
       false AS held, bool_or(estimated) AS estimated, count(*) * 2 < any_value(days) AS partial
FROM day JOIN calendar USING (date) JOIN period USING (day_type)
WHERE whole
GROUP BY day_type, zone;

-- name: Daily
-- Grain: zone × date. value: the day's total; partial: an hour is missing.
CREATE OR REPLACE TABLE figure AS
SELECT strftime(date, '%Y-%m-%d') AS slot, zone, value, NULL::DOUBLE AS lo, NULL::DOUBLE AS hi,
       false AS held, estimated, NOT whole AS partial
FROM day;

-- name: Monthly
-- Grain: zone × month. value: the average whole day; lo, hi: 95 % interval of that mean; partial: less than half of the
-- month's days were measured whole.
CREATE OR REPLACE TABLE figure AS
SELECT strftime(date, '%Y-%m') AS slot, zone, avg(value) AS value,
       mean_lo(avg(value), stddev_samp(value), count(*), min(value)) AS lo,
       mean_hi(avg(value), stddev_samp(value), count(*)) AS hi,
       false AS held, bool_or(estimated) AS estimated, count(*) * 2 < day(last_day(any_value(date))) AS partial
FROM day WHERE whole GROUP BY slot, zone;

-- name: Overall
-- Grain: zone. value: the average whole day of the period; lo, hi and partial as by month.
CREATE OR REPLACE TABLE figure AS
SELECT 'all' AS slot, zone, avg(value) AS value,
       mean_lo(avg(value), stddev_samp(value), count(*), min(value)) AS lo,
       mean_hi(avg(value), stddev_samp(value), count(*)) AS hi,
       false AS held, bool_or(estimated) AS estimated,
       count(*) * 2 < (SELECT date_diff('day', min(date), max(date)) + 1 FROM day) AS partial
FROM day WHERE whole GROUP BY zone;

-- name: Figures
SELECT slot, zone, value, lo, hi, held, estimated, partial FROM figure ORDER BY slot, zone;

-- name: CreateMeasure
-- Grain: measure × zone system × slot × zone; only figures that exist. flag as in model.Flag.
CREATE TABLE measure (
    measure VARCHAR NOT NULL, system VARCHAR NOT NULL, slot VARCHAR NOT NULL, zone INTEGER NOT NULL,
    value DOUBLE, lo DOUBLE, hi DOUBLE, flag UTINYINT NOT NULL
);

-- name: CreateFlow
-- Grain: flow × zone system × slot × origin × destination. 4294967295 is outside the system.
CREATE TABLE flow (
    flow VARCHAR NOT NULL, system VARCHAR NOT NULL, slot VARCHAR NOT NULL, origin UINTEGER NOT NULL, destination UINTEGER NOT NULL,
    value DOUBLE, lo DOUBLE, hi DOUBLE, flag UTINYINT NOT NULL
);

-- name: InsertFlow
INSERT INTO flow
SELECT ?, ?, 'all', coalesce(o.zone, 4294967295)::UINTEGER, coalesce(d.zone, 4294967295)::UINTEGER,
       :value:, NULL, NULL, CASE WHEN bool_and(:held:) THEN 2 WHEN bool_or(:held:) THEN 4 ELSE 0 END
FROM :table: AS t
LEFT JOIN zone AS o ON o.system = :system: AND o.id = CAST(t.:origin: AS VARCHAR)
LEFT JOIN zone AS d ON d.system = :system: AND d.id = CAST(t.:destination: AS VARCHAR)
WHERE o.zone IS NOT NULL OR d.zone IS NOT NULL
GROUP BY ALL
ORDER BY ALL;

-- name: Flows
SELECT origin, destination, value, lo, hi, flag FROM flow WHERE flow = ? AND system = ? ORDER BY origin, destination;
