-- From quote to policy. An application is an accepted quote, a policy what came of it; each step is
-- an event, and raises the revision of what it was done to. Instants are microseconds since
-- 1970-01-01 UTC, dates are YYYY-MM-DD, booleans 0 or 1.

-- tenant table
create table application (
    id text not null primary key, -- app_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- whose quote it was
    test bigint not null, -- 1: of a test quote
    quote_id text not null unique references quote (id), -- a quote is accepted once
    product text not null, -- its name
    version_id text not null references product_version (id), -- the version that the quote is of
    status text not null, -- where it stands
    revision bigint not null, -- from 1; one more with each event
    effective_date text not null, -- first day of cover
    term text not null, -- how it is paid: code of the product's term
    instalments bigint not null, -- a year
    instalment_cents bigint not null, -- one instalment
    total_cents bigint not null, -- premium for a year with tax, without the term's surcharge
    commission_cents bigint not null, -- the partner's, for a year, as the applicant was told
    consent_version text not null, -- which text the applicant agreed to
    consumer bigint not null, -- 1: a person outside their trade, who may withdraw
    reference text, -- the partner's own
    sealed text not null, -- applicant and answers on acceptance: JSON, encrypted, key id in it
    sealed_key_id text not null, -- the key it is encrypted with, by which those are found that wait
    iban_index text not null, -- blind index of the account number
    email_index text not null, -- blind index of the address, in small letters
    created_us bigint not null, -- when it was received
    changed_us bigint not null, -- when the last event was
    check (status in ('received', 'in_review', 'approved', 'issued', 'rejected', 'withdrawn',
                      'expired'))
);
create index application_list on application (partner_id, test, id);
create index application_iban on application (iban_index);
create index application_email on application (email_index);
create index application_sealed on application (sealed_key_id, id);
-- Those that wait, for the underwriters' list and for expiry.
create index application_waiting on application (created_us)
    where status in ('received', 'in_review', 'approved');

-- tenant table
create table policy (
    id text not null primary key, -- pol_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- whose it is
    test bigint not null, -- 1: of a test quote
    application_id text not null unique references application (id), -- an application gives one
    number_prefix text not null, -- what its number begins with: "AUT"
    number text, -- as people know it: "AUT-0000001"; null: it gets one before anybody is told
    status text not null check (status in ('active', 'withdrawn', 'cancelled')), -- where it stands
    revision bigint not null, -- from 1; one more with each event
    withdraw_until text, -- last day that it may be withdrawn; null: it may not
    end_date text, -- first day without cover; null: until further notice
    refund_cents bigint, -- to be paid back because it ended; null: it did not
    issued_us bigint not null, -- when
    changed_us bigint not null, -- when the last event was
    unique (test, number)
);
create index policy_list on policy (partner_id, test, id);
create index policy_waiting on policy (number_prefix, test, id) where number is null;

-- The last number of each sequence, which rises in the transaction that gives policies their numbers,
-- so that there are no gaps.
create table policy_number (
    prefix text not null, -- what the numbers begin with: "AUT"
    test bigint not null, -- 1: of test policies, which are numbered apart
    last_number bigint not null, -- the number of the last policy
    primary key (prefix, test)
);

-- What happened to an application or a policy: who, when, from where. Only ever added to.
-- tenant table
create table transaction_event (
    subject_id text not null, -- to which application or policy
    revision bigint not null, -- the revision that it made
    partner_id text not null references partner (id), -- whose the subject is
    step text not null, -- what: "accept", "review", "approve", "reject", "issue", "withdraw" …
    from_status text not null, -- where it stood; of an acceptance the quote's
    to_status text not null, -- where it stands since
    actor text not null check (actor in ('partner', 'website', 'organisation', 'system')), -- who
    key_id text, -- with which key: an api_key, an organisation_key; null: the system
    request_id text, -- the request, as its answer and the log name it; null: the system
    reason text, -- why, as code; null: none was asked
    note text, -- why, in words; null: nothing was said
    at_us bigint not null, -- when
    primary key (subject_id, revision)
);
