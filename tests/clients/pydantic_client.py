"""What openapi-generator makes for Python: signs in, reads, changes one field, uploads. Arguments: address, e-mail, password."""
import sys

from pydantic_api import (
    ApiClient, AuthApi, Configuration, DataQueriesApi, DataQueryPatch, FilesApi, SessionApi, SignInRequest, WorkflowPatch,
    WorkflowsApi,
)
from pydantic_api.exceptions import NotFoundException

url, email, password = sys.argv[1:]
configuration = Configuration(host=url)
client = ApiClient(configuration)
session = SessionApi(client).session_sign_in(SignInRequest(email=email, password=password))
configuration.access_token = session.id_token
tenant = str(AuthApi(client).auth_me().tenants[0].id)
inside = {"tenant_id": tenant, "x_tenant_id": tenant}

workflows = WorkflowsApi(client)
enabled = next(workflow for workflow in workflows.workflow_list(**inside).items if workflow.enabled)
workflow = workflows.workflow_get(workflow_id=enabled.id, **inside)
assert workflow.nodes
patch = WorkflowPatch(description="renamed again")
assert patch.to_dict() == {"description": "renamed again"}, patch.to_dict()
before = workflow.to_dict()
after = workflows.workflow_update(workflow_id=enabled.id, workflow_patch=patch, **inside).to_dict()
moved = {name for name in before if before[name] != after.get(name)}
assert moved <= {"description", "version", "updatedAt", "triggerStates"} and "description" in moved, moved

queries = DataQueriesApi(client)
query = queries.dataquery_list(**inside).items[0].id
queries.dataquery_update(query_id=query, data_query_patch=DataQueryPatch(cacheSeconds=300), **inside)
queries.dataquery_update(query_id=query, data_query_patch=DataQueryPatch(description="y"), **inside)
assert queries.dataquery_get(query_id=query, **inside).cache_seconds == 300

files = FilesApi(client)
content = b"name,price\nLamp,19.5\n"
file = files.file_create(name="made by another client.csv", body=content, **inside)
assert file.size == len(content)
assert bytes(files.file_download(file_id=file.id, **inside)) == content
files.file_delete(file_id=file.id, **inside)

try:
    workflows.workflow_get(workflow_id="00000000-0000-0000-0000-000000000000", **inside)
    raise AssertionError("a workflow that is not there")
except NotFoundException as missing:
    assert missing.data.error.code == "NOT_FOUND", missing.data
