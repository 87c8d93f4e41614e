-- From where a step was taken: which entrance, and for a year the address of who called. When a
-- step is disputed, the organisation can tell a partner's own system from somebody else with its
-- key. Of events from before this was kept nothing is known. An address can be a person's (a
-- website's visitor): only the organisation reads it, and it is the one thing that is taken from an
-- event again.
alter table transaction_event
    add column entrance text -- by which way; null: it was not kept then
    check (entrance in ('json', 'soap', 'page', 'command', 'system'));
alter table transaction_event
    add column address text; -- of the connection, or of a proxy before us; null: none, or gone by now
create index transaction_event_address on transaction_event (at_us) where address is not null;
