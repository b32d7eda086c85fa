-- Fabriques and Manufactures are never counted together: such an award counts among the Manufactures, in a wave that is not theirs.
SELECT
    'resultats' AS "table",
    a.livraison,
    a.ligne,
    'categorie' AS champ,
    'Cette catégorie et cette vague sont de deux dispositifs différents : corriger l''une ou l''autre.' AS message
FROM model.attributions AS a
JOIN programme.categories AS c ON c.categorie = a.categorie
JOIN programme.vagues AS v ON v.vague = a.vague
WHERE c.dispositif <> v.dispositif
