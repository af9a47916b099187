-- Counters of what tenants store; each tenant's oldest runs are found without those of others.
alter table instances add column bytes integer not null default 0;
update instances set bytes = 1500 + octet_length(input) + coalesce(octet_length(output), 0) + coalesce(octet_length(error), 0) + (
  select coalesce(sum(120 + octet_length(j.event)), 0)
  from journal j where j.tenant_id = instances.tenant_id and j.instance_id = instances.id);
drop index instances_ended;
create index instances_ended on instances(tenant_id, finished_at, bytes) where finished_at is not null;

create table usage (
  tenant_id text not null,
  kind text not null,
  bytes integer not null,
  row_count integer not null,
  primary key (tenant_id, kind)
) strict, without rowid;
insert into usage
  select tenant_id, 'unfinishedRuns', sum(bytes), count(*) from instances where finished_at is null group by tenant_id;
insert into usage
  select tenant_id, 'endedRuns', sum(bytes), count(*) from instances where finished_at is not null group by tenant_id;
insert into usage
  select tenant_id, 'definitions', sum(150 + octet_length(body)), count(*) from definitions group by tenant_id;
insert into usage
  select tenant_id, 'queryHistory', sum(400 + coalesce(octet_length(error), 0)), count(*) from query_runs group by tenant_id;
