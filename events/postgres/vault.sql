create schema if not exists vault;

-- One value under the installation's key, which shows whether a node came with that key.
create table if not exists vault.probe (
    single boolean primary key default true check (single),
    wrapped bytea not null
);

create table if not exists vault.person (
    person uuid primary key,
    wrapped bytea not null
);

-- Several identities may stand for one person; they go with the key, being personal data themselves.
create table if not exists vault.identity (
    digest bytea primary key,
    person uuid not null references vault.person on delete cascade
);

create table if not exists vault.document (
    digest bytea primary key,
    wrapped bytea not null
);

create table if not exists vault.appearance (
    person uuid not null,
    document bytea not null references vault.document on delete cascade,
    primary key (person, document)
);
