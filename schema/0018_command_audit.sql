-- What operators change by command about who may call, and how that is proved, leaves a line in the
-- audit log like the deeds of callers: without a key or certificate, and with who ran it.
alter table audit_log
    add column actor text not null default 'caller' -- by which way it was done
        check (actor in ('caller', 'command'));
alter table audit_log
    add column operator text; -- of a command: the operating system's name of who ran it; else null
