-- Leads: people and firms that showed interest, to whom they were offered and what became of them.
-- Instants are microseconds since 1970-01-01 UTC, dates are YYYY-MM-DD, booleans 0 or 1.

-- A lead is with one office or, without one, with the organisation. The job of leads looks at those
-- that are due: they are offered to an office by rule, or were, and nobody answered.
-- tenant table
create table lead (
    id text not null primary key, -- led_ and 26 characters; sorts by time of making
    partner_id text references partner (id), -- with which office; null: with the organisation
    user_id text, -- the person of that office who works on it; null: nobody yet
    test bigint not null, -- 1: made with a test key
    kind text not null check (kind in ('person', 'company')), -- who it is
    status text not null, -- where it stands
    revision bigint not null, -- from 1; one more with each event
    product text, -- name of the product they ask for; null: not known
    postcode_area bigint, -- the four digits of a Dutch postcode; null: not known, or elsewhere
    language text not null check (language in ('nl', 'en')), -- which they want to be helped in
    source text not null, -- where it came from: widget, service, import, organisation, partner
    source_detail text, -- and more of that, such as the campaign; null: nothing
    sealed text not null, -- who they are and what they said: JSON, encrypted; "" once erased
    sealed_key_id text not null, -- the key it is encrypted with; "" once erased
    email_index text, -- blind index of the address, in small letters; null: none was given
    telephone_index text, -- blind index of the number, in digits; null: none was given
    quote_id text references quote (id), -- their quote; null: none yet
    application_id text references application (id), -- what came of that; null: nothing yet
    consent_text text, -- what they agreed to, in words; null: no consent was asked
    consent_version text, -- which version of those words; null: not said
    consent_source text, -- where they agreed: a page, a call; null: not said
    consent_us bigint, -- when they agreed; null: they did not
    next_step text, -- what is to be done; null: nothing is planned
    next_on text, -- on which date; null: no date is set
    attempts bigint not null, -- how often contact was sought
    due_us bigint, -- when the job is to look at it; null: it need not
    offered_us bigint, -- since when the office has it before it; null: it has not
    offer_until_us bigint, -- offered: until when the office may answer; null: it is not offered
    accepted_us bigint, -- when its office took it; null: it did not
    contacted_us bigint, -- when its office first reached them; null: it did not
    closed_us bigint, -- when it was won, lost or spam; null: it is open
    reason text, -- why it was won, lost, declined or spam, as code; null: it was not
    assignment text, -- why it is with this office or with nobody, as JSON; null: nobody chose
    merged_into_id text, -- the lead it goes on as; null: as itself
    erased_us bigint, -- when what is known of the person was erased; null: it was not
    created_us bigint not null, -- when it came in
    changed_us bigint not null, -- when the last event was
    check (status in ('new', 'offered', 'accepted', 'contacted', 'quoted', 'won', 'lost',
                      'declined', 'expired', 'spam')),
    check (source in ('widget', 'service', 'import', 'organisation', 'partner'))
);
create index lead_list on lead (partner_id, test, id);
create index lead_status on lead (partner_id, test, status, id);
create index lead_all on lead (test, status, id);
create index lead_product on lead (test, product, id);
create index lead_person on lead (user_id, id) where user_id is not null;
create index lead_next on lead (partner_id, next_on, id) where next_on is not null;
create index lead_next_all on lead (next_on, id) where next_on is not null;
create index lead_load on lead (partner_id)
    where status in ('offered', 'accepted', 'contacted', 'quoted');
create index lead_due on lead (due_us, id) where due_us is not null;
create index lead_email on lead (email_index) where email_index is not null;
create index lead_telephone on lead (telephone_index) where telephone_index is not null;
create index lead_sealed on lead (sealed_key_id, id);
create index lead_quote on lead (quote_id) where quote_id is not null;
create index lead_merged on lead (merged_into_id) where merged_into_id is not null;
create index lead_created on lead (created_us);
create index lead_closed on lead (closed_us) where closed_us is not null;

-- What happened to a lead: who, when, from where. Only ever added to, but that erasing a person
-- takes out what was noted of them.
-- tenant table
create table lead_event (
    lead_id text not null references lead (id), -- to which lead
    revision bigint not null, -- the revision that it made
    partner_id text references partner (id), -- with which office it was; null: the organisation
    step text not null, -- what: "offer", "accept", "contact" …
    from_status text not null, -- where it stood
    to_status text not null, -- where it stands since
    actor text not null, -- who: partner, organisation, website, system
    user_id text, -- which user; null: a key, or the system
    key_id text, -- with which key; null: with none
    request_id text, -- the request, as its answer and the log name it; null: the system
    reason text, -- why, as code; null: none was asked
    note text, -- in words; null: nothing was said, or it was erased
    detail text, -- more of it, as JSON: the channel of a contact, the reason of a choice; null: no
    at_us bigint not null, -- when
    check (actor in ('partner', 'organisation', 'website', 'system')),
    primary key (lead_id, revision)
);

-- To whom a lead was offered, and what they said. No lead is offered to two at a time.
-- tenant table
create table lead_offer (
    lead_id text not null references lead (id), -- which lead
    number bigint not null, -- from 1: the first, the second …
    partner_id text not null references partner (id), -- to which office
    product text, -- the lead's, for figures; null: none
    test bigint not null, -- 1: of a test lead
    offered_us bigint not null, -- when
    until_us bigint not null, -- until when they may answer
    outcome text not null, -- what came of it
    answered_us bigint, -- when; null: it is open
    answer_us bigint, -- working time until then, in microseconds; null: it is open
    reason text, -- of declining, as code; null: was not declined
    contacted bigint, -- declining: 1 when they had spoken to the person; null: not said
    assignment text, -- why this office, as JSON
    check (outcome in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    primary key (lead_id, number)
);
create unique index lead_offer_open on lead_offer (lead_id) where outcome = 'open';
create index lead_offer_partner on lead_offer (partner_id, offered_us);
create index lead_offer_offered on lead_offer (offered_us);

-- By which rules leads find their office. A change is a new revision; the older ones stay, since
-- reasons name them.
create table lead_rules (
    revision bigint not null primary key, -- from 1; the highest holds
    offer_hours bigint not null, -- working hours in which an office may answer
    changed_by text not null, -- the user or key that made it so
    created_us bigint not null -- when
);

create table lead_rule (
    revision bigint not null references lead_rules (revision), -- of which list
    position bigint not null, -- from 0: in this order
    rule text not null, -- what it looks at: "product", "territory" …
    required bigint not null, -- 1: leaves out; 0: prefers
    value bigint, -- of load: so many leads at most; null: has none
    weights text, -- of grade: of a, b, c, d and none, with commas between; null: has none
    primary key (revision, position)
);
