create table requests (
  id integer primary key,
  received_at text not null default current_timestamp,
  sender text not null,
  message text not null
)
