//! Published names of schemas, chosen so that no name is a reserved word, a standard library type or a common client
//! type in any language.
use super::schemas;
use serde_json::Value;

const NAMES: &[(&str, &str)] = &[
    ("AnswerBody", "ApprovalAnswer"),
    ("CloneBody", "CloneRequest"),
    ("DescribedColumn", "ResultColumn"),
    ("ColumnInfo", "TableColumn"),
    ("ConflictDetail", "RowConflict"),
    ("CronBody", "CronPreviewRequest"),
    ("Decision", "ApprovalDecision"),
    ("Detail", "FieldError"),
    ("ExecuteBody", "WorkflowExecuteRequest"),
    ("Execution", "QueryExecuteRequest"),
    ("NewLink", "NewShareLink"),
    ("Parameter", "ParameterDefinition"),
    ("Parameters", "QueryExportRequest"),
    ("Reference", "ColumnReference"),
    ("ReplayBody", "ReplayRequest"),
    ("Retry", "RetryPolicy"),
    ("Schema", "JsonSchema"),
    ("Setup", "InstanceSetup"),
    ("Share", "ShareLink"),
    ("ShareDraft", "ShareLinkDraft"),
    ("ShareItems", "ShareLinkItems"),
    ("SourceDetail", "SourceError"),
    ("Started", "StartedRun"),
    ("TableInfo", "DatabaseTable"),
    ("TableInfoItems", "DatabaseTableItems"),
    ("TestBody", "WorkflowTestRequest"),
    ("Version", "VersionEntry"),
    ("VersionItems", "VersionEntryItems"),
];

const REFERENCE: &str = "#/components/schemas/";

/// Returns a reference to the schema `name`.
pub(super) fn reference(name: &str) -> String {
    format!("{REFERENCE}{name}")
}

/// Returns the name of the schema that a reference points to.
pub(super) fn referred(reference: &str) -> &str {
    reference.strip_prefix(REFERENCE).unwrap_or(reference)
}

fn published(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, published)| *published)
}

pub(super) fn rename(document: &mut Value) {
    schemas::visit(document, &mut |schema| {
        let Some(Value::String(target)) = schema.get_mut("$ref") else { return };
        if let Some(name) = published(referred(target)) {
            *target = reference(name);
        }
    });
    let Some(Value::Object(known)) = document.pointer_mut("/components/schemas") else { return };
    let renamed = std::mem::take(known).into_iter();
    known.extend(renamed.map(|(name, schema)| (published(&name).map_or(name, str::to_owned), schema)));
}
