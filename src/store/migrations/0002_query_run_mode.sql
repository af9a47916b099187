-- What was done with the query: `run`, `preview`, `explain` or `export`.
alter table query_runs add column mode text not null default 'run';
