-- Mail: a message is a row written in the transaction of its cause, and is delivered afterwards.
-- Instants are microseconds since 1970-01-01 UTC.

-- A row in state pending is due at next_us; who takes it puts that off until the end of its lease and
-- raises the fence, so that it comes back by itself when nobody says what became of it, and who was
-- too slow changes nothing any more.
create table mail_message (
    id text not null primary key, -- mai_ and 26 characters: its Message-ID as well; sorts by time
    kind text not null, -- what it is about: "invitation", "password_reset"
    subject_id text, -- what it was about: an id; null: nothing that has one
    sealed text not null, -- whom it goes to and what it says: JSON, encrypted, key id in it; '': it was delivered or given up
    sealed_key_id text not null, -- the key it is encrypted with; '': as above
    state text not null check (state in ('pending', 'sent', 'failed')), -- where it stands
    next_us bigint not null, -- pending: when it is due, or until when its sender has it
    fence bigint not null, -- one more with each taking: the number of the one that counts
    tries bigint not null, -- made until now
    outcome text, -- of the last try, in the words of whoever refused it; null: none yet, or delivered
    created_us bigint not null, -- when its cause was
    ended_us bigint -- when it was delivered or given up; null: not yet
);
create index mail_message_due on mail_message (next_us) where state = 'pending';
create index mail_message_old on mail_message (ended_us) where ended_us is not null;

-- Documents that go with a message.
create table mail_attachment (
    mail_id text not null references mail_message (id), -- with which
    position bigint not null, -- from 0, in order
    name text not null, -- the name of the file: "offerte.pdf"
    media_type text not null, -- "application/pdf"
    sealed text not null, -- its bytes in base64, encrypted
    primary key (mail_id, position)
);
