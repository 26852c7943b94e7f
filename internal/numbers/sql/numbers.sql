-- name: passage
-- Question 1: every moment of one neighbourhood.
SELECT slot, value, lo, hi, flag FROM measure JOIN zone USING (system, zone)
WHERE measure = 'people_present' AND system = 'iris' AND id = '990070101';

-- name: busiest
-- The hours that may be the busiest: their interval reaches the lower end of the highest figure's.
WITH hours AS (SELECT slot, value, lo, hi FROM measure JOIN zone USING (system, zone)
  WHERE measure = 'people_present' AND system = 'iris' AND id = '990070101' AND value IS NOT NULL AND flag NOT IN (2, 3))
SELECT slot, value, lo, hi FROM hours WHERE hi >= (SELECT max_by(lo, value) FROM hours) ORDER BY value DESC, slot;

-- name: present
-- Questions 1 and 15: every neighbourhood at eight on a weekday.
SELECT id, name, value, lo, hi, flag FROM measure JOIN zone USING (system, zone)
WHERE measure = 'people_present' AND system = 'iris' AND slot = 'weekday-08';

-- name: origins
-- Question 2: who comes to work in one commune from the others.
SELECT o.id, o.name, f.value FROM flow f JOIN zone o ON o.system = f.system AND o.zone = f.origin JOIN zone d ON d.system = f.system AND d.zone = f.destination
WHERE f.flow = 'commuters' AND f.system = 'commune' AND d.id = '99007' AND o.id <> d.id AND f.value IS NOT NULL ORDER BY f.value DESC;

-- name: changes
-- Question 9: the difference of two months by counter with its interval (MOVER, independent), and the verdict.
WITH pair AS (
  SELECT z.id, a.value av, a.lo alo, a.hi ahi, a.flag af, b.value bv, b.lo blo, b.hi bhi, b.flag bf
  FROM zone z JOIN measure a ON a.measure = 'bicycles_daily' AND a.system = z.system AND a.zone = z.zone AND a.slot = '2025-01'
  JOIN measure b ON b.measure = 'bicycles_daily' AND b.system = z.system AND b.zone = z.zone AND b.slot = '2025-12'
  WHERE z.system = 'compteur_velo'),
d AS (SELECT id, af, bf, bv - av AS difference, bv - av - sqrt((bv - blo) ** 2 + (ahi - av) ** 2) AS lo, bv - av + sqrt((bhi - bv) ** 2 + (av - alo) ** 2) AS hi FROM pair)
SELECT id, difference, lo, hi, CASE WHEN difference IS NULL OR af <> 0 OR bf <> 0 OR lo IS NULL THEN 'unknown' WHEN lo > 0 OR hi < 0 THEN 'change' ELSE 'noise' END AS verdict
FROM d ORDER BY id;

-- name: far
-- Questions 5 and 12: of three groups, who lives beyond a kilometre from a family of facilities, by commune: great-circle distance
-- between the middle of the square and the nearest facility; at least and at most with half the diagonal of a square.
WITH cell AS (SELECT zone, lon, lat FROM zone WHERE system = 'cell_200m'),
half AS (SELECT sqrt(round(area_m2) / 2) AS h FROM zone WHERE system = 'cell_200m' AND zone = 0),
spot AS (SELECT family, CAST(regexp_extract(t, '\((\S+) ', 1) AS DOUBLE) AS x, CAST(regexp_extract(t, ' (\S+)\)', 1) AS DOUBLE) AS y
  FROM (SELECT family, CAST(geometry AS VARCHAR) AS t FROM read_parquet(getvariable('facilities')))),
near AS (SELECT zone, family, min(2 * 6371009 * asin(sqrt(sin(radians(y - lat) / 2) ** 2 + cos(radians(lat)) * cos(radians(y)) * sin(radians(x - lon) / 2) ** 2))) AS m
  FROM cell, spot WHERE family IN ('B', 'D') GROUP BY zone, family)
SELECT m.measure, near.family, c.id,
  sum(CASE WHEN near.m > 1000 THEN m.value ELSE 0 END) AS far, sum(CASE WHEN near.m > 1000 + h THEN m.value ELSE 0 END) AS least,
  sum(CASE WHEN near.m > 1000 - h THEN m.value ELSE 0 END) AS most, sum(m.value) AS whole
FROM measure m JOIN near USING (zone) JOIN half ON true JOIN zone_parent p ON p.system = m.system AND p.zone = m.zone AND p.parent_system = 'commune'
  JOIN zone c ON c.system = 'commune' AND c.zone = p.parent
WHERE m.system = 'cell_200m' AND m.slot = 'all' AND m.measure IN ('residents', 'aged_80', 'aged_65_79') AND m.value IS NOT NULL AND m.flag NOT IN (2, 3)
GROUP BY ALL ORDER BY ALL;
