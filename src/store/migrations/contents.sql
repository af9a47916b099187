-- The content of uploaded files in storage that servers share (`--files`). Only on PostgreSQL, in the schema of the
-- workspace. Each row is an object that was never there before and never changes, so that a late request of a server
-- cannot affect content that another one has stored.
create table contents (
  object text collate "C" primary key,
  tenant_id text collate "C" not null,
  file_id text collate "C" not null,
  sha256 text collate "C" not null,
  bytes bigint not null,
  added_at bigint not null,
  -- `arriving` until the row of the file is written, then `current` or `earlier`; `removed` when nothing needs it
  state text collate "C" not null,
  -- when the object is deleted; absent while a file needs it
  remove_after bigint
);
create index contents_file on contents(tenant_id, file_id, sha256);
create index contents_removal on contents(remove_after) where remove_after is not null;
