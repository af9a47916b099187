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

create table definitions (
  tenant_id text not null,
  hash text not null,
  body text not null,
  primary key (tenant_id, hash)
) strict;

create table instances (
  tenant_id text not null,
  id text not null,
  workflow_id text,
  workflow_name text not null,
  workflow_version integer not null,
  definition text not null,
  status text not null,
  is_test integer not null,
  cause text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_label text not null,
  input text not null,
  output text,
  error text,
  created_at integer not null,
  started_at integer,
  finished_at integer,
  due_at integer,
  seq integer not null,
  idempotency_key text,
  primary key (tenant_id, id),
  foreign key (tenant_id, definition) references definitions(tenant_id, hash)
) strict;
create index instances_live on instances(id) where finished_at is null;
create index instances_workflow on instances(tenant_id, workflow_id, id);
create index instances_status on instances(tenant_id, status, id);
create index instances_definition on instances(tenant_id, definition);
create unique index instances_key on instances(tenant_id, workflow_id, idempotency_key) where idempotency_key is not null;

create table journal (
  tenant_id text not null,
  instance_id text not null,
  seq integer not null,
  at integer not null,
  event text not null,
  primary key (tenant_id, instance_id, seq),
  foreign key (tenant_id, instance_id) references instances(tenant_id, id) on delete cascade
) strict, without rowid;
