-- Tariffs before they are published, and the keys of the organisation's own systems, which work on
-- them. Instants are microseconds since 1970-01-01 UTC, dates are YYYY-MM-DD, booleans 0 or 1.

-- Keys of the organisation's own systems. They belong to no partner and reach over all of them. The
-- key itself is shown once and is not kept: only its keyed hash is.
create table organisation_key (
    id text not null primary key, -- oky_ and 26 characters
    name text not null, -- which system holds it, by which people tell keys apart
    mode text not null check (mode in ('test', 'live')), -- what a test key makes never counts
    prefix text not null, -- its first 12 characters, by which people tell keys apart
    hash text not null unique, -- HMAC-SHA256 of the key under the installation's pepper, in hex
    rate_limit_per_minute bigint not null, -- requests; 0: without limit
    expires_us bigint, -- from when it is refused; null: never
    revoked_us bigint, -- when it was revoked; null: it was not
    created_us bigint not null -- when it was made
);

-- Which of the organisation's keys did it; null where key_id says who, or nobody is known.
alter table audit_log add column organisation_key_id text references organisation_key (id);

-- Requests are counted for every kind of key. What was leased is worth nothing after its minute.
drop table rate_lease;
create table rate_lease (
    key_id text not null primary key, -- whose requests are counted: an api_key, an organisation_key
    window_us bigint not null, -- when the window began
    leased bigint not null -- requests handed out in it; may pass the limit by less than a block
);

-- The organisation's deeds are kept by idempotency key as well: they stand under an empty partner.
alter table idempotency rename to idempotency_before;
drop index idempotency_expires;
-- tenant table
create table idempotency (
    partner_id text not null, -- who called; '': the organisation
    test bigint not null, -- 1: with a test key; test and live do not meet
    operation text not null, -- name of the operation: "RequestQuote"
    idempotency_key text not null, -- as the caller chose it, without quotes
    digest text not null, -- SHA-256 in hex of the checked input: the same key must mean the same
    status bigint not null, -- HTTP status of the answer
    answer text not null, -- the answer as JSON
    expires_us bigint not null, -- from when the key is free again
    primary key (partner_id, test, operation, idempotency_key)
);
insert into idempotency (partner_id, test, operation, idempotency_key, digest, status, answer,
                         expires_us)
    select partner_id, test, operation, idempotency_key, digest, status, answer, expires_us
    from idempotency_before;
drop table idempotency_before;
create index idempotency_expires on idempotency (expires_us);

-- A tariff on its way to a version: drafted, then approved by a second person, then active, which
-- makes the version; withdrawn when it will not be. Its files never change: a correction is another
-- draft, so that what was approved is what goes live.
create table product_draft (
    id text not null primary key, -- pdr_ and 26 characters; sorts by time of making
    test bigint not null, -- 1: made with a test key; never becomes a version
    product text not null, -- name of the product
    interface bigint not null, -- rises when its questions change incompatibly
    hash text not null, -- SHA-256 in hex over its files in canonical order, as a version's
    effective_from text, -- first day that cover is to start under it; null: the day of activation
    state text not null check (state in ('draft', 'approved', 'active', 'withdrawn')), -- how far
    drafted_by text not null, -- who made it: "operator:anna", "organisation:oky_…"
    version_id text references product_version (id), -- what it became; null unless active
    created_us bigint not null -- when the row was made
);
create index product_draft_hash on product_draft (hash);
-- The same is drafted once at a time: of two at once, one is refused.
create unique index product_draft_twin
    on product_draft (product, hash, test, coalesce(effective_from, ''))
    where state in ('draft', 'approved');

-- The files of a draft, as they were handed in.
create table product_draft_file (
    draft_id text not null references product_draft (id), -- whose file it is
    position bigint not null, -- from 0, in canonical order
    name text not null, -- "product.xml", "tariff.dmn", "cases.xml"
    content text not null, -- the whole text
    primary key (draft_id, position)
);

-- What happened to a draft. Only ever added to.
create table product_draft_event (
    draft_id text not null references product_draft (id), -- to which
    position bigint not null, -- from 0, in order of time
    event text not null, -- what: "drafted", "approved", "activated", "withdrawn"
    override bigint not null, -- 1: approved by command without a second person; the note says why
    by_whom text not null, -- who: "operator:anna", "organisation:oky_…"
    note text, -- why, in the words of who did it; null: nothing was said
    at_us bigint not null, -- when
    primary key (draft_id, position)
);
