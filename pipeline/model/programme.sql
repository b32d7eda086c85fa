-- The rules of the programme as tables: no other SQL file holds one of its figures, dates or names.
CREATE TABLE programme.vagues (
    vague VARCHAR PRIMARY KEY,
    libelle VARCHAR NOT NULL,
    dispositif VARCHAR NOT NULL,
    ordinal BIGINT NOT NULL,
    date_cloture DATE,
    date_cloture_2 DATE,
    date_annonce DATE,
    embargo_jusqu_au DATE,
    regle_montant VARCHAR NOT NULL
);
CREATE TABLE programme.libelles (libelle VARCHAR PRIMARY KEY, vague VARCHAR NOT NULL);
CREATE TABLE programme.categories (categorie VARCHAR PRIMARY KEY, dispositif VARCHAR NOT NULL, numerique BOOLEAN NOT NULL);
CREATE TABLE programme.montants (
    regle VARCHAR PRIMARY KEY,
    total_min DECIMAL(14, 2),
    total_max DECIMAL(14, 2),
    tranche_max DECIMAL(14, 2),
    bonus_numerique DECIMAL(14, 2),
    confirmee BOOLEAN NOT NULL
);
CREATE TABLE programme.plafonds (vague VARCHAR NOT NULL, laureats_max BIGINT NOT NULL);
