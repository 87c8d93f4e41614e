-- Most quotes carry no reference of their partner's: the index holds those that do, so that a quote
-- without one does not pay for it.

drop index quote_reference;
create index quote_reference on quote (partner_id, test, reference, id) where reference is not null;
