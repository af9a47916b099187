-- What starts runs of a workflow by itself; what it is like stands in the workflow.
create table triggers (
  tenant_id text not null,
  workflow_id text not null,
  -- unique within its workflow
  id text not null,
  kind text not null check (kind in ('schedule', 'webhook')),
  -- the secret part of a webhook's address
  token text unique,
  -- the time that a schedule's next run is for, and when it is to be started: then, or later after a failed attempt
  scheduled_for integer,
  due_at integer,
  -- the time that the last run was for
  fired_at integer,
  -- why the last time started no run
  failure text,
  primary key (tenant_id, workflow_id, id),
  foreign key (tenant_id, workflow_id) references objects(tenant_id, id) on delete cascade
) strict;
create index triggers_due on triggers(due_at) where due_at is not null;
