-- Terms of a policy by date. The first are those of its application. Each later row that was taken,
-- a change or a renewal, gives the terms from its first day on; rows are kept, so that what held on
-- any day stays known. Instants are microseconds since 1970-01-01 UTC, dates are YYYY-MM-DD,
-- booleans 0 or 1.

alter table policy add column term_number bigint not null default 1; -- number of the last terms agreed
alter table policy add column due_date text; -- first day of its next contract period; null: it has none
alter table policy add column renewal_on text; -- the day that its renewal is looked at; null: never

-- What was issued before has periods of a year; the job of renewals looks at each of these.
update policy set due_date = (
    select cast(cast(substr(a.effective_date, 1, 4) as integer) + 1 as text)
        || case when substr(a.effective_date, 5) = '-02-29' then '-02-28'
                else substr(a.effective_date, 5) end
    from application a where a.id = policy.application_id);
update policy set renewal_on = (
    select a.effective_date from application a where a.id = policy.application_id);
create index policy_renewal on policy (renewal_on) where status = 'active';

-- A change of a policy's terms: asked for, rated, and confirmed or not; or a renewal, which the
-- system prepares for the next contract period.
-- tenant table
create table policy_change (
    id text not null primary key, -- chg_ or rnw_ and 26 characters; sorts by time of making
    policy_id text not null references policy (id), -- whose terms
    partner_id text not null references partner (id), -- whose the policy is
    test bigint not null, -- 1: of a test policy
    kind text not null check (kind in ('change', 'renewal')), -- which of both
    status text not null, -- where it stands
    revision bigint not null, -- from 1; one more with each event
    base_term bigint not null, -- number of the terms that it was made on: it holds for those alone
    term_number bigint, -- number of the terms that it gave; null: it gave none
    due_date text, -- of a renewal: first day of the period that it is for; null of a change
    effective_date text not null, -- first day of the new terms
    valid_until text not null, -- last day on which it can be confirmed
    known_at_us bigint not null, -- the moment of rating
    version_id text references product_version (id), -- the version that rated it; null: none did
    outcome text check (outcome in ('offered', 'referred', 'declined')), -- of rating; null: not rated
    result text, -- as a quote keeps it: JSON of codes, cents and rows; null: not rated
    changed text not null, -- names of the answers that differ from those before: a JSON list
    sealed text not null, -- all answers: JSON, encrypted, key id in it
    sealed_key_id text not null, -- the key it is encrypted with, by which those are found that wait
    term text not null, -- how it is paid: code of the product's term
    instalments bigint not null, -- a year
    instalment_cents bigint, -- one instalment; null: no premium
    total_cents bigint, -- premium for a year with tax; null: no premium
    commission_cents bigint, -- the partner's, for a year; null: no premium
    old_total_cents bigint not null, -- premium for a year of the terms before
    difference_cents bigint, -- of both over the rest of the contract period; null: no premium
    settlement_cents bigint, -- of that, over instalments that are due already; null: no premium
    created_us bigint not null, -- when it was made
    changed_us bigint not null, -- when the last event was
    check (status in ('offered', 'referred', 'declined', 'in_review', 'approved', 'confirmed',
                      'in_effect', 'rejected', 'withdrawn', 'stopped', 'expired', 'overtaken')),
    unique (policy_id, term_number), -- terms follow one another
    unique (policy_id, due_date, base_term) -- a period is renewed once
);
create index policy_change_list on policy_change (partner_id, test, id);
create index policy_change_sealed on policy_change (sealed_key_id, id);
create index policy_change_open on policy_change (policy_id)
    where status in ('offered', 'referred', 'in_review', 'approved', 'stopped');
-- Those that wait for somebody, for the underwriters' list and for expiry.
create index policy_change_waiting on policy_change (valid_until)
    where kind = 'change' and status in ('offered', 'referred', 'in_review');

-- Who of several nodes does a job that one does at a time, and until when.
create table job_lease (
    name text not null primary key, -- the job: "renewals"
    attempt bigint not null, -- how often it was taken: who took it before writes nothing any more
    until_us bigint not null -- when another may take it
);
