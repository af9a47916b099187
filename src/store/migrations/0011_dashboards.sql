-- Records that belong to a dashboard. Their names are unique on it, instead of in the tenant, so the table is created again.
create table objects_new (
  tenant_id text not null references tenants(id) on delete cascade,
  id text not null,
  kind text not null,
  dashboard_id text not null default '',
  name text not null,
  description text not null,
  search text not null,
  spec text not null,
  created_at integer not null,
  updated_at integer not null,
  created_by text,
  version integer not null,
  versions_bytes integer not null default 0,
  primary key (tenant_id, id),
  unique (tenant_id, kind, name, dashboard_id)
) strict;
insert into objects_new (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, created_by, version, versions_bytes)
  select tenant_id, id, kind, name, description, search, spec, created_at, updated_at, created_by, version, versions_bytes from objects;
drop table objects;
alter table objects_new rename to objects;
create index objects_owned on objects(tenant_id, dashboard_id, kind, name) where dashboard_id <> '';
create index objects_created on objects(tenant_id, kind, created_at, id);
create index objects_updated on objects(tenant_id, kind, updated_at, id);
