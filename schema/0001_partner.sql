-- Partners, who belongs to whom, what each may sell, and the keys of their systems and websites.
-- Instants are microseconds since 1970-01-01 UTC, dates are YYYY-MM-DD, booleans 0 or 1.

-- A partner is the firm of an intermediary. A chain is a partner as well: its offices name it as
-- their parent. What a partner is called elsewhere is text, since numbers with leading zeros occur.
create table partner (
    id text not null primary key, -- ptr_ and 26 characters
    parent_id text references partner (id), -- the chain or head office it belongs to; null: none
    kind text not null check (kind in ('chain', 'office', 'branch')), -- its place in a chain
    name text not null, -- as it trades
    legal_name text, -- as the trade register has it, where it differs
    trade_register_number text, -- Dutch KvK number: 8 digits
    trade_register_branch text, -- Dutch branch number: 12 digits
    licence_number text, -- of the supervisor (AFM): 8 digits
    street text, -- street, number and addition of the visiting address
    postcode text, -- 1234 AB
    city text, -- of the visiting address
    country text not null, -- ISO 3166-1, two letters
    website text, -- https://…
    email text, -- general address of the office
    telephone text, -- as E.164: +31…
    status text not null check (status in ('active', 'suspended', 'ended')), -- only active ones sell
    created_us bigint not null -- when the row was made
);
create index partner_parent on partner (parent_id);

-- Every partner with all its descendants, itself included at depth 0: the tenant wall of a chain.
create table partner_closure (
    ancestor_id text not null references partner (id), -- who may look down
    descendant_id text not null references partner (id), -- who is looked at
    depth bigint not null, -- 0: itself; 1: its own offices; and on
    primary key (ancestor_id, descendant_id)
);
create index partner_closure_descendant on partner_closure (descendant_id);

-- Which products a partner may sell, and when. A change ends the row and makes a new one, so that
-- what held on any day stays known.
-- tenant table
create table agreement (
    id text not null primary key, -- agr_ and 26 characters
    partner_id text not null references partner (id), -- whose it is
    product text, -- name of the product; null: every product
    from_date text not null, -- first day of selling
    to_date text, -- last day of selling; null: until further notice
    created_us bigint not null -- when the row was made
);
create index agreement_partner on agreement (partner_id, product);

-- Keys of partners' systems (secret) and websites (publishable). The key itself is shown once and
-- is not kept: only its keyed hash is.
-- tenant table
create table api_key (
    id text not null primary key, -- key_ and 26 characters
    partner_id text not null references partner (id), -- whose it is
    kind text not null check (kind in ('secret', 'publishable')), -- what it may be used for
    mode text not null check (mode in ('test', 'live')), -- what a test key makes never counts
    prefix text not null, -- its first 12 characters, by which people tell keys apart
    hash text not null unique, -- HMAC-SHA256 of the key under the installation's pepper, in hex
    rate_limit_per_minute bigint not null, -- requests; 0: without limit
    expires_us bigint, -- from when it is refused; null: never
    revoked_us bigint, -- when it was revoked; null: it was not
    created_us bigint not null -- when it was made
);
create index api_key_partner on api_key (partner_id, id);

-- The websites that a publishable key works from.
create table api_key_origin (
    key_id text not null references api_key (id), -- of a publishable key
    origin text not null, -- scheme://host[:port], lower case, default port left out
    primary key (key_id, origin)
);
create index api_key_origin_origin on api_key_origin (origin);
