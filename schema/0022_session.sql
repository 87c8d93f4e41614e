-- Logging in: sessions, what is sent by mail to begin with or to begin anew, and what keeps guessing
-- slow. Instants are microseconds since 1970-01-01 UTC, booleans 0 or 1.

-- A secret that is being set up, until its owner has shown that it works.
alter table app_user add column totp_next_sealed text; -- encrypted, key id in it; null: there is none

-- Somebody's being logged in, on one device. Ended ones are deleted.
create table user_session (
    id text not null primary key, -- ses_ and 26 characters; sorts by time of logging in
    user_id text not null references app_user (id), -- who
    hash text not null unique, -- keyed hash of the cookie's value, in hex
    setup bigint not null, -- 1: may set up a second factor, and nothing else
    epoch bigint not null, -- its user's when it began: it holds as long as that is the same
    created_us bigint not null, -- when its user logged in
    used_us bigint not null, -- when it was used last, to a minute
    expires_us bigint not null, -- from when it is refused, however much it is used
    address text not null, -- where it was begun from: an IP address; '': not known
    agent text not null -- with what, as that called itself; '': it did not
);
create index user_session_user on user_session (user_id, id);
create index user_session_expires on user_session (expires_us);

-- What was sent by mail: whoever brings it back has read that mail. It is good once.
create table user_token (
    hash text not null primary key, -- keyed hash of it, in hex
    user_id text not null references app_user (id), -- whose
    purpose text not null check (purpose in ('invitation', 'reset')), -- what for
    created_us bigint not null, -- when it was sent
    expires_us bigint not null -- from when it is refused
);
create index user_token_user on user_token (user_id);
create index user_token_expires on user_token (expires_us);

-- Codes for whoever has lost the authenticator. Used ones are deleted.
create table recovery_code (
    user_id text not null references app_user (id), -- whose
    hash text not null, -- keyed hash of it, in hex
    created_us bigint not null, -- when it was given
    primary key (user_id, hash)
);

-- How far ahead of the clock attempts are that failed: each puts the moment off, and beyond a bound
-- no attempt is looked at until the clock has caught up. Rows of the past mean nothing.
create table login_throttle (
    key text not null primary key, -- of what: an account or an address, as keyed hash
    until_us bigint not null -- that moment
);
create index login_throttle_until on login_throttle (until_us);
