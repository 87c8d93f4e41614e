-- What proves who sent a message that carries its own security header.

-- Secret keys that may prove themselves by a digest, in which the key itself never comes along: to
-- check one the key must be at hand, so that it is kept, encrypted. The hash of api_key still says
-- whether it holds.
create table api_key_secret (
    key_id text not null primary key references api_key (id), -- whose secret it is; its user name
    sealed text not null, -- the key itself, encrypted, key id in it
    sealed_key_id text not null -- the key it is encrypted with, by which those are found that wait
);
create index api_key_secret_sealed on api_key_secret (sealed_key_id, key_id);

-- Nonces of digests that were taken, so that none is taken twice. A row is needed only as long as
-- the moment that came with it would be taken too.
create table message_nonce (
    digest text not null primary key, -- SHA-256 in hex of the key's id and the nonce
    expires_us bigint not null -- from when the row is no longer needed
);
create index message_nonce_expires on message_nonce (expires_us);

-- Messages name certificates in other ways than by their SHA-256.
create index partner_certificate_thumbprint on partner_certificate (thumbprint);
create index partner_certificate_key_identifier on partner_certificate (key_identifier);
create index partner_certificate_serial on partner_certificate (serial);
