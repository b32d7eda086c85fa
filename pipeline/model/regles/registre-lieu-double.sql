-- Within one file `validate` already refuses it; this sees two files.
SELECT
    'lieux' AS "table",
    livraison,
    ligne,
    'lieu' AS champ,
    'Cet identifiant de lieu est déjà pris par une ligne précédente, seule retenue : en donner un autre.' AS message
FROM livre.lieux QUALIFY row_number() OVER (PARTITION BY lieu ORDER BY livraison, ligne) > 1
