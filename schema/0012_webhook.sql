-- Webhooks: where partners want to be told of what happens to their applications and policies. A
-- message is added in the transaction of what it tells of, once for each endpoint that asked for it,
-- and is sent afterwards, at least once, under an id that stays. Instants are microseconds since
-- 1970-01-01 UTC, booleans 0 or 1.

-- tenant table
create table webhook_endpoint (
    id text not null primary key, -- whk_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- whose it is
    test bigint not null, -- 1: is told of what test keys make, and of nothing else
    slot bigint, -- from 0: the partner has one endpoint in each, so few in all; null: deleted
    url text not null, -- where messages go: https://…
    description text, -- the partner's own words
    events text not null, -- "*": all; else names of events, with a comma before and behind each
    enabled bigint not null, -- 1: messages are made and sent
    disabled_reason text check (disabled_reason in ('asked', 'gone', 'failing')), -- null: enabled
    disabled_us bigint, -- since when; null: enabled
    sealed text not null, -- its secrets, the newest first, with a blank between: encrypted
    sealed_key_id text not null, -- the key they are encrypted with
    overlap_until_us bigint, -- until when the older secret signs as well; null: there is none
    failing_since_us bigint, -- the first of the tries that failed in a row; null: the last did not
    warnings bigint not null, -- how often the partner was warned since then
    warned_us bigint, -- the last time; null: not
    revision bigint not null, -- from 1; one more with each change by people
    created_us bigint not null, -- when it was made
    changed_us bigint not null, -- when it was changed last
    deleted_us bigint, -- when it was deleted; the row goes when its messages are gone; null: it is not
    unique (partner_id, test, slot)
);
create index webhook_endpoint_sealed on webhook_endpoint (sealed_key_id, id);
create index webhook_endpoint_enabled on webhook_endpoint (id) where enabled = 1;

-- What is to be sent to an endpoint, or was. A row in state pending is due at next_us; who takes it
-- puts that off until the end of its lease and raises the fence, so that it comes back by itself when
-- nobody says what became of it, and who was too slow changes nothing any more.
-- tenant table
create table webhook_message (
    endpoint_id text not null references webhook_endpoint (id), -- to where
    id text not null, -- msg_ and 26 characters: the webhook-id, the same for all endpoints told of it
    partner_id text not null references partner (id), -- whose the endpoint is
    test bigint not null, -- 1: of what a test key made
    type text not null, -- the event: "policy.issued"
    subject_id text not null, -- what it happened to: an application, a policy, an endpoint
    subject_revision bigint not null, -- the revision that it made of that
    happened_us bigint not null, -- when
    body text, -- JSON as it is sent, from the first try on; null: not put together yet
    state text not null, -- where it stands
    next_us bigint not null, -- pending: when it is due, or until when its sender has it
    fence bigint not null, -- one more with each taking: the number of the one that counts
    tries bigint not null, -- made until now
    round bigint not null, -- of those, since it was made or sent anew: the schedule goes by it
    check (state in ('pending', 'held', 'delivered', 'failed')),
    primary key (endpoint_id, id)
);
create index webhook_message_due on webhook_message (endpoint_id, next_us, id)
    where state = 'pending';
create index webhook_message_old on webhook_message (happened_us);

-- Each try to send a message.
-- tenant table
create table webhook_try (
    endpoint_id text not null, -- of the message
    message_id text not null, -- of which message
    number bigint not null, -- from 1
    partner_id text not null references partner (id), -- whose the endpoint is
    at_us bigint not null, -- when it began
    duration_ms bigint not null, -- until its end
    outcome text not null, -- "delivered", or why not: "status", "timed_out", "address_refused" …
    http_status bigint, -- of the answer; null: there was none
    answer text, -- the first bytes of the answer, as far as they are text; null: there were none
    primary key (endpoint_id, message_id, number)
);
