-- Sub-workflows, replays, tasks; large payloads compressed.
create table old_instances as select * from instances;
create table old_journal as select * from journal;
drop table journal;
drop table instances;

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
  input any not null,
  output any,
  error text,
  created_at integer not null,
  started_at integer,
  finished_at integer,
  due_at integer,
  seq integer not null,
  idempotency_key text,
  parent_id text,
  parent_step text,
  depth integer not null default 0,
  replay_of text,
  primary key (tenant_id, id),
  foreign key (tenant_id, definition) references definitions(tenant_id, hash)
) strict;
create index instances_live on instances(tenant_id, id) where finished_at is null;
create index instances_ended on instances(finished_at) where finished_at is not null;
create index instances_workflow on instances(tenant_id, workflow_id, id);
create index instances_status on instances(tenant_id, status, id);
create index instances_cause on instances(tenant_id, cause, id);
create index instances_tests on instances(tenant_id, id) where is_test = 1;
create index instances_definition on instances(tenant_id, definition);
create unique index instances_key on instances(tenant_id, workflow_id, idempotency_key) where idempotency_key is not null;
create unique index instances_parent on instances(tenant_id, parent_id, parent_step) where parent_id is not null;

create table ended_counts (
  tenant_id text not null,
  workflow_id text not null,
  status text not null,
  is_test integer not null,
  cause text not null,
  count integer not null,
  primary key (tenant_id, workflow_id, status, is_test, cause)
) strict, without rowid;

create table journal (
  tenant_id text not null,
  instance_id text not null,
  seq integer not null,
  at integer not null,
  event any not null,
  primary key (tenant_id, instance_id, seq),
  foreign key (tenant_id, instance_id) references instances(tenant_id, id) on delete cascade
) strict, without rowid;

create table tasks (
  tenant_id text not null,
  id text not null,
  instance_id text not null,
  node_id text not null,
  iteration text not null,
  task text not null,
  created_at integer not null,
  due_at integer,
  primary key (tenant_id, id),
  foreign key (tenant_id, instance_id) references instances(tenant_id, id) on delete cascade
) strict;
create index tasks_instance on tasks(tenant_id, instance_id);

insert into instances (tenant_id, id, workflow_id, workflow_name, workflow_version, definition, status, is_test, cause, actor_kind, actor_id, actor_label, input, output, error, created_at, started_at, finished_at, due_at, seq, idempotency_key)
  select tenant_id, id, workflow_id, workflow_name, workflow_version, definition, status, is_test, cause, actor_kind, actor_id, actor_label, input, output, error, created_at, started_at, finished_at, due_at, seq, idempotency_key from old_instances;
insert into journal (tenant_id, instance_id, seq, at, event) select tenant_id, instance_id, seq, at, event from old_journal;
insert into ended_counts (tenant_id, workflow_id, status, is_test, cause, count)
  select tenant_id, coalesce(workflow_id, ''), status, is_test, cause, count(*) from instances
  where finished_at is not null group by 1, 2, 3, 4, 5;
drop table old_journal;
drop table old_instances;
