-- Counters of what tenants store, and marks of what was deleted.
alter table objects add column versions_bytes integer not null default 0;
update objects set versions_bytes = (
  select coalesce(sum(200 + octet_length(v.name) + octet_length(v.description) + octet_length(v.spec)), 0)
  from versions v where v.tenant_id = objects.tenant_id and v.object_id = objects.id);

create table usage (
  tenant_id text not null,
  kind text not null,
  bytes integer not null,
  row_count integer not null,
  primary key (tenant_id, kind)
) strict, without rowid;
insert into usage
  select tenant_id, 'records', sum(600 + octet_length(name) + octet_length(description) + octet_length(spec)), count(*)
  from objects group by tenant_id;
insert into usage
  select tenant_id, 'versions', sum(200 + octet_length(name) + octet_length(description) + octet_length(spec)), count(*)
  from versions group by tenant_id;
insert into usage
  select tenant_id, 'auditLog', sum(400 + octet_length(object_name) + octet_length(actor_label)), count(*)
  from audit group by tenant_id;

create table deleted_tenants (
  id text primary key,
  at integer not null,
  removed_at integer
) strict;
create table deleted_files (
  tenant_id text not null,
  id text not null,
  primary key (tenant_id, id)
) strict, without rowid;
