-- When the person behind a session proved who they are.
alter table refresh_tokens add column signed_in_at integer not null default 0;

-- A code may change the account's address.
create table new_action_codes (
  hash text primary key,
  user_id text not null references users(id) on delete cascade,
  purpose text not null check (purpose in ('PASSWORD_RESET', 'VERIFY_EMAIL', 'VERIFY_AND_CHANGE_EMAIL')),
  email text not null,
  expires_at integer not null,
  new_email text
) strict;
insert into new_action_codes (hash, user_id, purpose, email, expires_at)
  select hash, user_id, purpose, email, expires_at from action_codes;
drop table action_codes;
alter table new_action_codes rename to action_codes;
create index action_codes_user on action_codes(user_id);

-- A webhook's address is kept as a hash and a sealed copy.
alter table triggers add column token_hash text;
alter table triggers add column token_sealed text;
create unique index triggers_token_hash on triggers(token_hash);

-- The member on whose behalf a credential acts. What an API key made belongs to whom that key belongs to.
alter table api_keys add column owner_id text;
update api_keys set owner_id = (
  with recursive makers(id) as (
    values (api_keys.created_by)
    union
    select k.created_by from api_keys k join makers on k.id = makers.id and k.tenant_id = api_keys.tenant_id
  )
  select u.id from makers join users u on u.id = makers.id limit 1
);

alter table invitations add column owner_id text;
update invitations set owner_id = coalesce(
  (select u.id from users u where u.id = invitations.created_by),
  (select k.owner_id from api_keys k where k.tenant_id = invitations.tenant_id and k.id = invitations.created_by)
);

-- Links name their maker as the audit log does; the log knows who that was.
alter table shares add column owner_id text;
update shares set owner_id = (
  select coalesce(
    (select u.id from users u where u.id = a.actor_id),
    (select k.owner_id from api_keys k where k.tenant_id = a.tenant_id and k.id = a.actor_id)
  )
  from audit a
  where a.tenant_id = shares.tenant_id and a.object_kind = 'share' and a.object_id = shares.id and a.action = 'share.create'
  limit 1
);
