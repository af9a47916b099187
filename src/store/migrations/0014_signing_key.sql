-- Servers that share a database sign ID tokens with the same key.
alter table directory add column signing_key text;
