-- The dated version of the JSON API that a key speaks unless a request names another: what its
-- system was built by. Keys from before there were any speak the first.
alter table api_key
    add column api_version text not null default '2026-11-23'; -- a date, as the program lists them
alter table organisation_key
    add column api_version text not null default '2026-11-23'; -- likewise
