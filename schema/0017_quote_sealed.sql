-- Sensitive answers of quotes lie apart from the others, encrypted.

alter table quote add column sealed text; -- the sensitive answers: JSON, encrypted, key id in it; null: none were given
create index quote_sealed on quote (id) where sealed is not null;

-- How far the quotes from before are gone by, whose sensitive answers still stand among the others.
-- One row while that is under way; none when it is done.
create table quote_sealing (
    after_id text not null primary key, -- the last quote that was gone by; empty: none was
    last_id text not null -- the last that is to be
);
insert into quote_sealing (after_id, last_id)
    select '', q.id from quote q order by q.id desc limit 1;

-- What idempotency.digest holds since: HMAC-SHA256 in hex, under a key of the installation, so that
-- an answer of few values cannot be found by trying. Rows from before go within a day.
