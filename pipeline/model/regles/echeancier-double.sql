-- Within one file `validate` already refuses it; this sees two files.
SELECT
    'echeancier' AS "table",
    livraison,
    ligne,
    'annee' AS champ,
    'Cette convention a déjà un montant pour cette année : les deux sont comptés ; retirer la ligne ou la livraison en trop.' AS message
FROM model.echeancier QUALIFY row_number() OVER (PARTITION BY convention, annee ORDER BY livraison, ligne) > 1
