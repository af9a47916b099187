-- What servers that share a database tell each other. Only on PostgreSQL, in the schema of the runs. Times are those of
-- the database server, because clocks of servers differ.

-- Each life of a server: from its start, or from the moment at which it counted as dead, to its end.
create table servers (
  id text collate "C" primary key,
  name text collate "C" not null,
  -- how many connections it may use
  connections bigint not null default 0,
  -- how far its clock is ahead of that of the database server, in milliseconds
  skew bigint not null default 0,
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

-- Attempts that count for limits of all servers, and when the latest of them may be made.
create table attempts (
  key text collate "C" primary key,
  count bigint not null,
  next timestamptz not null,
  until timestamptz not null
);
create index attempts_until on attempts(until);

-- What has happened and must not happen again until then, on any server.
create table marks (
  key text collate "C" primary key,
  value text collate "C" not null,
  -- the life that has set it. If it dies, others may set it, unless it is final
  owner text collate "C" not null,
  is_final boolean not null,
  until timestamptz not null
);
create index marks_until on marks(until);

-- Counters: what was added up, and what was not yet. Both tables are those of `schema.pg.sql` under another name.
alter table usage rename to usage_sums;
create table usage_tallies (
  n bigint generated always as identity primary key,
  tenant_id text collate "C" not null,
  kind text collate "C" not null,
  bytes bigint not null,
  row_count bigint not null
);
create index usage_tallies_tenant on usage_tallies(tenant_id, kind);
create view usage as
  select tenant_id, kind, cast(greatest(sum(bytes), 0) as bigint) as bytes, cast(greatest(sum(row_count), 0) as bigint) as row_count
  from (select tenant_id, kind, bytes, row_count from usage_sums
    union all select tenant_id, kind, bytes, row_count from usage_tallies) as both_of_them
  group by tenant_id, kind;

alter table ended_counts rename to ended_sums;
create table ended_tallies (
  n bigint generated always as identity primary key,
  tenant_id text collate "C" not null,
  workflow_id text collate "C" not null,
  status text collate "C" not null,
  is_test bigint not null,
  cause text collate "C" not null,
  count bigint not null
);
create index ended_tallies_tenant on ended_tallies(tenant_id, workflow_id);
create view ended_counts as
  select tenant_id, workflow_id, status, is_test, cause, count from ended_sums
  union all select tenant_id, workflow_id, status, is_test, cause, count from ended_tallies;
create rule forget_ended as on delete to ended_counts do instead (
  delete from ended_sums where tenant_id = old.tenant_id;
  delete from ended_tallies where tenant_id = old.tenant_id
);
