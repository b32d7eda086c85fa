SELECT
    "table",
    livraison,
    ligne,
    'commune' AS champ,
    'Commune non trouvée avec ce département au Code officiel géographique : vérifier l''écriture et le département, ou donner le code.' AS message
FROM travail.localites WHERE introuvable
