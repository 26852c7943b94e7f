-- name: CreateZone
-- Grain: one zone of a system; zone counts from 0 in the order of ids, and is the index in every frame.
CREATE TABLE zone (
    system VARCHAR NOT NULL, zone INTEGER NOT NULL, id VARCHAR NOT NULL, name VARCHAR NOT NULL,
    lon DOUBLE NOT NULL, lat DOUBLE NOT NULL, -- a point inside, degrees
    area_m2 DOUBLE NOT NULL,                  -- in EPSG:3035; 0 for points
    geometry GEOMETRY('OGC:CRS84')
);
CREATE TABLE zone_parent (
    system VARCHAR NOT NULL, zone INTEGER NOT NULL, parent_system VARCHAR NOT NULL, parent INTEGER NOT NULL
);

-- Grain: two zones with ground in common; the shares of a covered fine zone add up to 1.
CREATE TABLE zone_overlap (
    system VARCHAR NOT NULL, zone INTEGER NOT NULL, coarse_system VARCHAR NOT NULL, coarse INTEGER NOT NULL,
    share_of_zone DOUBLE NOT NULL, share_of_coarse DOUBLE NOT NULL
);

-- name: ZoneFeatures
SELECT CAST(:id: AS VARCHAR) AS id, coalesce(CAST(:name: AS VARCHAR), '') AS name, ST_AsWKB(geometry) AS geometry
FROM :table: WHERE :id: IS NOT NULL AND geometry IS NOT NULL ORDER BY _row;

-- name: ZoneMembers
SELECT CAST(:id: AS VARCHAR) AS id, coalesce(CAST(:name: AS VARCHAR), '') AS name, CAST(:member: AS VARCHAR) AS member
FROM :table: WHERE :id: IS NOT NULL AND :member: IS NOT NULL ORDER BY _row;

-- name: CellIDs
SELECT DISTINCT CAST(:id: AS VARCHAR) FROM :table: WHERE :id: IS NOT NULL;

-- name: Shapes
SELECT _row, ST_AsWKB(geometry) AS geometry FROM :table: WHERE geometry IS NOT NULL;

-- name: Places
-- Where the things lie that rows about people refer to.
SELECT CAST(:id: AS VARCHAR) AS id, ST_AsWKB(geometry) AS geometry FROM :table: WHERE :id: IS NOT NULL AND geometry IS NOT NULL;

-- name: SourceLayer
-- The features of a source layer whose row numbers lie in a range, in the order of the source, as they were inserted. key is the
-- tile feature id, from 1; id is the declared id, or the key as text.
SELECT CAST(:id: AS VARCHAR) AS id, CAST(_row + 1 AS UBIGINT) AS key, ST_AsWKB(geometry) AS geometry:properties:
FROM :table: WHERE geometry IS NOT NULL AND _row >= ? AND _row < ?;

-- name: Searchable
-- The features of a source layer by which they are searched for: name, house number, and shape.
SELECT CAST(:id: AS VARCHAR), :name:, :number:, ST_AsWKB(geometry) FROM :table: WHERE geometry IS NOT NULL ORDER BY _row;

-- name: RowsEnd
-- The number after the last row's.
SELECT coalesce(max(_row) + 1, 0) FROM :table:;

-- name: ZoneLayer
-- The zones of a system. key is the index in frames plus one.
SELECT z.id, CAST(z.zone + 1 AS UBIGINT) AS key, ST_AsWKB(z.geometry) AS geometry, z.name:properties:
FROM zone AS z :join: WHERE z.system = :system: ORDER BY z.zone;

-- name: WriteSourceParquet
-- In the order of the source, as they were inserted. The rows of a group are held in memory.
COPY (SELECT CAST(:id: AS VARCHAR) AS id:columns:, geometry FROM :table: WHERE geometry IS NOT NULL)
TO :path: (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 40960);

-- name: WriteZoneParquet
COPY (SELECT z.id, z.name, z.area_m2:columns:, z.geometry FROM zone AS z :join: WHERE z.system = :system: ORDER BY z.zone)
TO :path: (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 40960);

-- name: Digest
-- A digest of a table that does not depend on the order of its rows.
SELECT count(*) || ':' || coalesce(CAST(sum(hash(t)::HUGEINT) AS VARCHAR), '') FROM :table: AS t;
