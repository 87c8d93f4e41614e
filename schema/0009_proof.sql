-- Further ways for partners' systems to prove who they are, and which of them a partner asks for.
-- Instants are microseconds since 1970-01-01 UTC, booleans 0 or 1.

-- Certificates of partners' systems: presented when a connection is made, or signing messages. Who
-- issued one does not matter: it is the certificate itself that is known here, by its SHA-256, and
-- its private key stays with the partner.
-- tenant table
create table partner_certificate (
    id text not null primary key, -- crt_ and 26 characters
    partner_id text not null references partner (id), -- whose it is
    mode text not null check (mode in ('test', 'live')), -- what a test one makes never counts
    name text not null, -- which system holds it, by which people tell certificates apart
    fingerprint text not null unique, -- SHA-256 of the certificate (DER), in hex
    thumbprint text not null, -- SHA-1 of it in hex: a name that messages use, never a proof
    key_identifier text, -- its subject key identifier in hex; null: it has none
    issuer text not null, -- who issued it, as RFC 4514 writes names
    serial text not null, -- its number with that issuer, in decimal
    subject text not null, -- whom it names, as RFC 4514 writes names
    certificate text not null, -- the whole of it: DER in base64
    rate_limit_per_minute bigint not null, -- requests that it makes without a key; 0: no limit
    begins_us bigint not null, -- before which it is refused: as it says itself
    expires_us bigint not null, -- from when it is refused: as it says itself
    revoked_us bigint, -- when it was revoked; null: it was not
    created_us bigint not null -- when it was registered
);
create index partner_certificate_partner on partner_certificate (partner_id, id);

-- What a partner's systems must prove themselves with, by the entrance they use; no row: a key or a
-- certificate, as they like. All rows of an entrance hold together. Websites are not asked: what
-- their visitors could send is no secret.
-- tenant table
create table partner_requirement (
    partner_id text not null references partner (id), -- of whom it is asked
    entrance text not null check (entrance in ('json', 'soap')), -- by which way in
    proof text not null, -- what must come with each call
    created_us bigint not null, -- since when
    primary key (partner_id, entrance, proof),
    check (proof in ('key', 'token', 'certificate', 'username', 'signature'))
);

-- The certificate that was proved as well, or alone; null: none.
alter table audit_log add column certificate_id text references partner_certificate (id);
