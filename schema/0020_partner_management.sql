-- Partners as the organisation steers them: what is known of a firm beside its name, its licences,
-- territory, people and their diplomas, notes, documents, what happened to it, who asks to become
-- one, and agreements with roles and commission. Instants are microseconds since 1970-01-01 UTC,
-- dates are YYYY-MM-DD, booleans 0 or 1.

alter table partner add column employees bigint; -- how many work there; null: not known
alter table partner add column legal_form text; -- code of its legal form; null: not known
alter table partner add column vat_number text; -- Dutch VAT number: NL123456782B90
alter table partner add column rsin text; -- of the tax office: 9 digits; null: not known
alter table partner add column iban text; -- where commission is paid to; null: not known
alter table partner add column grade text; -- a to d, how good a partner it is; null: not graded
-- Where it stands: applied, approved, ramp_up, active, dormant, ended.
alter table partner add column stage text not null default 'active'; -- where it stands
alter table partner add column account_manager_id text; -- the user who looks after it; null: nobody
alter table partner add column last_review_date text; -- when it was last reviewed; null: never
alter table partner add column next_review_date text; -- when it is to be reviewed; null: not planned
-- The trade register tells who wants no advertising; mailings respect it.
alter table partner add column no_advertising bigint not null default 0; -- 1: wants none
alter table partner add column revision bigint not null default 1; -- one more with each change
alter table partner add column changed_us bigint not null default 0; -- last change; 0: none
create index partner_name on partner (name, id);
create index partner_review on partner (coalesce(next_review_date, '9999-12-31'), id);
create index partner_account_manager on partner (account_manager_id, id)
    where account_manager_id is not null;
create index partner_trade_register on partner (trade_register_number)
    where trade_register_number is not null;

-- Whoever changes who belongs to whom changes this one row first, so that two who do so at once come
-- one after the other, and together make no circle.
create table partner_chain_change (
    id bigint not null primary key, -- always 1
    changes bigint not null -- until now
);
insert into partner_chain_change (id, changes) values (1, 0);

-- What a partner may do by law, by kind. A change ends the row and makes a new one.
-- tenant table
create table partner_licence (
    id text not null primary key, -- plc_ and 26 characters
    partner_id text not null references partner (id), -- who has it
    kind text not null, -- what for: "non_life_private", …
    number text not null, -- as the supervisor gave it: 8 digits
    collective bigint not null, -- 1: holds for the offices below it too
    from_date text not null, -- first day
    to_date text, -- last day; null: until further notice
    created_us bigint not null -- when the row was made
);
create index partner_licence_kind on partner_licence (partner_id, kind);
create index partner_licence_end on partner_licence (to_date, id) where to_date is not null;

-- Where a partner works: ranges of the four digits of postcodes.
-- tenant table
create table partner_territory (
    partner_id text not null references partner (id), -- who works there
    from_postcode bigint not null, -- first: 3500
    to_postcode bigint not null, -- last: 3599
    primary key (partner_id, from_postcode)
);
create index partner_territory_range on partner_territory (from_postcode, to_postcode);

-- The people of a firm, who need not be users.
-- tenant table
create table partner_person (
    id text not null primary key, -- ppn_ and 26 characters
    partner_id text not null references partner (id), -- where they work
    name text not null, -- as they are called
    role text not null, -- director, adviser, assistant, compliance, contact, other
    email text, -- null: not known
    telephone text, -- as E.164; null: not known
    user_id text, -- the same person as a user; null: is none
    from_date text, -- first day there; null: not known
    to_date text, -- last day there; null: still there
    revision bigint not null, -- from 1; one more with each change
    created_us bigint not null, -- when the row was made
    changed_us bigint not null -- when it was changed last
);
create index partner_person_list on partner_person (partner_id, id);

-- What people may advise on. A diploma that was kept up is a new row.
-- tenant table
create table partner_diploma (
    id text not null primary key, -- dip_ and 26 characters
    partner_id text not null references partner (id), -- where the person works
    person_id text not null references partner_person (id), -- whose it is
    kind text not null, -- what for: "basic", "non_life_private", …
    number text, -- as it stands on it; null: not known
    from_date text not null, -- first day
    to_date text, -- last day: the end of the window of permanent education; null: no end
    created_us bigint not null -- when the row was made
);
create index partner_diploma_person on partner_diploma (person_id, id);
create index partner_diploma_kind on partner_diploma (partner_id, kind);

-- tenant table
create table partner_note (
    id text not null primary key, -- ptn_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- whom it is about
    shared bigint not null, -- 1: the partner reads it too; 0: the organisation's own
    text text not null, -- what was noted
    user_id text, -- who wrote it; null: a key, or the operator
    actor text not null, -- "partner", "organisation" or "system"
    created_us bigint not null -- when
);
create index partner_note_list on partner_note (partner_id, id);

-- tenant table
create table partner_document (
    id text not null primary key, -- pdo_ and 26 characters; sorts by time of making
    partner_id text not null references partner (id), -- whose it is
    shared bigint not null, -- 1: the partner reads it too; 0: the organisation's own
    title text not null, -- what it is called on screen
    media_type text not null, -- by its content: application/pdf, image/png, image/jpeg, text/plain
    size_bytes bigint not null, -- of the content
    sha256 text not null, -- of the content, in hex
    user_id text, -- who added it; null: a key, or the operator
    created_us bigint not null, -- when
    content bytea not null -- the file itself
);
create index partner_document_list on partner_document (partner_id, id);

-- Everything that happened to a partner, written with what happened. Only ever added to.
-- tenant table
create table partner_event (
    id text not null primary key, -- pev_ and 26 characters; sorts by time
    partner_id text not null references partner (id), -- to whom
    kind text not null, -- what: "partner_changed", "licence_added", …
    internal bigint not null, -- 1: the partner does not see it
    subject_id text, -- the row that was made, changed or removed; null: the partner itself
    detail text, -- what of it, as JSON; null: nothing more to say
    actor text not null, -- "partner", "organisation", "public" or "system"
    user_id text, -- who; null: no user
    key_id text, -- with which key; null: with none
    request_id text, -- of the request; null: the operator or a job
    at_us bigint not null -- when
);
create index partner_event_list on partner_event (partner_id, id);

-- Firms that ask to become a partner.
create table partner_application (
    id text not null primary key, -- pap_ and 26 characters; sorts by time of making
    status text not null check (status in ('open', 'approved', 'refused')), -- where it stands
    revision bigint not null, -- from 1; one more with each change
    name text not null, -- of the firm, as it trades
    trade_register_number text not null, -- Dutch KvK number
    licence_number text, -- of the supervisor; null: has none yet
    legal_form text, -- code; null: not said
    employees bigint, -- null: not said
    street text, -- street and number; null: not said
    postcode text, -- 1234 AB; null: not said
    city text, -- null: not said
    website text, -- null: not said
    contact_name text not null, -- who asks
    email text not null, -- where the answer goes
    telephone text, -- as E.164; null: not said
    message text, -- why; null: nothing was said
    language text not null, -- "nl" or "en": of the answer
    reason text, -- of a refusal, as code; null: was not refused
    note text, -- to the applicant, in words; null: none
    decided_by text, -- the user or key that decided; null: nobody yet
    decided_us bigint, -- when; null: not yet
    partner_id text references partner (id), -- what came of it; null: nothing
    created_us bigint not null -- when it came in
);
create index partner_application_list on partner_application (status, id);
create index partner_application_firm on partner_application (trade_register_number, created_us);

alter table agreement add column role text not null default 'intermediary'; -- in which capacity
alter table agreement add column conditions text; -- in words; null: none beyond the general ones
alter table agreement add column replaces_id text; -- the agreement that this one changed; null: none
alter table agreement add column revision bigint not null default 1; -- one more with each change
alter table agreement add column changed_us bigint not null default 0; -- last change; 0: none

-- What a partner earns under an agreement, by product. Percentages are of the net premium.
-- tenant table
create table agreement_rate (
    agreement_id text not null references agreement (id), -- of which agreement
    partner_id text not null references partner (id), -- whose that is
    product text not null, -- name of the product
    closing_percent text not null, -- of the first contract period
    renewal_percent text not null, -- of each that follows
    volume_dependent bigint not null, -- 1: rises with volume or turnover
    primary key (agreement_id, product)
);

-- By which words things are found: a row for each word of what they are called, in small letters
-- without accents. Shared by all that can be searched.
-- tenant table
create table search_term (
    subject_id text not null, -- what is found
    term text not null, -- the word
    kind text not null, -- of the subject: "partner", "lead", …
    partner_id text references partner (id), -- whose it is; null: the organisation's
    primary key (subject_id, term)
);
create index search_term_all on search_term (kind, term, subject_id);
create index search_term_partner on search_term (partner_id, kind, term, subject_id);
