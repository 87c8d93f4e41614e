-- Quotes. A quote is a receipt: what was answered, under which version of the product, for which
-- date, as known at which moment, and what came of it. From these it can be computed again to the
-- same bytes. Sentences are not kept: they are rendered from codes in the reader's language.

-- tenant table
create table quote (
    id text not null primary key, -- qte_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- who asked
    key_id text not null references api_key (id), -- with which key
    test bigint not null, -- 1: made with a test key; never counted, and never listed among live ones
    product text not null, -- its name
    version_id text not null references product_version (id), -- the version that rated it
    product_version bigint not null, -- that version's number
    product_hash text not null, -- that version's hash
    effective_date text not null, -- the day that cover would start
    known_at_us bigint not null, -- the moment of rating
    valid_until text not null, -- the last day that the offer holds
    answers text not null, -- the checked answers: JSON in the order of the questions
    result text not null, -- what came of it: JSON of codes, cents and the ids of rows that matched
    status text not null check (status in ('offered', 'referred', 'declined')), -- the outcome
    total_cents bigint, -- premium for a year with tax; null when declined
    reference text, -- the partner's own
    token_hash text not null, -- SHA-256 in hex of the token that a website reads it back with
    created_us bigint not null -- when the row was made
);
create index quote_list on quote (partner_id, test, id);
create index quote_reference on quote (partner_id, test, reference, id);
