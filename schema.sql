-- The complete current schema. New data directories are created from this file; old ones are migrated by the steps in
-- src/store/migrations/. Ids are UUIDs as text, times are integer milliseconds since 1970 UTC.

-- == workspace: jet-admin.db ==

-- A single row: the data directory that this file belongs to. The other parts have the same id. `epoch` increases while
-- the directory is used. When `settled` equals it, every part has reached it.
create table directory (
  only integer primary key check (only = 1),
  instance text not null,
  epoch integer not null,
  settled integer not null,
  -- digests that identify the keys of this directory; null before their first use, empty if any key is accepted
  signing_check text,
  secret_check text,
  -- a digest of the forms in which records are stored: if it changes, stored records are rewritten
  forms text,
  -- the sealed key that signs ID tokens, if several servers share this database
  signing_key text
) strict;
insert into directory (only, instance, epoch, settled) values (1, lower(hex(randomblob(16))), 1, 0);

-- Accounts. A local account has a row in `credentials`, an external one in `identities`.
create table users (
  id text primary key,
  email text not null,
  email_verified integer not null default 0,
  name text not null default '',
  photo_url text,
  is_instance_admin integer not null default 0,
  disabled integer not null default 0,
  created_at integer not null,
  last_login_at integer,
  -- tokens issued before this time are refused
  tokens_valid_after integer not null default 0
) strict;

create table credentials (
  user_id text primary key references users(id) on delete cascade,
  email text not null unique,
  password_hash text not null
) strict;

create table identities (
  issuer text not null,
  subject text not null,
  user_id text not null references users(id) on delete cascade,
  primary key (issuer, subject)
) strict;
create index identities_user on identities(user_id);

-- Hashes of refresh tokens. Rotation adds a row to the same family. Reusing a token revokes the family.
create table refresh_tokens (
  hash text primary key,
  family text not null,
  user_id text not null references users(id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  used_at integer,
  -- when the user last authenticated: a refresh does not change it
  signed_in_at integer not null default 0
) strict;
create index refresh_tokens_family on refresh_tokens(family);
create index refresh_tokens_user on refresh_tokens(user_id);

-- One-time codes sent by email: password reset, email verification, and change of the email address.
create table action_codes (
  hash text primary key,
  user_id text not null references users(id) on delete cascade,
  purpose text not null check (purpose in ('PASSWORD_RESET', 'VERIFY_EMAIL', 'VERIFY_AND_CHANGE_EMAIL')),
  -- the account's email address when the code was created
  email text not null,
  expires_at integer not null,
  -- the new email address, which the code was sent to
  new_email text
) strict;
create index action_codes_user on action_codes(user_id);

create table tenants (
  id text primary key,
  name text not null,
  logo_url text,
  settings text not null default '{}',
  created_at integer not null,
  updated_at integer not null,
  version integer not null
) strict;

-- Records: datasources, queries, widgets, dashboards, workflows, files, variables, roles.
create table objects (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  kind text not null,
  -- the dashboard that it belongs to; empty in the library
  dashboard_id text not null default '',
  name text not null,
  description text not null,
  -- name and description in lower case, for searches with `q`
  search text not null,
  spec text not null,
  created_at integer not null,
  updated_at integer not null,
  created_by text,
  version integer not null,
  -- the size of its versions
  versions_bytes integer not null default 0,
  primary key (tenant_id, id),
  unique (tenant_id, kind, name, dashboard_id)
) strict;
create index objects_owned on objects(tenant_id, dashboard_id, kind, name) where dashboard_id <> '';
create index objects_created on objects(tenant_id, kind, created_at, id);
create index objects_updated on objects(tenant_id, kind, updated_at, id);

-- The number of records of each kind, updated with each insert and delete, so that lists need not count.
create table object_counts (
  tenant_id text not null references tenants(id) on delete cascade,
  kind text not null,
  count integer not null,
  primary key (tenant_id, kind)
) strict;

-- Links between records of a tenant. The target of a link cannot be deleted.
create table links (
  tenant_id text not null,
  source_id text not null,
  target_id text not null,
  primary key (tenant_id, source_id, target_id),
  foreign key (tenant_id, source_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, target_id) references objects(tenant_id, id)
) strict;
create index links_target on links(tenant_id, target_id);

-- The saved versions of records.
create table versions (
  tenant_id text not null,
  object_id text not null,
  version integer not null,
  name text not null,
  description text not null,
  spec text not null,
  at integer not null,
  by text not null,
  -- of a dashboard: the versions of what belonged to it, as JSON by ID
  parts text,
  primary key (tenant_id, object_id, version),
  foreign key (tenant_id, object_id) references objects(tenant_id, id) on delete cascade
) strict, without rowid;

-- Deleted records that can be restored. Their rows in `objects` have the kind `trash/<kind>` and their ID as name, and keep
-- their versions and triggers.
create table trash (
  tenant_id text not null,
  id text not null,
  kind text not null,
  name text not null,
  -- the same for all records that were deleted together
  deletion text not null,
  deleted_at integer not null,
  deleted_by text not null,
  -- of a dashboard: the roles whose start page it was, as JSON
  start_of text,
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references objects(tenant_id, id) on delete cascade
) strict;
create index trash_newest on trash(tenant_id, deleted_at, id);
create index trash_kind on trash(tenant_id, kind, deleted_at, id);
create index trash_deletion on trash(tenant_id, deletion);
create index trash_age on trash(deleted_at);

-- The state of triggers. Their settings are in the workflow.
create table triggers (
  tenant_id text not null,
  workflow_id text not null,
  -- unique within its workflow
  id text not null,
  kind text not null check (kind in ('schedule', 'webhook')),
  -- the token of a webhook as plain text, from older versions: the next start seals it
  token text unique,
  -- the time that a schedule's next run is for, and when to start it: then, or later after a failed attempt
  scheduled_for integer,
  due_at integer,
  -- the time that the last run was for
  fired_at integer,
  -- why no run was started the last time
  failure text,
  -- the token of a webhook: looked up by its hash, shown from its sealed copy
  token_hash text,
  token_sealed text,
  primary key (tenant_id, workflow_id, id),
  foreign key (tenant_id, workflow_id) references objects(tenant_id, id) on delete cascade
) strict;
create unique index triggers_token_hash on triggers(token_hash);
create index triggers_due on triggers(due_at) where due_at is not null;

create table members (
  tenant_id text not null references tenants(id) on delete cascade,
  user_id text not null references users(id) on delete cascade,
  role_id text not null,
  joined_at integer not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
) strict;
create index members_user on members(user_id);
create index members_role on members(tenant_id, role_id);

create table invitations (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  token_hash text not null unique,
  email text not null,
  role_id text not null,
  created_at integer not null,
  created_by text,
  expires_at integer not null,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text,
  primary key (tenant_id, id),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
) strict;
create index invitations_email on invitations(email);

create table api_keys (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  name text not null,
  -- the first characters, to tell keys apart
  prefix text not null,
  hash text not null unique,
  role_id text not null,
  created_at integer not null,
  created_by text,
  expires_at integer,
  last_used_at integer,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
) strict;

-- Share links, with hashes of their tokens.
create table shares (
  tenant_id text not null,
  id text not null,
  dashboard_id text not null,
  token_hash text not null unique,
  -- a JSON array of the origins that may embed the dashboard
  allowed_origins text not null,
  -- a JSON object of the locked variables
  variables text not null,
  created_at integer not null,
  -- as in the audit log
  created_by text not null,
  expires_at integer,
  last_used_at integer,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text,
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references objects(tenant_id, id) on delete cascade
) strict;
create index shares_dashboard on shares(tenant_id, dashboard_id);

-- Dashboards that not everyone may open whose role allows it. Those who may edit roles always may. A row outlives its
-- dashboard, so that the audit log keeps its name from the others.
create table restricted_dashboards (
  tenant_id text not null references tenants(id) on delete cascade,
  dashboard_id text not null,
  primary key (tenant_id, dashboard_id)
) strict;

-- What roles and members may do on restricted dashboards.
create table dashboard_grants (
  tenant_id text not null,
  dashboard_id text not null,
  -- the ID of the role or of the member
  holder_id text not null,
  -- one of both is the holder: the grant ends with the role or the membership
  role_id text,
  user_id text,
  -- each level includes those before it
  level text not null check (level in ('view', 'use', 'edit')),
  primary key (tenant_id, dashboard_id, holder_id),
  foreign key (tenant_id, dashboard_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, role_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references members(tenant_id, user_id) on delete cascade
) strict;
create index dashboard_grants_role on dashboard_grants(tenant_id, role_id);
create index dashboard_grants_user on dashboard_grants(tenant_id, user_id);

-- Free-form settings of a user in a tenant.
create table user_configs (
  tenant_id text not null references tenants(id) on delete cascade,
  user_id text not null references users(id) on delete cascade,
  config text not null,
  updated_at integer not null,
  primary key (tenant_id, user_id)
) strict;

-- The audit log. Entries outlive the records that they refer to, but not their tenant.
create table audit (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  at integer not null,
  actor_kind text not null,
  actor_id text not null,
  actor_label text not null,
  action text not null,
  object_kind text not null,
  object_id text not null,
  object_name text not null,
  request_id text,
  address text,
  -- JSON: what was changed in a datasource, and with which values
  details text,
  primary key (tenant_id, at, id)
) strict, without rowid;
create index audit_actor on audit(tenant_id, actor_id, action, at, id);
create index audit_object on audit(tenant_id, object_id, at, id);

-- The number of audit log entries by actor and action, so that lists need not count.
create table audit_counts (
  tenant_id text not null references tenants(id) on delete cascade,
  actor_id text not null,
  action text not null,
  count integer not null,
  primary key (tenant_id, actor_id, action)
) strict;

-- How much each tenant stores, by kind. Updated in the transactions that write it.
create table usage (
  tenant_id text not null,
  kind text not null,
  bytes integer not null,
  row_count integer not null,
  primary key (tenant_id, kind)
) strict, without rowid;

-- Deleted tenants. Only the data of tenants in this table is removed. Without `removed_at`, some of it may remain.
create table deleted_tenants (
  id text primary key,
  at integer not null,
  removed_at integer
) strict;

-- Files whose row was deleted and whose content may still exist.
create table deleted_files (
  tenant_id text not null,
  id text not null,
  primary key (tenant_id, id)
) strict, without rowid;

-- == runs: runs.db ==

-- At most one row: the data directory that this file belongs to, and the epoch that it has reached; see `directory`
-- above.
create table directory (
  only integer primary key check (only = 1),
  instance text not null,
  epoch integer not null
) strict;

-- Query executions.
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
  -- `run`, `preview`, `explain` or `export`
  mode text not null default 'run',
  primary key (tenant_id, id)
) strict;
create index query_runs_query on query_runs(tenant_id, query_id, id);

-- The workflow graphs of runs, by the hash of their content.
create table definitions (
  tenant_id text not null,
  hash text not null,
  body text not null,
  primary key (tenant_id, hash)
) strict;

-- Runs of workflows. They outlive their workflow.
create table instances (
  tenant_id text not null,
  id text not null,
  -- null for a test of an unsaved graph
  workflow_id text,
  workflow_name text not null,
  workflow_version integer not null,
  definition text not null,
  status text not null,
  is_test integer not null,
  -- what started the run, and who
  cause text not null,
  actor_kind text not null,
  actor_id text not null,
  actor_label text not null,
  -- text, or a blob with the same text compressed if it is large
  input any not null,
  output any,
  error text,
  created_at integer not null,
  started_at integer,
  finished_at integer,
  -- when a waiting run continues without an answer
  due_at integer,
  -- the number of the last entry in its journal: a writer that missed one is refused
  seq integer not null,
  idempotency_key text,
  -- the run whose step waits for this one, that step, and the nesting depth
  parent_id text,
  parent_step text,
  depth integer not null default 0,
  -- the run that this one replays
  replay_of text,
  -- the size of the run and its journal
  bytes integer not null default 0,
  -- the life of the server that executes the run; empty if there is only one server
  owner text not null default '',
  primary key (tenant_id, id),
  foreign key (tenant_id, definition) references definitions(tenant_id, hash)
) strict;
create index instances_owned on instances(owner) where finished_at is null and owner <> '';
create index instances_live on instances(tenant_id, id) where finished_at is null;
create index instances_ended on instances(tenant_id, finished_at, bytes) where finished_at is not null;
-- lists read one series per combination of values that match the filter, with or without a workflow
create index instances_series on instances(tenant_id, status, is_test, cause, id);
create index instances_of_workflow on instances(tenant_id, workflow_id, status, is_test, cause, id);
create index instances_definition on instances(tenant_id, definition);
create unique index instances_key on instances(tenant_id, workflow_id, idempotency_key) where idempotency_key is not null;
create unique index instances_parent on instances(tenant_id, parent_id, parent_step) where parent_id is not null;

-- The number of ended runs by status and trigger, because counting a million rows takes too long.
create table ended_counts (
  tenant_id text not null,
  -- empty for a test of an unsaved graph
  workflow_id text not null,
  status text not null,
  is_test integer not null,
  cause text not null,
  count integer not null,
  primary key (tenant_id, workflow_id, status, is_test, cause)
) strict, without rowid;

-- Everything that happened in a run, in order. Replaying it gives the state of the run.
create table journal (
  tenant_id text not null,
  instance_id text not null,
  seq integer not null,
  at integer not null,
  -- text, or a blob with the same text compressed if it is large
  event any not null,
  primary key (tenant_id, instance_id, seq),
  foreign key (tenant_id, instance_id) references instances(tenant_id, id) on delete cascade
) strict, without rowid;

-- Open approvals.
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

-- How much each tenant stores, by kind. Updated in the transactions that write it.
create table usage (
  tenant_id text not null,
  kind text not null,
  bytes integer not null,
  row_count integer not null,
  primary key (tenant_id, kind)
) strict, without rowid;
