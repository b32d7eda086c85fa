-- In one entry both lines stay; in two, the one that content puts last: nothing says which is right.
SELECT
    "table",
    livraison,
    ligne,
    champ,
    format('Plusieurs corrections du même jour portent cette clé ({}) : n''en garder qu''une, ou leur donner des dates différentes.', cle)
        AS message
FROM travail.corrections WHERE double
