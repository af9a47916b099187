-- What servers that share a database tell each other. Only on PostgreSQL, in the schema of the runs. Times are those of
-- the database server, because clocks of servers differ.

-- Each life of a server: from its start, or from the moment at which it counted as dead, to its end.
create table servers (
  id text collate "C" primary key,
  name text collate "C" not null,
  seen timestamptz not null default clock_timestamp(),
  is_dead boolean not null default false
);

-- What has happened to a run, for the server that owns it and for those that show it.
create table notices (
  n bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  server text collate "C" not null,
  body text collate "C" not null
);
create index notices_at on notices(at);

-- Answers to approvals of runs that another server executes.
create table mail (
  id text collate "C" primary key,
  at timestamptz not null default clock_timestamp(),
  tenant_id text collate "C" not null,
  instance_id text collate "C" not null,
  body text collate "C" not null,
  -- the life that handles it
  taken_by text collate "C",
  result text collate "C"
);

-- Which life admits the runs of a workflow with a concurrency limit.
create table gatekeepers (
  tenant_id text collate "C" not null,
  workflow_id text collate "C" not null,
  owner text collate "C" not null,
  primary key (tenant_id, workflow_id)
);
create index gatekeepers_owner on gatekeepers(owner);
