-- Servers that share a database execute different runs.
alter table instances add column owner text not null default '';
create index instances_owned on instances(owner) where finished_at is null and owner <> '';
