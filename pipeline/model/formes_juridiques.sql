-- Words of a declared legal form, and what they establish. A form is free text: only words of this list are evidence of a legal
-- person, and one word that speaks of a natural person, or of a body without legal personality, is enough to take it away.
CREATE TABLE travail.formes_juridiques (terme VARCHAR PRIMARY KEY, etablit VARCHAR NOT NULL);

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'association', 'fondation', 'fonds de dotation', 'cooperative', 'mutuelle', 'congregation', 'syndicat', 'federation',
    'scic', 'scop', 'sarl', 'eurl', 'sas', 'sasu', 'sa', 'sci', 'snc', 'scp', 'sem', 'semop', 'spl', 'gie', 'gip', 'societe',
    'groupement d interet public', 'groupement d interet economique', 'personne morale',
    'commune', 'mairie', 'ville', 'departement', 'region', 'collectivite', 'metropole', 'epci', 'intercommunalite', 'petr',
    'communaute de communes', 'communaute d agglomeration', 'communaute urbaine', 'service de l etat', 'prefecture',
    'ccas', 'cias', 'centre communal d action sociale', 'centre intercommunal d action sociale',
    'etablissement public', 'epic', 'epa', 'epl', 'epfl', 'regie', 'universite', 'lycee',
    'chambre de commerce', 'chambre de metiers', 'chambre d agriculture'
]), 'personne_morale';

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'entrepreneur', 'entrepreneuse', 'entreprise individuelle', 'individuel', 'individuelle', 'ei', 'eirl', 'micro entreprise',
    'auto entreprise', 'autoentrepreneur', 'autoentrepreneuse', 'microentrepreneur', 'microentrepreneuse', 'microentreprise',
    'personne physique', 'particulier', 'particuliere', 'liberal', 'liberale', 'nom propre', 'independant', 'independante',
    'artisan', 'artisane', 'commercant', 'commercante', 'exploitant', 'exploitante'
]), 'personne_physique';

INSERT INTO travail.formes_juridiques
SELECT unnest([
    'de fait', 'non declaree', 'non declare', 'en creation', 'en cours', 'en formation', 'en projet', 'en participation',
    'indivision', 'sans personnalite'
]), 'sans_preuve';

-- What each declared form establishes. The natural person wins over the rest, so that a doubt masks.
CREATE TABLE travail.formes_declarees AS
WITH formes AS (
    SELECT forme_juridique AS forme FROM livre.resultats
    UNION SELECT forme_juridique FROM livre.lieux
    UNION SELECT formeJuridiqueBeneficiaire FROM livre.conventions
)
SELECT
    forme,
    bool_or(f.etablit = 'personne_physique') AS physique,
    bool_or(f.etablit = 'personne_morale') AND NOT bool_or(f.etablit <> 'personne_morale') AS morale
FROM formes JOIN travail.formes_juridiques AS f ON contains(' ' || normalise(forme) || ' ', ' ' || f.terme || ' ')
GROUP BY forme;
