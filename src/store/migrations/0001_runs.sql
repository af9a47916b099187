create table query_runs (
  tenant_id text not null,
  id text not null,
  query_id text not null,
  query_version integer not null,
  at integer not null,
  actor_kind text not null,
  actor_id text not null,
  actor_label text not null,
  duration_us integer not null,
  row_count integer,
  cache text not null,
  error text,
  primary key (tenant_id, id)
) strict;
create index query_runs_query on query_runs(tenant_id, query_id, id);
