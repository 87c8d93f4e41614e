-- Published products. A version is never changed: a new one takes its place from a date on, and is
-- known from an instant on, so that what would have been quoted at any moment stays known.

create table product_version (
    id text not null primary key, -- pvr_ and 26 characters
    product text not null, -- its name: "auto"
    number bigint not null, -- from 1, per product
    interface bigint not null, -- rises when its questions change incompatibly
    hash text not null, -- SHA-256 in hex over its files in canonical order
    effective_from text not null, -- first day that cover may start under it
    known_from_us bigint not null, -- from when it is used
    created_us bigint not null, -- when the row was made
    unique (product, number)
);

-- The files of a version, as they were published.
create table product_file (
    version_id text not null references product_version (id), -- whose file it is
    position bigint not null, -- from 0, in canonical order
    name text not null, -- "product.xml", "tariff.dmn", "cases.xml"
    content text not null, -- the whole text
    primary key (version_id, position)
);
