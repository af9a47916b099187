create table directory (
  only integer primary key check (only = 1),
  instance text not null,
  epoch integer not null
) strict;
