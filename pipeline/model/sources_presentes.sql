-- A table has a source when a delivery of it could be read, even if none of its lines was accepted. What has none is « non
-- disponible » or « non évaluée », never zero.
CREATE TABLE model.sources_presentes AS
SELECT DISTINCT "table" FROM livre.livraisons WHERE etat <> 'refusée';
