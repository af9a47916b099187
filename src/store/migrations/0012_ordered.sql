-- Versions and entries of the audit log are kept in the order in which they are read, instead of beside an index for it.
create table versions_new (
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
) strict, without rowid;
insert into versions_new (tenant_id, object_id, version, name, description, spec, at, by)
  select tenant_id, object_id, version, name, description, spec, at, by from versions
  order by tenant_id, object_id, version;
drop table versions;
alter table versions_new rename to versions;
create table audit_new (
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
  details text,
  primary key (tenant_id, at, id)
) strict, without rowid;
insert into audit_new (tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address, details)
  select tenant_id, id, at, actor_kind, actor_id, actor_label, action, object_kind, object_id, object_name, request_id, address, details from audit
  order by tenant_id, at, id;
drop table audit;
alter table audit_new rename to audit;
create index audit_actor on audit(tenant_id, actor_id, action, at, id);
create index audit_object on audit(tenant_id, object_id, at, id);
