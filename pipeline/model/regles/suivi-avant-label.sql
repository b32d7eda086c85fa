-- Judged only where every award of the place has its date: the earliest is then known.
WITH labels AS (
    SELECT lieu, min(date_annonce) AS premier FROM model.attributions
    WHERE lieu IS NOT NULL GROUP BY lieu HAVING count(*) = count(date_annonce)
)
SELECT
    'suivi' AS "table",
    s.livraison,
    s.ligne,
    'annee' AS champ,
    'Cette année précède le premier label du lieu : vérifier l''année, l''identifiant du lieu et la date d''annonce.' AS message
FROM model.suivi AS s JOIN labels AS l USING (lieu) WHERE s.annee < year(l.premier)
