-- The census as published, with one thing it does not say: whether its commune still is in the official code. The delivered code is
-- never changed: 2019 had communes that have merged since.
CREATE TABLE model.recensement AS
SELECT
    r.* EXCLUDE (livraison, ligne),
    CASE WHEN r.INSEECOM IS NOT NULL THEN c.code IS NOT NULL END AS commune_cog,
    r.livraison,
    r.ligne
FROM livre.recensement AS r LEFT JOIN travail.communes_en_vigueur AS c ON c.code = r.INSEECOM;
