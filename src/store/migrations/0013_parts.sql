-- Versions of dashboards name the versions of the widgets and queries that belonged to them, and dashboards in the trash
-- the roles whose start page they were.
alter table versions add column parts text;
alter table trash add column start_of text;
