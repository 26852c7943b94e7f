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
