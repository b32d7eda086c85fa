-- Two names are the same when they differ only by case, accents, ligatures, apostrophes, hyphens or spaces.
-- A name without a letter or a digit says nothing: it is null.
CREATE MACRO normalise(texte) AS nullif(trim(regexp_replace(
    replace(replace(strip_accents(lower(texte)), 'œ', 'oe'), 'æ', 'ae'), '[^a-z0-9]+', ' ', 'g')), '');

-- How results and registry designate a place. An absent part only equals an absent part; the separator is in no normalised name.
CREATE MACRO designation(nom, porteur, commune, departement) AS concat_ws('|',
    coalesce(normalise(nom), ''), coalesce(normalise(porteur), ''), coalesce(normalise(commune), ''), coalesce(normalise(departement), ''));

-- The unit behind an establishment: the first 9 digits of a SIRET. Null when the identifier is not one.
CREATE MACRO siren_de(identifiant) AS CASE WHEN regexp_matches(identifiant, '^([0-9]{9}|[0-9]{14})$') THEN left(identifiant, 9) END;

-- The wave in the id of an award: « fdt-09 » in « lieu-0012_fdt-09 ». Null when the award has none.
-- DuckDB 2.0 cannot filter on split_part of a column that is all null, hence the list.
CREATE MACRO vague_de_l_attribution(attribution) AS nullif(string_split(attribution, '_')[2], 'vague-inconnue');
CREATE MACRO identifiant_d_attribution(lieu, vague, occurrence) AS
    concat_ws('_', lieu, coalesce(vague, 'vague-inconnue'), nullif(occurrence, 1));

-- An id of our own for a line that brings none: 12 hexadecimal digits of what the caller gives, which names nobody.
CREATE MACRO empreinte(texte) AS left(sha256(texte), 12);
