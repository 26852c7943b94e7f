-- name: CreateReject
-- Grain: one row of a source that broke its contract.
CREATE TABLE reject (
    source VARCHAR NOT NULL,
    file   VARCHAR NOT NULL,
    line   BIGINT  NOT NULL, -- line of a text file, record number of a binary one; from 1
    code   VARCHAR NOT NULL,
    "column" VARCHAR NOT NULL, -- '' when the rule is about the whole row
    reason VARCHAR NOT NULL
);

-- name: CreateSourceFile
-- Grain: one file of a source; _file of a source's table counts from 0.
CREATE TABLE source_file (source VARCHAR NOT NULL, file INTEGER NOT NULL, name VARCHAR NOT NULL);

-- name: InsertSourceFile
INSERT INTO source_file VALUES (?, ?, ?);

-- name: Duplicates
-- Rows after the first of each value of a unique column.
CREATE OR REPLACE TEMP TABLE broken AS
SELECT _row, _file, _line, 'the value stands already on line ' || first_line AS reason
FROM (
    SELECT _row, _file, _line, row_number() OVER same AS nth, first_value(_line) OVER same AS first_line
    FROM :table:
    WHERE :column: IS NOT NULL
    WINDOW same AS (PARTITION BY :column: ORDER BY _row)
)
WHERE nth > 1;

-- name: Unknown
-- Rows whose value is not in the column that they refer to.
CREATE OR REPLACE TEMP TABLE broken AS
SELECT _row, _file, _line, CAST(:column: AS VARCHAR) || ' is not in ' || :target_text: AS reason
FROM :table: AS t
WHERE :column: IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM :target: AS o WHERE CAST(o.:target_column: AS VARCHAR) = CAST(t.:column: AS VARCHAR));

-- name: Reject
INSERT INTO reject
SELECT ?, f.name, _line, ?, ?, reason
FROM broken JOIN source_file AS f ON f.source = ? AND f.file = _file
ORDER BY _row;

-- name: Remove
DELETE FROM :table: WHERE _row IN (SELECT _row FROM broken);

-- name: NotFound
-- Rows that do not belong to the territory: the value is not in the named column.
DELETE FROM :table: AS t
WHERE :column: IS NULL
   OR NOT EXISTS (SELECT 1 FROM :target: AS o WHERE CAST(o.:target_column: AS VARCHAR) = CAST(t.:column: AS VARCHAR));

-- name: Outside
-- Rows that do not belong to the territory: the feature touches no zone of the system.
DELETE FROM :table: WHERE _row NOT IN (SELECT _row FROM :assigned: WHERE zone IS NOT NULL);

-- name: Values
-- The values that rows about people may refer to, or that make them the territory's.
SELECT DISTINCT CAST(:column: AS VARCHAR) FROM :table: WHERE :column: IS NOT NULL;

-- name: CreatePassage
-- Grain: code of a commune × its part in the territory's vintage; the shares of a code add up to 1.
CREATE OR REPLACE TEMP TABLE passage (before VARCHAR NOT NULL, after VARCHAR NOT NULL, share DOUBLE NOT NULL, even BOOLEAN NOT NULL);

-- name: InsertPassage
INSERT INTO passage VALUES (?, ?, ?, ?);

-- name: Movements
SELECT CAST(date AS DATE), CAST(before AS VARCHAR), CAST(after AS VARCHAR) FROM :table: WHERE date IS NOT NULL AND before IS NOT NULL AND after IS NOT NULL ORDER BY ALL;

-- name: Population
SELECT CAST(:place: AS VARCHAR), sum(:value:)::DOUBLE FROM :table: WHERE :place: IS NOT NULL AND :value: IS NOT NULL GROUP BY 1;

-- name: Passed
-- _share: how much of the row of the file this row is; _estimated: it is a share of a commune that was split.
ALTER TABLE :table: ADD COLUMN _share DOUBLE DEFAULT 1;

-- name: Estimates
ALTER TABLE :table: ADD COLUMN _estimated BOOLEAN DEFAULT false;

-- name: Pass
-- Every row becomes its parts; what is not in the passage stays. A value that bears a secrecy mark is NULL, and so are its parts.
CREATE OR REPLACE TABLE :table: AS
SELECT t.* REPLACE (coalesce(p.after, t.:column:) AS :column:, t._share * coalesce(p.share, 1) AS _share,
                    t._estimated OR coalesce(p.share < 1, false) AS _estimated :values:)
FROM :table: AS t LEFT JOIN passage AS p ON p.before = t.:column:
ORDER BY t._row, p.after;

-- name: EvenParts
SELECT coalesce(string_agg(DISTINCT p.before, ', ' ORDER BY p.before), '') FROM :table: AS t JOIN passage AS p ON p.before = t.:column: WHERE p.even;
