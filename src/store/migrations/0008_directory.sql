create table directory (
  only integer primary key check (only = 1),
  instance text not null,
  epoch integer not null,
  settled integer not null,
  signing_check text,
  secret_check text
) strict;
insert into directory (only, instance, epoch, settled) values (1, lower(hex(randomblob(16))), 1, 0);
