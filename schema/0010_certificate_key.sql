-- A certificate is a key as well, whose secret half never leaves the partner: it has a row in
-- api_key, which quotes, rates and the audit log name. The hash of that row is the certificate's
-- SHA-256, by which it is found; no text has that as its keyed hash.
alter table partner_certificate add column key_id text references api_key (id);
insert into api_key (id, partner_id, kind, mode, prefix, hash, rate_limit_per_minute, expires_us,
                     revoked_us, created_us)
    select 'key_' || substr(id, 5), partner_id, 'secret', mode, substr(fingerprint, 1, 12),
           fingerprint, rate_limit_per_minute, expires_us, revoked_us, created_us
    from partner_certificate;
update partner_certificate set key_id = 'key_' || substr(id, 5);
create unique index partner_certificate_key on partner_certificate (key_id);
