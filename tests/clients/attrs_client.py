"""What openapi-python-client makes: signs in, reads, changes one field, uploads. Arguments: address, e-mail, password."""
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
inside = {"client": client, "tenant_id": tenant, "x_tenant_id": str(tenant)}

listed = workflow_list.sync(**inside).items
enabled = [workflow for workflow in listed if workflow.enabled]
assert enabled, "the demo has a workflow that is enabled"
workflow = workflow_get.sync(workflow_id=enabled[0].id, **inside)
assert workflow.nodes
changed = workflow_update.sync(workflow_id=workflow.id, body=WorkflowPatch(description="renamed"), **inside)
before, after = workflow.to_dict(), changed.to_dict()
moved = {name for name in before if before[name] != after[name]}
assert moved <= {"description", "version", "updatedAt", "triggerStates"} and "description" in moved, moved

query = dataquery_list.sync(**inside).items[0]
dataquery_update.sync(query_id=query.id, body=DataQueryPatch(cache_seconds=300), **inside)
dataquery_update.sync(query_id=query.id, body=DataQueryPatch(description="x"), **inside)
assert dataquery_get.sync(query_id=query.id, **inside).cache_seconds == 300

content = b"name,price\nLamp,19.5\n"
file = file_create.sync(body=File(payload=io.BytesIO(content)), name="made by a client.csv", **inside)
assert file.size == len(content)
assert file_download.sync_detailed(file_id=file.id, **inside).content == content
assert file_delete.sync_detailed(file_id=file.id, **inside).status_code == 204

missing = workflow_get.sync(workflow_id=UUID(int=0), **inside)
assert isinstance(missing, ErrorBody) and missing.error.code == ErrorCode.NOT_FOUND
