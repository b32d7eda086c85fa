-- The delivery is kept as it is; the programme's dates have their sources, so one of the two is to be reviewed.
WITH comparees AS (
    SELECT l.livraison, l.ligne, l.date_annonce, l.date_limite_depot, p.date_annonce AS annonce, p.date_cloture, p.date_cloture_2
    FROM travail.vagues_livrees AS l JOIN programme.vagues AS p USING (vague)
)
SELECT
    'vagues' AS "table", livraison, ligne, 'date_annonce' AS champ,
    'Date d''annonce différente de celle du programme : vérifier les sources, corriger celle qui se trompe.' AS message
FROM comparees WHERE date_annonce <> annonce
UNION ALL
SELECT
    'vagues', livraison, ligne, 'date_limite_depot',
    'Date de clôture différente de celles du programme : vérifier les sources, corriger celle qui se trompe.'
FROM comparees WHERE date_limite_depot <> date_cloture AND date_limite_depot IS DISTINCT FROM date_cloture_2
