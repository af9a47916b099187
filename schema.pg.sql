-- The complete current schema on PostgreSQL: `schema.sql`, with other types. A test holds one against the other.
-- All integers are `bigint`, all texts sort by their bytes, as on SQLite, and what may be compressed is `bytea`. Each of
-- the two parts has its own PostgreSQL schema, because some tables of both have the same name.

-- == workspace: jet-admin.db ==

-- A single row: the data directory that this file belongs to. The other parts have the same id. `epoch` increases while
-- the directory is used. When `settled` equals it, every part has reached it.
create table directory (
  "only" bigint primary key check ("only" = 1),
  instance text collate "C" not null,
  epoch bigint not null,
  settled bigint not null,
  -- digests that identify the keys of this directory; null before their first use, empty if any key is accepted
  signing_check text collate "C",
  secret_check text collate "C",
  -- a digest of the forms in which records are stored: if it changes, stored records are rewritten
  forms text collate "C",
  -- the sealed key that signs ID tokens, if several servers share this database
  signing_key text collate "C"
);
insert into directory ("only", instance, epoch, settled) values (1, replace(gen_random_uuid()::text, '-', ''), 1, 0);

-- Accounts. A local account has a row in `credentials`, an external one in `identities`.
create table users (
  id text collate "C" primary key,
  email text collate "C" not null,
  email_verified bigint not null default 0,
  name text collate "C" not null default '',
  photo_url text collate "C",
  is_instance_admin bigint not null default 0,
  disabled bigint not null default 0,
  created_at bigint not null,
  last_login_at bigint,
  -- tokens issued before this time are refused
  tokens_valid_after bigint not null default 0
);

create table credentials (
  user_id text collate "C" primary key references users(id) on delete cascade,
  email text collate "C" not null unique,
  password_hash text collate "C" not null
);

create table identities (
  issuer text collate "C" not null,
  subject text collate "C" not null,
  user_id text collate "C" not null references users(id) on delete cascade,
  primary key (issuer, subject)
);
create index identities_user on identities(user_id);

-- Hashes of refresh tokens. Rotation adds a row to the same family. Reusing a token revokes the family.
create table refresh_tokens (
  hash text collate "C" primary key,
  family text collate "C" not null,
  user_id text collate "C" not null references users(id) on delete cascade,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  -- when the user last authenticated: a refresh does not change it
  signed_in_at bigint not null default 0
);
create index refresh_tokens_family on refresh_tokens(family);
create index refresh_tokens_user on refresh_tokens(user_id);

-- One-time codes sent by email: password reset, email verification, and change of the email address.
create table action_codes (
  hash text collate "C" primary key,
  user_id text collate "C" not null references users(id) on delete cascade,
  purpose text collate "C" not null check (purpose in ('PASSWORD_RESET', 'VERIFY_EMAIL', 'VERIFY_AND_CHANGE_EMAIL')),
  -- the account's email address when the code was created
  email text collate "C" not null,
  expires_at bigint not null,
  -- the new email address, which the code was sent to
  new_email text collate "C"
);
create index action_codes_user on action_codes(user_id);

create table tenants (
  id text collate "C" primary key,
  name text collate "C" not null,
  logo_url text collate "C",
  settings text collate "C" not null default '{}',
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);

-- Records: datasources, queries, widgets, dashboards, workflows, files, variables, roles.
create table objects (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  id text collate "C" not null,
  kind text collate "C" not null,
  -- the dashboard that it belongs to; empty in the library
  dashboard_id text collate "C" not null default '',
  name text collate "C" not null,
  description text collate "C" not null,
  -- name and description in lower case, for searches with `q`
  search text collate "C" not null,
  spec text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  created_by text collate "C",
  version bigint not null,
  -- the size of its versions
  versions_bytes bigint not null default 0,
  primary key (tenant_id, id),
  unique (tenant_id, kind, name, dashboard_id)
);
create index objects_owned on objects(tenant_id, dashboard_id, kind, name) where dashboard_id <> '';
create index objects_created on objects(tenant_id, kind, created_at, id);
create index objects_updated on objects(tenant_id, kind, updated_at, id);

-- The number of records of each kind, updated with each insert and delete, so that lists need not count.
create table object_counts (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  kind text collate "C" not null,
  count bigint not null,
  primary key (tenant_id, kind)
);

-- Links between records of a tenant. The target of a link cannot be deleted.
create table links (
  tenant_id text collate "C" not null,
  source_id text collate "C" not null,
  target_id text collate "C" not null,
  primary key (tenant_id, source_id, target_id),
  foreign key (tenant_id, source_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, target_id) references objects(tenant_id, id)
);
create index links_target on links(tenant_id, target_id);

-- The saved versions of records.
create table versions (
  tenant_id text collate "C" not null,
  object_id text collate "C" not null,
  version bigint not null,
  name text collate "C" not null,
  description text collate "C" not null,
  spec text collate "C" not null,
  at bigint not null,
  by text collate "C" not null,
  -- of a dashboard: the versions of what belonged to it, as JSON by ID
  parts text collate "C",
  primary key (tenant_id, object_id, version),
  foreign key (tenant_id, object_id) references objects(tenant_id, id) on delete cascade
);

-- Deleted records that can be restored. Their rows in `objects` have the kind `trash/<kind>` and their ID as name, and keep
-- their versions and triggers.
create table trash (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  -- the same for all records that were deleted together
  deletion text collate "C" not null,
  deleted_at bigint not null,
  deleted_by text collate "C" not null,
  -- of a dashboard: the roles whose start page it was, as JSON
  start_of text collate "C",
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references objects(tenant_id, id) on delete cascade
);
create index trash_newest on trash(tenant_id, deleted_at, id);
create index trash_kind on trash(tenant_id, kind, deleted_at, id);
create index trash_deletion on trash(tenant_id, deletion);
create index trash_age on trash(deleted_at);

-- The state of triggers. Their settings are in the workflow.
create table triggers (
  tenant_id text collate "C" not null,
  workflow_id text collate "C" not null,
  -- unique within its workflow
  id text collate "C" not null,
  kind text collate "C" not null check (kind in ('schedule', 'webhook')),
  -- the token of a webhook as plain text, from older versions: the next start seals it
  token text collate "C" unique,
  -- the time that a schedule's next run is for, and when to start it: then, or later after a failed attempt
  scheduled_for bigint,
  due_at bigint,
  -- the time that the last run was for
  fired_at bigint,
  -- why no run was started the last time
  failure text collate "C",
  -- the token of a webhook: looked up by its hash, shown from its sealed copy
  token_hash text collate "C",
  token_sealed text collate "C",
  primary key (tenant_id, workflow_id, id),
  foreign key (tenant_id, workflow_id) references objects(tenant_id, id) on delete cascade
);
create unique index triggers_token_hash on triggers(token_hash);
create index triggers_due on triggers(due_at) where due_at is not null;

create table members (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  user_id text collate "C" not null references users(id) on delete cascade,
  role_id text collate "C" not null,
  joined_at bigint not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
);
create index members_user on members(user_id);
create index members_role on members(tenant_id, role_id);

create table invitations (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  id text collate "C" not null,
  token_hash text collate "C" not null unique,
  email text collate "C" not null,
  role_id text collate "C" not null,
  created_at bigint not null,
  created_by text collate "C",
  expires_at bigint not null,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text collate "C",
  primary key (tenant_id, id),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
);
create index invitations_email on invitations(email);

create table api_keys (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  id text collate "C" not null,
  name text collate "C" not null,
  -- the first characters, to tell keys apart
  prefix text collate "C" not null,
  hash text collate "C" not null unique,
  role_id text collate "C" not null,
  created_at bigint not null,
  created_by text collate "C",
  expires_at bigint,
  last_used_at bigint,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text collate "C",
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
);

-- Share links, with hashes of their tokens.
create table shares (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  dashboard_id text collate "C" not null,
  token_hash text collate "C" not null unique,
  -- a JSON array of the origins that may embed the dashboard
  allowed_origins text collate "C" not null,
  -- a JSON object of the locked variables
  variables text collate "C" not null,
  created_at bigint not null,
  -- as in the audit log
  created_by text collate "C" not null,
  expires_at bigint,
  last_used_at bigint,
  -- the member on whose behalf it acts: it stops working when they leave
  owner_id text collate "C",
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references objects(tenant_id, id) on delete cascade
);
create index shares_dashboard on shares(tenant_id, dashboard_id);

-- Dashboards that not everyone may open whose role allows it. Those who may edit roles always may. A row outlives its
-- dashboard, so that the audit log keeps its name from the others.
create table restricted_dashboards (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  dashboard_id text collate "C" not null,
  primary key (tenant_id, dashboard_id)
);

-- What roles and members may do on restricted dashboards.
create table dashboard_grants (
  tenant_id text collate "C" not null,
  dashboard_id text collate "C" not null,
  -- the ID of the role or of the member
  holder_id text collate "C" not null,
  -- one of both is the holder: the grant ends with the role or the membership
  role_id text collate "C",
  user_id text collate "C",
  -- each level includes those before it
  level text collate "C" not null check (level in ('view', 'use', 'edit')),
  primary key (tenant_id, dashboard_id, holder_id),
  foreign key (tenant_id, dashboard_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, role_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references members(tenant_id, user_id) on delete cascade
);
create index dashboard_grants_role on dashboard_grants(tenant_id, role_id);
create index dashboard_grants_user on dashboard_grants(tenant_id, user_id);

-- Free-form settings of a user in a tenant.
create table user_configs (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  user_id text collate "C" not null references users(id) on delete cascade,
  config text collate "C" not null,
  updated_at bigint not null,
  primary key (tenant_id, user_id)
);

-- The audit log. Entries outlive the records that they refer to, but not their tenant.
create table audit (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  id text collate "C" not null,
  at bigint not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C" not null,
  actor_label text collate "C" not null,
  action text collate "C" not null,
  object_kind text collate "C" not null,
  object_id text collate "C" not null,
  object_name text collate "C" not null,
  request_id text collate "C",
  address text collate "C",
  -- JSON: what was changed in a datasource, and with which values
  details text collate "C",
  primary key (tenant_id, at, id)
);
create index audit_actor on audit(tenant_id, actor_id, action, at, id);
create index audit_object on audit(tenant_id, object_id, at, id);

-- The number of audit log entries by actor and action, so that lists need not count.
create table audit_counts (
  tenant_id text collate "C" not null references tenants(id) on delete cascade,
  actor_id text collate "C" not null,
  action text collate "C" not null,
  count bigint not null,
  primary key (tenant_id, actor_id, action)
);

-- How much each tenant stores, by kind. Updated in the transactions that write it.
create table usage (
  tenant_id text collate "C" not null,
  kind text collate "C" not null,
  bytes bigint not null,
  row_count bigint not null,
  primary key (tenant_id, kind)
);

-- Deleted tenants. Only the data of tenants in this table is removed. Without `removed_at`, some of it may remain.
create table deleted_tenants (
  id text collate "C" primary key,
  at bigint not null,
  removed_at bigint
);

-- Files whose row was deleted and whose content may still exist.
create table deleted_files (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  primary key (tenant_id, id)
);

-- == runs: runs.db ==

-- At most one row: the data directory that this file belongs to, and the epoch that it has reached; see `directory`
-- above.
create table directory (
  "only" bigint primary key check ("only" = 1),
  instance text collate "C" not null,
  epoch bigint not null
);

-- Query executions.
create table query_runs (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  query_id text collate "C" not null,
  query_version bigint not null,
  at bigint not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C" not null,
  actor_label text collate "C" not null,
  duration_us bigint not null,
  row_count bigint,
  cache text collate "C" not null,
  error text collate "C",
  -- `run`, `preview`, `explain` or `export`
  mode text collate "C" not null default 'run',
  primary key (tenant_id, id)
);
create index query_runs_query on query_runs(tenant_id, query_id, id);

-- The workflow graphs of runs, by the hash of their content.
create table definitions (
  tenant_id text collate "C" not null,
  hash text collate "C" not null,
  body text collate "C" not null,
  primary key (tenant_id, hash)
);

-- Runs of workflows. They outlive their workflow.
create table instances (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  -- null for a test of an unsaved graph
  workflow_id text collate "C",
  workflow_name text collate "C" not null,
  workflow_version bigint not null,
  definition text collate "C" not null,
  status text collate "C" not null,
  is_test bigint not null,
  -- what started the run, and who
  cause text collate "C" not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C" not null,
  actor_label text collate "C" not null,
  -- text, or the same text compressed if it is large
  input bytea not null,
  output bytea,
  error text collate "C",
  created_at bigint not null,
  started_at bigint,
  finished_at bigint,
  -- when a waiting run continues without an answer
  due_at bigint,
  -- the number of the last entry in its journal: a writer that missed one is refused
  seq bigint not null,
  idempotency_key text collate "C",
  -- the run whose step waits for this one, that step, and the nesting depth
  parent_id text collate "C",
  parent_step text collate "C",
  depth bigint not null default 0,
  -- the run that this one replays
  replay_of text collate "C",
  -- the size of the run and its journal
  bytes bigint not null default 0,
  -- the life of the server that executes the run; empty if there is only one server
  owner text collate "C" not null default '',
  -- graphs are deleted while no run can begin. A foreign key would lock the graph for each new run
  primary key (tenant_id, id)
);
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
  tenant_id text collate "C" not null,
  -- empty for a test of an unsaved graph
  workflow_id text collate "C" not null,
  status text collate "C" not null,
  is_test bigint not null,
  cause text collate "C" not null,
  count bigint not null,
  primary key (tenant_id, workflow_id, status, is_test, cause)
);

-- Everything that happened in a run, in order. Replaying it gives the state of the run.
create table journal (
  tenant_id text collate "C" not null,
  instance_id text collate "C" not null,
  seq bigint not null,
  at bigint not null,
  -- text, or the same text compressed if it is large
  event bytea not null,
  -- deleted with its run. A foreign key would be checked for each entry, although the run's row is locked before
  primary key (tenant_id, instance_id, seq)
);

-- Open approvals.
create table tasks (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  instance_id text collate "C" not null,
  node_id text collate "C" not null,
  iteration text collate "C" not null,
  task text collate "C" not null,
  created_at bigint not null,
  due_at bigint,
  primary key (tenant_id, id),
  foreign key (tenant_id, instance_id) references instances(tenant_id, id) on delete cascade
);
create index tasks_instance on tasks(tenant_id, instance_id);

-- How much each tenant stores, by kind. Updated in the transactions that write it.
create table usage (
  tenant_id text collate "C" not null,
  kind text collate "C" not null,
  bytes bigint not null,
  row_count bigint not null,
  primary key (tenant_id, kind)
);
