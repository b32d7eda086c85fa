-- An application, reduced to what its count needs: nothing here says who applied, where exactly, for how much or why it was refused.
-- Its region is the one of its commune or département, or the one that it declares, by its official name; its class of territory is the
-- declared one. What cannot be told is « indéterminée », and counted so.
CREATE TABLE model.candidatures AS
SELECT
    v.vague,
    coalesce(r.nom, 'indéterminée') AS region,
    coalesce(c.territoire, 'indéterminée') AS classe,
    c.decision,
    livraison,
    ligne
FROM livre.candidatures AS c
JOIN travail.vagues_citees AS v ON v.cite = c.vague
JOIN travail.localites AS l USING (livraison, ligne)
LEFT JOIN reference.regions AS r ON r.code = l.code_region;

ALTER TABLE model.candidatures ADD PRIMARY KEY (livraison, ligne);
