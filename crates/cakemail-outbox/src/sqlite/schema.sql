-- Version 1. Frozen: a change is another version. Times and durations are in microseconds, times since 1970.
create table outbox_email (
    -- never used again: a late completion must not find another email
    id integer primary key autoincrement,
    key text not null unique
        check (key glob 'key-?*' and length(key) <= 255 and key not glob '*[^A-Za-z0-9_-]*'),
    payload blob not null,
    digest blob not null check (length(digest) = 32),
    -- 0 queued, 1 dispatching, 2 unknown, 3 parked, 4 accepted, 5 refused, 6 cancelled, 7 expired
    state integer not null default 0 check (state between 0 and 7),
    -- null: never due
    due_at integer default (cast(unixepoch('subsec') * 1000000 as integer)),
    -- 0 transactional, 1 marketing
    class integer not null default 0 check (class between 0 and 1),
    -- 0: to be looked up in the logs, 1: transactional, 2: marketing, null: never due
    lane integer generated always as (
        case when due_at is null then null when state = 0 then class + 1 when state in (1, 2) then 0 end
    ) stored,
    -- null: park it when nobody can know whether it was accepted
    resend_after integer check (resend_after >= 0),
    expires_at integer,
    epoch integer not null default 0,
    owner integer,
    -- 0 submit, 1 look
    step integer check (step between 0 and 1),
    claimed_at integer,
    doubt_at integer,
    submissions integer not null default 0,
    resends integer not null default 0,
    failures integer not null default 0,
    reason text,
    email_id text,
    delivery_status text,
    delivery_at integer,
    is_told integer not null default 1,
    enqueued_at integer not null default (cast(unixepoch('subsec') * 1000000 as integer)),
    changed_at integer not null default (cast(unixepoch('subsec') * 1000000 as integer)),
    check (state > 2 or due_at is not null),
    check ((state = 1) = (owner is not null and step is not null and claimed_at is not null))
) strict;

-- One range per lane: a claim reads only what it claims, however much waits.
create index outbox_email_due on outbox_email (lane, due_at, id) where lane is not null;
create index outbox_email_state on outbox_email (state, id);
create index outbox_email_ended on outbox_email (changed_at, state) where state >= 4;
create index outbox_email_untold on outbox_email (id) where is_told = 0;

create table outbox_rate (
    id integer primary key check (id = 1),
    -- the next slot, in nanoseconds since 1970
    next_slot integer not null default 0,
    -- emails per second after the latest 429
    lowered_to real,
    lowered_at integer not null default 0,
    paused_until integer not null default 0
) strict;
insert into outbox_rate (id) values (1);

-- The deliveries of webhooks, as `cakemail_webhook::DeliveryStore` says. Times are in seconds since 1970.
create table outbox_webhook (
    id blob primary key,
    token integer not null,
    -- null: done
    until integer,
    created integer not null
) strict;
create index outbox_webhook_created on outbox_webhook (created);
