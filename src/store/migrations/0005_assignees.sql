-- Approvals ask roles by id: the names in saved workflows become the ids of the roles that they mean today. Where a
-- name means none, or several, it stays, and only Owners may answer.
create temp table meant as
  select o.tenant_id, o.id as workflow_id, n.key as node, a.key as place, a.value as name,
    coalesce(
      (select r.id from objects r where r.tenant_id = o.tenant_id and r.kind = 'role'
         and json_extract(r.spec, '$.builtIn') is not null and lower(r.name) = lower(trim(a.value))),
      (select r.id from objects r where r.tenant_id = o.tenant_id and r.kind = 'role' and r.name = trim(a.value)),
      (select min(r.id) from objects r where r.tenant_id = o.tenant_id and r.kind = 'role'
         and lower(r.name) = lower(trim(a.value)) having count(*) = 1)
    ) as role_id
  from objects o, json_each(o.spec, '$.nodes') n, json_each(n.value, '$.config.assignees') a
  where o.kind = 'workflow' and a.type = 'text';
delete from meant where role_id is null;

update objects set spec = json_set(spec, '$.nodes', json((
    select json_group_array(json(
      case when exists (
        select 1 from meant m
        where m.tenant_id = objects.tenant_id and m.workflow_id = objects.id and m.node = n.key
      ) then json_set(n.value, '$.config.assignees', json((
        select json_group_array(coalesce((
            select m.role_id from meant m
            where m.tenant_id = objects.tenant_id and m.workflow_id = objects.id and m.node = n.key and m.place = a.key
          ), a.value))
        from json_each(n.value, '$.config.assignees') a
      ))) else n.value end))
    from json_each(objects.spec, '$.nodes') n
  )))
where kind = 'workflow' and exists (
  select 1 from meant m where m.tenant_id = objects.tenant_id and m.workflow_id = objects.id
);

insert into links (tenant_id, source_id, target_id)
  select distinct tenant_id, workflow_id, role_id from meant where true on conflict do nothing;

drop table meant;
