-- What an entry of the audit log tells besides its object.
alter table audit add column details text;

-- Deleted records that can be restored.
create table trash (
  tenant_id text not null,
  id text not null,
  kind text not null,
  name text not null,
  deletion text not null,
  deleted_at integer not null,
  deleted_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references objects(tenant_id, id) on delete cascade
) strict;
create index trash_newest on trash(tenant_id, deleted_at, id);
create index trash_kind on trash(tenant_id, kind, deleted_at, id);
create index trash_deletion on trash(tenant_id, deletion);
create index trash_age on trash(deleted_at);
