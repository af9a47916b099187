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
create table refresh_tokens (
  hash text primary key,
  family text not null,
  user_id text not null references users(id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) strict;
create index refresh_tokens_family on refresh_tokens(family);
create index refresh_tokens_user on refresh_tokens(user_id);
create table action_codes (
  hash text primary key,
  user_id text not null references users(id) on delete cascade,
  purpose text not null check (purpose in ('PASSWORD_RESET', 'VERIFY_EMAIL')),
  email text not null,
  expires_at integer not null
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
create table objects (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  kind text not null,
  name text not null,
  description text not null,
  search text not null,
  spec text not null,
  created_at integer not null,
  updated_at integer not null,
  created_by text,
  version integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, kind, name)
) strict;
create index objects_created on objects(tenant_id, kind, created_at, id);
create index objects_updated on objects(tenant_id, kind, updated_at, id);
create table object_counts (
  tenant_id text not null references tenants(id) on delete cascade,
  kind text not null,
  count integer not null,
  primary key (tenant_id, kind)
) strict;
create table links (
  tenant_id text not null,
  source_id text not null,
  target_id text not null,
  primary key (tenant_id, source_id, target_id),
  foreign key (tenant_id, source_id) references objects(tenant_id, id) on delete cascade,
  foreign key (tenant_id, target_id) references objects(tenant_id, id)
) strict;
create index links_target on links(tenant_id, target_id);
create table versions (
  tenant_id text not null,
  object_id text not null,
  version integer not null,
  name text not null,
  description text not null,
  spec text not null,
  at integer not null,
  by text not null,
  primary key (tenant_id, object_id, version),
  foreign key (tenant_id, object_id) references objects(tenant_id, id) on delete cascade
) strict;
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
  primary key (tenant_id, id),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
) strict;
create index invitations_email on invitations(email);
create table api_keys (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  name text not null,
  prefix text not null,
  hash text not null unique,
  role_id text not null,
  created_at integer not null,
  created_by text,
  expires_at integer,
  last_used_at integer,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, role_id) references objects(tenant_id, id)
) strict;
create table user_configs (
  tenant_id text not null references tenants(id) on delete cascade,
  user_id text not null references users(id) on delete cascade,
  config text not null,
  updated_at integer not null,
  primary key (tenant_id, user_id)
) strict;
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
  primary key (tenant_id, id)
) strict;
create index audit_at on audit(tenant_id, at, id);
