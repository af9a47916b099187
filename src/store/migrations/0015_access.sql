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
