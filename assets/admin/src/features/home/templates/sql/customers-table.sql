create table customers (
  id integer primary key,
  name text not null,
  email text,
  country text,
  plan text not null default 'Free',
  since text not null default current_date
)
