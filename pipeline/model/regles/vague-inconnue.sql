-- Such a line is kept, and under embargo: the programme does not say when its wave may be shown.
WITH citations AS (
    SELECT 'resultats' AS "table", livraison, ligne, au_programme FROM livre.resultats AS r JOIN travail.vagues_citees AS c ON c.cite = r.vague
    UNION ALL
    SELECT 'candidatures', livraison, ligne, au_programme FROM livre.candidatures AS r JOIN travail.vagues_citees AS c ON c.cite = r.vague
    UNION ALL
    SELECT 'conventions', livraison, ligne, au_programme FROM livre.conventions AS r JOIN travail.vagues_citees AS c ON c.cite = r.vague
    UNION ALL
    SELECT 'vagues', livraison, ligne, au_programme FROM travail.vagues_livrees
)
SELECT
    "table", livraison, ligne, 'vague' AS champ,
    'Cette vague n''est pas au programme : corriger le libellé, ou ajouter la vague à programme.toml. D''ici là, rien n''en est publié.' AS message
FROM citations WHERE NOT au_programme
