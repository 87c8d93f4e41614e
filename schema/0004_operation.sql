-- What the dispatcher keeps: answers by idempotency key, leases of rates, and the audit log.

-- The answer to each deed that came with an Idempotency-Key, written in the deed's own transaction,
-- so that the deed and its answer stand or fall together. Kept a day, then cleaned up by a job.
-- tenant table
create table idempotency (
    partner_id text not null references partner (id), -- who called
    test bigint not null, -- 1: with a test key; test and live do not meet
    operation text not null, -- name of the operation: "RequestQuote"
    idempotency_key text not null, -- as the caller chose it, without quotes
    digest text not null, -- SHA-256 in hex of the checked input: the same key must mean the same
    status bigint not null, -- HTTP status of the answer
    answer text not null, -- the answer as JSON
    expires_us bigint not null, -- from when the key is free again
    primary key (partner_id, test, operation, idempotency_key)
);
create index idempotency_expires on idempotency (expires_us);

-- Requests that a key may still make in its window are handed out to nodes in blocks, so that a
-- request writes nothing. One row per key.
create table rate_lease (
    key_id text not null primary key references api_key (id), -- whose requests are counted
    window_us bigint not null, -- when the window began
    leased bigint not null -- requests handed out in it; may pass the limit by less than a block
);

-- Who did what, and what was refused to whom. Only ever added to; holds no answers of customers.
-- tenant table
create table audit_log (
    id text not null primary key, -- aud_ and 26 characters; sorts by time
    at_us bigint not null, -- when
    partner_id text references partner (id), -- who: the partner; null: nobody
    key_id text references api_key (id), -- with which key; null: none
    test bigint not null, -- 1: with a test key
    operation text not null, -- what: name of the operation
    subject_id text, -- to what: the id of the row; null: none, or refused
    outcome text not null check (outcome in ('done', 'refused')), -- how it ended
    code text, -- why it was refused; null when done
    request_id text not null -- the request, as its answer and the log name it
);
create index audit_log_partner on audit_log (partner_id, id);
