-- People: users of partners' firms and of the organisation, what each may reach, and their mark on
-- what they do. Instants are microseconds since 1970-01-01 UTC, booleans 0 or 1.

-- Somebody who can log in. Who left is disabled and never deleted: what they did names them.
-- tenant table
create table app_user (
    id text not null primary key, -- usr_ and 26 characters
    partner_id text references partner (id), -- at whose firm; null: on the organisation's side
    role text not null, -- one of its side: "adviser"; "underwriter"
    scope text check (scope in ('person', 'office', 'children', 'chain')), -- narrower than the role's; null: as the role's
    name text not null, -- as colleagues know them
    email text not null, -- where mail goes, as it was given
    email_key text not null unique, -- the address in small letters: what people log in by
    language text not null check (language in ('nl', 'en')), -- of mail to them, and of their pages
    preferences text not null, -- what their pages keep: a JSON object
    status text not null check (status in ('invited', 'active', 'disabled')), -- only active ones log in
    password_hash text, -- argon2id with its parameters; null: none was chosen yet
    totp_sealed text, -- the secret of the second factor, encrypted, key id in it; null: there is none
    totp_sealed_key_id text, -- the key it is encrypted with, by which those are found that wait
    totp_on bigint not null, -- 1: its owner has shown that it works, and it is asked for
    totp_step bigint not null, -- the last step of 30 seconds whose code was taken: none is taken twice
    epoch bigint not null, -- one more when all their sessions end: those of before hold no more
    revision bigint not null, -- from 1; one more with each change by people
    created_us bigint not null, -- when the row was made
    changed_us bigint not null, -- when people changed it last
    logged_in_us bigint -- the last time; null: never
);
create index app_user_partner on app_user (partner_id, id);
create index app_user_name on app_user (name, id);
create index app_user_sealed on app_user (totp_sealed_key_id, id);

-- How far a role reaches at one firm, where that is not what the role reaches anywhere.
-- tenant table
create table role_scope (
    partner_id text not null references partner (id), -- the firm
    role text not null, -- a role of partners: "adviser"
    scope text not null check (scope in ('person', 'office', 'children', 'chain')), -- its reach there
    changed_us bigint not null, -- since when
    primary key (partner_id, role)
);

-- Which user did it; null where a key says who, or nobody is known.
alter table audit_log add column user_id text references app_user (id);
alter table transaction_event add column user_id text; -- by which user; null: it was not one

-- A quote is made with a key or by a user: of the two, one is there.
alter table quote rename column key_id to key_before;
alter table quote add column key_id text references api_key (id); -- with which key; null: by a user
update quote set key_id = key_before;
alter table quote drop column key_before;
alter table quote add column user_id text references app_user (id); -- by which user; null: with a key
alter table application add column user_id text references app_user (id); -- who has it in hand; null: nobody
alter table policy add column user_id text references app_user (id); -- likewise

-- The answers of a user's deeds are their own, and come back to nobody else.
alter table idempotency rename to idempotency_before;
drop index idempotency_expires;
-- tenant table
create table idempotency (
    partner_id text not null, -- who called; '': the organisation
    test bigint not null, -- 1: with a test key; test and live do not meet
    operation text not null, -- name of the operation: "RequestQuote"
    user_id text not null, -- which user; '': a system
    idempotency_key text not null, -- as the caller chose it, without quotes
    digest text not null, -- SHA-256 in hex of the checked input: the same key must mean the same
    status bigint not null, -- HTTP status of the answer
    answer text not null, -- the answer as JSON
    expires_us bigint not null, -- from when the key is free again
    primary key (partner_id, test, operation, user_id, idempotency_key)
);
insert into idempotency (partner_id, test, operation, user_id, idempotency_key, digest, status,
                         answer, expires_us)
    select partner_id, test, operation, '', idempotency_key, digest, status, answer, expires_us
    from idempotency_before;
drop table idempotency_before;
create index idempotency_expires on idempotency (expires_us);
