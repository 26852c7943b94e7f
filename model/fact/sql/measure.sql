-- name: Macros
-- A sum that does not depend on the order of its rows: each is rounded to a millionth and added as a whole number.
CREATE OR REPLACE TEMP MACRO exact_sum(x) AS sum(CAST(round(x * 1000000) AS HUGEINT))::DOUBLE / 1000000;

-- 95 % interval of a mean over n days: mean ± 1.96 s/√n, none for a single day, and not below 0 where no day was.
CREATE OR REPLACE TEMP MACRO mean_lo(mean, s, n, least) AS
    CASE WHEN n > 1 AND least >= 0 THEN greatest(mean - 1.96 * s / sqrt(n), 0) WHEN n > 1 THEN mean - 1.96 * s / sqrt(n) END;
CREATE OR REPLACE TEMP MACRO mean_hi(mean, s, n) AS CASE WHEN n > 1 THEN mean + 1.96 * s / sqrt(n) END;

-- name: Calendar
-- Grain: one local date. day_type is weekday, saturday or sunday; a public holiday counts as a Sunday. hours are 23, 24 or 25.
CREATE OR REPLACE TABLE calendar (date DATE PRIMARY KEY, day_type VARCHAR NOT NULL, hours INTEGER NOT NULL);

-- name: CalendarSpan
SELECT min(CAST(:local: AS DATE)), max(CAST(:local: AS DATE)) FROM :table: WHERE :time: IS NOT NULL;

-- name: Row
-- Grain: one source row that a measure counts, in its zone. value is NULL where the cell was empty or bore a secrecy mark.
CREATE OR REPLACE TABLE fact_row AS
SELECT z.zone, :time: AS instant, :value: AS value, :held: AS held, :estimated: AS estimated
FROM :table: AS t :join:;

-- name: RowColumns
-- Those of the same table, where the zone is found by the row's geometry.
:time: AS instant, :value: AS value, :held: AS held, :estimated: AS estimated

-- name: Account
-- Rows of the source, those whose zone is not in the system, and those of a zone that lack their time (timed measures).
SELECT source.n, source.n - placed.n, CASE WHEN :timed: THEN placed.untimed ELSE 0 END
FROM (SELECT count(*) AS n FROM :table:) AS source,
     (SELECT count(*) AS n, count(*) FILTER (WHERE instant IS NULL) AS untimed FROM fact_row) AS placed;

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
-- Grain: zone × moment (an hour that happened, or a date). value is there when every row has its number: a counter of which
-- one direction failed measured nothing. A moment with a secrecy mark is held, and has no value. The hour that the clocks
-- show twice is two moments.
CREATE OR REPLACE TEMP TABLE moment AS
SELECT zone, instant, CAST(local AS DATE) AS date, hour(local) AS hour,
       CASE WHEN count(value) = count(*) THEN :aggregate: END AS value, bool_or(held) AS held, bool_or(estimated) AS estimated
FROM (SELECT *, :moment: AS local FROM fact_row WHERE instant IS NOT NULL)
GROUP BY zone, instant, date, hour HAVING count(value) = count(*) OR bool_or(held);

-- name: Day
-- Grain: zone × date. whole is false when the date has fewer moments than any zone saw of it, or than the usual day of the
-- source has (the most frequent number), less the hour that the clocks skip: a lone counter that failed shows no other way.
CREATE OR REPLACE TEMP TABLE day AS
WITH seen AS (SELECT date, count(DISTINCT instant) AS moments FROM moment GROUP BY date),
     usual AS (
        SELECT moments FROM (SELECT count(*) AS moments FROM moment GROUP BY zone, date)
        GROUP BY moments ORDER BY count(*) DESC, moments DESC LIMIT 1
     )
SELECT zone, date, :day: AS value, bool_or(held) AS held, bool_or(estimated) AS estimated,
       count(value) >= greatest(any_value(seen.moments), any_value(usual.moments) - greatest(24 - any_value(hours), 0)) AS whole
FROM moment JOIN seen USING (date) JOIN calendar USING (date) CROSS JOIN usual
GROUP BY zone, date;

-- name: CountedDay
-- Grain: zone × date, of measures that count rows: an hour without rows is zero, so that every day is whole.
CREATE OR REPLACE TEMP TABLE day AS
SELECT zone, date, :day: AS value, bool_or(held) AS held, bool_or(estimated) AS estimated, true AS whole
FROM moment GROUP BY zone, date;

-- name: Period
-- Grain: one date from the first to the last that any zone has.
CREATE OR REPLACE TEMP TABLE period AS
SELECT date, day_type FROM calendar
WHERE date BETWEEN (SELECT min(date) FROM moment) AND (SELECT max(date) FROM moment);

-- name: Hourly
-- Grain: zone × moment; slots are day type and hour. days: how many the slot has in the period; stands: how many it stands for.
SELECT day_type || '-' || printf('%02d', hour) AS slot, zone, value, held, estimated, days, days AS stands
FROM moment JOIN calendar USING (date) JOIN (SELECT day_type, count(*) AS days FROM period GROUP BY day_type) USING (day_type)

-- name: DayTyped
-- Grain: zone × date, with a value where the day is whole; slots are day types.
SELECT day_type AS slot, zone, CASE WHEN whole THEN value END AS value, held, estimated AND whole AS estimated, days, days AS stands
FROM day JOIN calendar USING (date) JOIN (SELECT day_type, count(*) AS days FROM period GROUP BY day_type) USING (day_type)

-- name: Monthly
-- Grain: zone × date, with a value where the day is whole; slots are months.
SELECT strftime(date, '%Y-%m') AS slot, zone, CASE WHEN whole THEN value END AS value, held, estimated AND whole AS estimated, days,
       day(last_day(date)) AS stands
FROM day JOIN (SELECT date_trunc('month', date) AS month, count(*) AS days FROM period GROUP BY month) ON month = date_trunc('month', date)

-- name: Overall
-- Grain: zone × date, with a value where the day is whole; one slot.
SELECT 'all' AS slot, zone, CASE WHEN whole THEN value END AS value, held, estimated AND whole AS estimated, days, days AS stands
FROM day CROSS JOIN (SELECT count(*) AS days FROM period)

-- name: Means
-- Grain: zone × slot. value: the mean of what was observed; lo, hi: 95 % interval of that mean over days; partial: measured on
-- less than half of the days that the slot stands for.
CREATE OR REPLACE TABLE figure AS
SELECT slot, zone, mean AS value, mean_lo(mean, s, n, least) AS lo, mean_hi(mean, s, n) AS hi, held, estimated, n * 2 < stands AS partial
FROM (
    SELECT slot, zone, :n: AS n, exact_sum(value) / :n: AS mean, :deviation: AS s, :least: AS least,
           bool_or(held) AS held, bool_or(estimated) AS estimated, any_value(stands) AS stands
    FROM (:observed:) GROUP BY slot, zone HAVING count(value) > 0 OR bool_or(held)
);

-- name: Daily
-- Grain: zone × date. value: the day's total, or its mean; partial: an hour is missing.
CREATE OR REPLACE TABLE figure AS
SELECT strftime(date, '%Y-%m-%d') AS slot, zone, value, NULL::DOUBLE AS lo, NULL::DOUBLE AS hi, held, estimated, NOT whole AS partial
FROM day;

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

-- name: FlowRow
-- Grain: one source row of a flow. An end that has an id which no zone bears is outside; an end without id is not known.
CREATE OR REPLACE TEMP TABLE flow_row AS
SELECT o.zone AS origin, d.zone AS destination, t.:origin: IS NULL OR t.:destination: IS NULL AS unknown, :value: AS value, :held: AS held,
       :estimated: AS estimated
FROM :table: AS t
LEFT JOIN zone AS o ON o.system = :system: AND o.id = CAST(t.:origin: AS VARCHAR)
LEFT JOIN zone AS d ON d.system = :system: AND d.id = CAST(t.:destination: AS VARCHAR);

-- name: FlowAccount
SELECT count(*), count(*) FILTER (WHERE unknown), count(*) FILTER (WHERE NOT unknown AND origin IS NULL AND destination IS NULL) FROM flow_row;

-- name: InsertFlow
-- flag: 1 estimated, 2 not published, 3 no data, 4 partial: some rows of the pair bear a secrecy mark.
INSERT INTO flow
SELECT ?, ?, 'all', coalesce(origin, 4294967295)::UINTEGER, coalesce(destination, 4294967295)::UINTEGER, exact_sum(value), NULL, NULL,
       CASE WHEN count(value) = 0 AND bool_or(held) THEN 2 WHEN count(value) = 0 THEN 3 WHEN bool_or(held) THEN 4 WHEN bool_or(estimated) THEN 1 ELSE 0 END
FROM flow_row
WHERE NOT unknown AND (origin IS NOT NULL OR destination IS NOT NULL)
GROUP BY origin, destination
ORDER BY ALL;

-- name: Flows
SELECT origin, destination, value, lo, hi, flag FROM flow WHERE flow = ? AND system = ? ORDER BY origin, destination;
