"""A client from openapi-python-client: signs in, reads, changes a field, uploads. Arguments: URL, email, password."""
import io
import sys
from uuid import UUID

from attrs_api import AuthenticatedClient, Client
from attrs_api.api.auth import auth_me
from attrs_api.api.data_queries import dataquery_create, dataquery_get, dataquery_list, dataquery_update
from attrs_api.api.files import file_create, file_delete, file_download
from attrs_api.api.session import session_sign_in
from attrs_api.api.workflows import workflow_get, workflow_list, workflow_update
from attrs_api.models import DataQueryPatch, ErrorBody, ErrorCode, SignInRequest, WorkflowPatch
from attrs_api.types import File

url, email, password = sys.argv[1:]
session = session_sign_in.sync(client=Client(url), body=SignInRequest(email=email, password=password))
client = AuthenticatedClient(url, token=session.id_token, raise_on_unexpected_status=True)
tenant = auth_me.sync(client=client).tenants[0].id
in_tenant = {"client": client, "tenant_id": tenant, "x_tenant_id": str(tenant)}

listed = workflow_list.sync(**in_tenant).items
enabled = [workflow for workflow in listed if workflow.enabled]
assert enabled, "the demo must have an enabled workflow"
workflow = workflow_get.sync(workflow_id=enabled[0].id, **in_tenant)
assert workflow.nodes
changed = workflow_update.sync(workflow_id=workflow.id, body=WorkflowPatch(description="renamed"), **in_tenant)
before, after = workflow.to_dict(), changed.to_dict()
fields = {name for name in before if before[name] != after[name]}
assert fields <= {"description", "version", "updatedAt", "triggerStates"} and "description" in fields, fields

query = dataquery_list.sync(**in_tenant).items[0]
dataquery_update.sync(query_id=query.id, body=DataQueryPatch(cache_seconds=300), **in_tenant)
dataquery_update.sync(query_id=query.id, body=DataQueryPatch(description="x"), **in_tenant)
assert dataquery_get.sync(query_id=query.id, **in_tenant).cache_seconds == 300

content = b"name,price\nLamp,19.5\n"
file = file_create.sync(body=File(payload=io.BytesIO(content)), name="made by a client.csv", **in_tenant)
assert file.size == len(content)
assert file_download.sync_detailed(file_id=file.id, **in_tenant).content == content
assert file_delete.sync_detailed(file_id=file.id, **in_tenant).status_code == 204

missing = workflow_get.sync(workflow_id=UUID(int=0), **in_tenant)
assert isinstance(missing, ErrorBody) and missing.error.code == ErrorCode.NOT_FOUND
