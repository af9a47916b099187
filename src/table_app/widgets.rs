//! The widgets of an app and their places on its dashboard.
use super::{
    NewItem, Parts, Place,
    fields::{AppField, AppFieldKind, scale},
    statements::AppStatements,
};
use crate::Result;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Rows per page.
pub const PAGE: u32 = 15;
/// The columns of the widest grid.
const COLUMNS: u16 = 12;
/// The most digits after the decimal point that a table shows.
const MOST_DECIMALS: u8 = 10;

/// Adds the table, with a button that deletes a row if the rows can change. A selected row opens the form `edit`.
pub fn table(
    parts: &mut Parts<'_, '_>,
    statements: &AppStatements<'_>,
    fields: &[AppField<'_>],
    is_writable: bool,
    edit: Option<Uuid>,
) -> Result<()> {
    let (list, count) = (statements.list(), statements.count());
    let list = parts.query("list", &list.sql, &list.parameters)?;
    let count = parts.query("count", &count.sql, &count.parameters)?;
    let columns: Vec<Value> = fields.iter().flat_map(columns).collect();
    let filters = statements.filters();
    let filters = filters.iter().map(|filter| {
        let options = match filter.field.kind {
            _ if filter.operator == "empty" => json!(["true", "false"]),
            AppFieldKind::Boolean => json!(["true", "false"]),
            _ => json!(filter.field.column.values),
        };
        let mut described = json!({"field": filter.column, "operator": filter.operator, "parameter": filter.parameter});
        if matches!(filter.operator, "equals" | "empty") && options != json!([]) {
            described["options"] = options;
        }
        described
    });
    let mut config = json!({
        "queryID": list,
        "columns": columns,
        "pageSize": PAGE,
        "serverPaging": true,
        "server": {
            "search": statements.is_searchable().then_some("search"),
            "searched": statements.searched(),
            "sort": "sort",
            "direction": "direction",
            "limit": "limit",
            "offset": "offset",
            "sortable": statements.sortable(),
            "filters": filters.collect::<Vec<_>>(),
            "countQueryID": count,
        },
    });
    let texts = parts.source.texts;
    if is_writable {
        let delete = statements.delete();
        let delete = parts.query("delete", &delete.sql, &delete.parameters)?;
        let values = keys(fields).map(|key| (key.key.clone(), json!(format!("{{{{ row.{} }}}}", key.name))));
        config["rowActions"] = json!([{
            "label": texts.delete,
            "action": action(delete, &values.collect()),
            "confirm": texts.confirm_delete,
            "danger": true,
        }]);
        let selects = keys(fields).map(|key| json!({"variable": key.name, "field": key.name}));
        config["selects"] = selects.collect();
        if let Some(widget) = edit {
            config["opens"] = json!({"type": "widget", "widgetID": widget});
        }
    }
    let title: String = parts.source.table.name.chars().take(60).collect();
    parts.widget(("rows", "table"), &super::names::label(&title), &config, Place::Grid { width: COLUMNS, height: 11 });
    Ok(())
}

/// Adds the form for the selected row, unless nothing can be entered. Returns the widget's ID.
pub fn edit_form(
    parts: &mut Parts<'_, '_>,
    statements: &AppStatements<'_>,
    fields: &[AppField<'_>],
) -> Result<Option<Uuid>> {
    let entered: Vec<&AppField<'_>> = statements.entered().collect();
    if entered.is_empty() {
        return Ok(None);
    }
    let (get, update) = (statements.get(), statements.update());
    let get = parts.query("get", &get.sql, &get.parameters)?;
    let update = parts.query("update", &update.sql, &update.parameters)?;
    let inputs = inputs(parts, statements, &entered, false)?;
    let selected: Map<String, Value> =
        keys(fields).map(|key| (key.name.clone(), json!(format!("{{{{ vars.{} }}}}", key.name)))).collect();
    // the key that the row had when it was read, even if a field changes it
    let originals = keys(fields).map(|key| (key.key.clone(), json!(format!("{{{{ row.{} }}}}", key.name))));
    let version = (statements.version().to_owned(), json!(format!("{{{{ row.{} }}}}", statements.version())));
    let texts = parts.source.texts;
    let config = json!({
        "queryID": get,
        "parameters": selected,
        "fields": inputs,
        "action": action(update, &from_form(&entered).chain(originals).chain([version]).collect()),
        "submit": texts.save,
        "done": texts.saved,
        "needsRow": true,
        "noRow": texts.select_row,
    });
    Ok(Some(parts.widget(("edit", "form"), &texts.edit_row, &config, Place::Drawer)))
}

/// Adds the form for a new row, unless a column without a default is missing. Returns the widget's ID.
pub fn create_form(parts: &mut Parts<'_, '_>, statements: &AppStatements<'_>) -> Result<Option<Uuid>> {
    let entered: Vec<&AppField<'_>> = statements.entered_in_new().collect();
    let lacks = parts.source.table.columns.iter().any(|column| {
        let is_needed = !column.nullable && column.default.is_none() && column.generated.is_none();
        is_needed && !entered.iter().any(|field| field.column.name == column.name)
    });
    if entered.is_empty() || lacks {
        return Ok(None);
    }
    let insert = statements.insert();
    let insert = parts.query("insert", &insert.sql, &insert.parameters)?;
    let inputs = inputs(parts, statements, &entered, true)?;
    let texts = parts.source.texts;
    let config = json!({
        "fields": inputs,
        "action": action(insert, &from_form(&entered).collect()),
        "submit": texts.create,
        "done": texts.created,
    });
    Ok(Some(parts.widget(("create", "form"), &texts.new_row, &config, Place::Drawer)))
}

/// Adds the button that opens the form for a new row.
pub fn new_row(parts: &mut Parts<'_, '_>, form: Uuid) {
    let label = &parts.source.texts.new_row;
    let open = json!({"type": "open", "to": {"type": "widget", "widgetID": form}});
    let config = json!({"label": label, "action": open});
    parts.widget(("new", "button"), &label.clone(), &config, Place::Grid { width: 2, height: 1 });
}

/// Adds a text.
pub fn note(parts: &mut Parts<'_, '_>, text: &str) {
    parts.widget(("note", "text"), "note", &json!({"markdown": text}), Place::Grid { width: COLUMNS, height: 1 });
}

/// Places the items of the grid in reading order, beside each other as long as there is room.
pub fn layout(items: &[NewItem]) -> Value {
    let (mut x, mut y, mut tallest) = (0_u16, 0_u16, 0_u16);
    let mut cells = Vec::new();
    for item in items {
        let Place::Grid { width, height } = item.place else { continue };
        if x + width > COLUMNS {
            (x, y, tallest) = (0, y + tallest, 0);
        }
        cells.push(json!({"i": item.key, "x": x, "y": y, "w": width, "h": height}));
        x += width;
        tallest = tallest.max(height);
    }
    cells.into()
}

fn keys<'a>(fields: &'a [AppField<'a>]) -> impl Iterator<Item = &'a AppField<'a>> {
    fields.iter().filter(|field| field.column.primary_key)
}

/// Returns the table's columns for a field: a foreign key is shown as the label of its row.
fn columns(field: &AppField<'_>) -> Vec<Value> {
    let mut own = json!({"field": field.name, "label": field.label});
    match field.kind {
        _ if field.is_listed() => own["display"] = "badge".into(),
        AppFieldKind::Boolean => own["display"] = "check".into(),
        AppFieldKind::DateTime | AppFieldKind::Moment => own["format"] = "datetime".into(),
        AppFieldKind::Date => own["format"] = "date".into(),
        AppFieldKind::Decimal => {
            let decimals = scale(&field.column.r#type).filter(|decimals| *decimals <= MOST_DECIMALS);
            if let Some(decimals) = decimals {
                own["decimals"] = decimals.into();
            }
        }
        _ => {}
    }
    let Some(target) = &field.target else {
        if !field.is_shown {
            own["hidden"] = true.into();
        }
        return vec![own];
    };
    own["hidden"] = true.into();
    let mut label = json!({"field": target.name, "label": field.words});
    if !field.is_shown {
        label["hidden"] = true.into();
    }
    // both would have the same label
    own["label"] = if field.words == field.label { json!(format!("{} (ID)", field.label)) } else { json!(field.label) };
    vec![label, own]
}

/// Describes the inputs of a form, with a query for the choices of each foreign key.
fn inputs(
    parts: &mut Parts<'_, '_>,
    statements: &AppStatements<'_>,
    fields: &[&AppField<'_>],
    is_new: bool,
) -> Result<Vec<Value>> {
    let mut inputs = Vec::new();
    for field in fields {
        let mut input = field.input(is_new);
        if let Some(target) = &field.target {
            let what = format!("{} choices", field.words);
            let known = parts.choices.get(&field.name).copied();
            let query = if let Some(query) = known {
                query
            } else {
                let choices = statements.choices(field, target);
                let query = parts.query(&what, &choices.sql, &choices.parameters)?;
                parts.choices.insert(field.name.clone(), query);
                query
            };
            input["choices"] = json!({
                "queryID": query,
                "valueField": "value",
                "labelField": "label",
                "search": "search",
                "value": "value",
            });
        }
        inputs.push(input);
    }
    Ok(inputs)
}

fn from_form<'a>(fields: &'a [&AppField<'_>]) -> impl Iterator<Item = (String, Value)> + 'a {
    fields.iter().map(|field| (field.name.clone(), json!(format!("{{{{ form.{} }}}}", field.name))))
}

fn action(query: Uuid, values: &Map<String, Value>) -> Value {
    json!({"type": "query", "queryID": query, "values": values})
}
