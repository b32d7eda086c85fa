-- A place is never guessed: a line that the registry does not recognise keeps its award, without a place.
SELECT
    'resultats' AS "table",
    livraison,
    ligne,
    if(voie = 'identifiant', 'lieu', 'nom_lieu') AS champ,
    CASE voie
        WHEN 'identifiant' THEN 'Cet identifiant de lieu n''est pas au registre : le corriger, ou inscrire le lieu.'
        WHEN 'ambigu' THEN 'Plusieurs lieux du registre portent cette désignation : leur donner des rangs, ou l''identifiant sur la ligne.'
        ELSE 'Aucun lieu du registre n''a cette désignation : inscrire le lieu, ou un nom antérieur, ou l''identifiant sur la ligne.'
    END AS message
FROM travail.placements WHERE lieu IS NULL
