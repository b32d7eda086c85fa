-- Applications and laureates by wave, region and declared class of territory: the cells from which what may be told is made. Applications
-- withdrawn or not decided are among those that are not retained.
CREATE TABLE evaluate.candidatures_comptees AS
SELECT vague, region, classe, count(*) AS candidatures, count(*) FILTER (decision = 'retenue') AS laureats
FROM model.candidatures GROUP BY vague, region, classe;

ALTER TABLE evaluate.candidatures_comptees ADD PRIMARY KEY (vague, region, classe);
