-- How letters look and who they say they are from: a partner's own, and the organisation's. Instants
-- are microseconds since 1970-01-01 UTC.

-- A partner without a row is shown by what its own row in `partner` says.
-- tenant table
create table brand (
    owner text not null primary key, -- the partner's id, or "organisation": one each
    partner_id text references partner (id), -- the same partner; null: the organisation's own
    revision bigint not null, -- from 1; one more with each change
    display_name text not null, -- by which customers know it
    address_lines text not null, -- as on an envelope, parted by new lines
    telephone text, -- as it is shown
    website text, -- https://…
    licence_number text, -- of the supervisor (AFM): 8 digits
    colour text not null, -- of headings: #rrggbb, legible on white
    accent_colour text not null, -- of rules and marks: #rrggbb, visible on white
    logo bytea, -- a PNG at the size at which it is printed; null: none
    changed_us bigint not null -- when the last change was
);
