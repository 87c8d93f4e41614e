-- Impacts: what a draft of a product would have done to the book of quotes. A run is asked for,
-- taken up by one node at a time under a lease, and keeps its report. Instants are microseconds
-- since 1970-01-01 UTC, dates are YYYY-MM-DD, booleans 0 or 1.

create table impact_run (
    id text not null primary key, -- imp_ and 26 characters; sorts by time of asking
    test bigint not null, -- 1: asked with a test key: of test drafts, over test quotes
    draft_id text not null references product_draft (id), -- what is tried
    product text not null, -- of the draft
    against_number bigint, -- version to compare with; null: the one in force when it is taken up
    filter_partner_id text, -- only quotes of this partner; null: of all
    since_date text, -- only quotes made on this day or later; null: from the first on
    until_date text, -- only quotes made before this day; null: to the last
    region text, -- decision or question that tells the region; null: found by itself
    state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')), -- how far
    cancel_asked bigint not null, -- 1: whoever runs it is to stop
    started_by text not null, -- who asked: "organisation:oky_…", "operator:anna"
    attempt bigint not null, -- how often it was taken up: only the last who did may write
    lease_until_us bigint not null, -- until when it belongs to who took it up; 0: to nobody
    walked bigint not null, -- quotes of the book that are done with
    total bigint not null, -- of so many
    problem text, -- why it failed; null unless it did
    report text, -- JSON; null unless done
    report_csv text, -- the same as CSV; null unless done
    created_us bigint not null, -- when it was asked for
    started_us bigint, -- when it was last taken up; null: not yet
    finished_us bigint -- when it was done, failed or cancelled; null: not yet
);
create index impact_run_state on impact_run (state, id);
