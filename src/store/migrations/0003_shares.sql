-- Links that show one dashboard to whoever holds them: only hashes.
create table shares (
  tenant_id text not null,
  id text not null,
  dashboard_id text not null,
  token_hash text not null unique,
  -- a JSON list of the origins whose pages may embed it
  allowed_origins text not null,
  -- a JSON object of values that nobody who holds the link can change
  variables text not null,
  created_at integer not null,
  -- as the audit log names them
  created_by text not null,
  expires_at integer,
  last_used_at integer,
  primary key (tenant_id, id),
  foreign key (tenant_id, dashboard_id) references objects(tenant_id, id) on delete cascade
) strict;
create index shares_dashboard on shares(tenant_id, dashboard_id);
