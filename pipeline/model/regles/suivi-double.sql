-- Within one file `validate` already refuses it; this sees two files, and two ids of one place.
SELECT
    'suivi' AS "table",
    livraison,
    ligne,
    'annee' AS champ,
    'Ce lieu a déjà un suivi pour cette année, seul retenu : réunir les deux, ou corriger l''année.' AS message
FROM model.suivi WHERE occurrence > 1
