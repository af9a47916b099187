-- Lists of runs by every combination of filters: with a workflow, and without.
drop index instances_workflow;
drop index instances_status;
drop index instances_cause;
drop index instances_tests;
create index instances_series on instances(tenant_id, status, is_test, cause, id);
create index instances_of_workflow on instances(tenant_id, workflow_id, status, is_test, cause, id);
