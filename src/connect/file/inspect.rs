//! Previews a file as a datasource would read it. Nothing is stored.
use super::{
    formats::{DetectedFormat, OpenFile, TableNames, suggestion},
    load::{READING, check_names, go_on},
    options::{DecimalSeparator, FileOptions, ThousandsSeparator},
    preview::{FilePreview, PreviewColumn, PreviewRow, PreviewTable, Suggestion, errors_note, exceptions_note},
    survey::{StoredColumn, Survey, TablePlan},
    table::Table,
    values::{
        cell::{Cell, CellOptions, FileColumnType, shown},
        column::{ColumnStatistics, Exceptions, Hint, Sample},
        moment::DateOrder,
        number::Numerals,
    },
};
use crate::{Error, Result, budget::Hold, connect::sqlite::Scalar, json::number::EXACT};
use serde_json::{Map, Value, json};
use std::{collections::HashSet, fs::File, sync::atomic::AtomicBool};

/// How many rows of a table are shown, how many characters of a value, and how many values in all.
const SHOWN: usize = 50;
const CHARACTERS: usize = 200;
const VALUES: usize = 20_000;
/// How many of the values that do not fit are listed.
const NAMED: usize = 5;

/// Previews the file with these options.
///
/// # Errors
/// `Invalid` for options that contradict each other. Problems with the file are part of the preview.
pub fn inspect(file: &File, options: &FileOptions, stop: &AtomicBool, hold: &Hold) -> Result<FilePreview> {
    hold.grow(READING)?;
    let go_on = || go_on(stop);
    let opened = OpenFile { file, options, hold, go_on: &go_on, may_guess: true };
    let mut found = DetectedFormat::default();
    let mut looking = Looking {
        options,
        reading: options.reading()?,
        go_on: &go_on,
        tables: Vec::new(),
        suggestions: Vec::new(),
        rows: 0,
        left: VALUES,
        unknown: (0..options.columns.len()).collect(),
        known: Vec::new(),
        failed: None,
    };
    let read = opened.each(&mut found, &mut |about, table| looking.table(about, table));
    let failed = match read.and_then(|()| looking.end()) {
        Ok(()) => None,
        Err(Error::Datasource(problem)) => Some(problem.message),
        Err(error) => return Err(error),
    };
    let failed = found.doubt.or(failed);
    let mut suggestions = found.suggestions;
    for more in looking.suggestions {
        if !suggestions.contains(&more) {
            suggestions.push(more);
        }
    }
    Ok(FilePreview {
        format: found.format,
        error: failed,
        findings: found.findings,
        tables: looking.tables,
        suggestions,
    })
}

struct Looking<'l> {
    options: &'l FileOptions,
    reading: CellOptions,
    go_on: &'l dyn Fn() -> Result<()>,
    tables: Vec<PreviewTable>,
    suggestions: Vec<Suggestion>,
    rows: u64,
    /// How many more values may be shown.
    left: usize,
    unknown: HashSet<usize>,
    known: Vec<String>,
    failed: Option<Error>,
}

impl Looking<'_> {
    fn table(&mut self, about: TableNames, table: &mut dyn Table) -> Result<()> {
        let mut survey = Survey::of(table, &self.reading, self.rows, SHOWN, self.go_on);
        let failed = survey.failed.take();
        if let Some(error) = failed.as_ref().filter(|error| !matches!(error, Error::Datasource(_))) {
            // not the file's fault
            return Err(match error {
                Error::Unavailable(what) => Error::Unavailable(what),
                Error::ShortOfMemory(what) => Error::ShortOfMemory(what),
                _ => Error::Unavailable("the file could not be read"),
            });
        }
        self.rows += survey.rows;
        let plan = TablePlan::of(&survey, self.options, &mut self.unknown);
        self.known.extend(plan.columns.iter().map(|kept| kept.name.clone()));
        let misfits = if failed.is_none() { self.misfits(&plan, table)? } else { Vec::new() };
        if self.failed.is_none() {
            let misfit = plan.columns.iter().zip(&misfits).find_map(|(kept, found)| {
                found
                    .as_ref()
                    .and_then(|found| found.rows.first())
                    .map(|first| kept.misfit(table.unit(), first.row, &first.value))
            });
            self.failed = failed.or(misfit);
        }
        self.suggest(&survey, &plan, about.sheet.is_some());
        let mut shown = PreviewTable {
            name: about.name,
            sheet: about.sheet,
            hidden: about.hidden,
            total_rows: survey.rows,
            columns: Vec::new(),
            rows: self.first_rows(&survey, &plan),
            warnings: plan.notes(table),
        };
        if shown.hidden {
            shown.warnings.insert(0, "The sheet is hidden.".to_owned());
        }
        let mut misfits = misfits.into_iter();
        shown.columns =
            plan.columns.iter().map(|kept| column(kept, &survey, table.unit(), misfits.next().flatten())).collect();
        if table.has_empty_merged_cells() {
            self.propose(suggestion(
                "Repeat the value in all cells of a merged range".to_owned(),
                "mergedCells",
                json!("repeat"),
            ));
        }
        self.tables.push(shown);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        check_names(self.options, &self.unknown, &self.known)
    }

    /// Returns for each column the values that do not fit its declared type.
    fn misfits(&self, plan: &TablePlan, table: &mut dyn Table) -> Result<Vec<Option<Exceptions>>> {
        let of = |kept: &StoredColumn| Exceptions { expected: kept.kind, count: 0, rows: Vec::new() };
        let mut found: Vec<Exceptions> = plan.columns.iter().map(of).collect();
        if plan.columns.iter().any(|kept| kept.declared) {
            table.read(&mut |row, cells| {
                (self.go_on)()?;
                for (kept, found) in plan.columns.iter().zip(&mut found).filter(|(kept, _)| kept.declared) {
                    let cell = self.reading.clean(cells.get(kept.at).copied().unwrap_or(Cell::Null));
                    if self.reading.convert(cell, kept.kind, true).is_none() {
                        found.count += 1;
                        if found.rows.len() < NAMED {
                            found.rows.push(Sample { row, value: shown(cell) });
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(found.into_iter().map(|found| (found.count > 0).then_some(found)).collect())
    }

    fn first_rows(&mut self, survey: &Survey, plan: &TablePlan) -> Vec<PreviewRow> {
        let most = (self.left / plan.columns.len().max(1)).min(SHOWN);
        let rows: Vec<PreviewRow> = survey
            .head
            .iter()
            .take(most)
            .map(|(row, cells)| {
                let value = |kept: &StoredColumn| {
                    let cell = self.reading.clean(cells.get(kept.at).map_or(Cell::Null, |held| held.cell()));
                    let kind = if self.reading.convert(cell, kept.kind, kept.declared).is_some() {
                        kept.kind
                    } else {
                        FileColumnType::Text
                    };
                    self.reading.convert(cell, kind, kept.declared).map_or(Value::Null, |scalar| json_of(scalar, kind))
                };
                PreviewRow { row: *row, values: plan.columns.iter().map(value).collect() }
            })
            .collect();
        self.left -= rows.len() * plan.columns.len();
        rows
    }

    /// Adds a suggestion, unless an earlier one sets the same options.
    fn propose(&mut self, suggestion: Suggestion) {
        if !self.suggestions.iter().any(|known| known.options == suggestion.options) {
            self.suggestions.push(suggestion);
        }
    }

    fn suggest(&mut self, survey: &Survey, plan: &TablePlan, is_sheet: bool) {
        let has_names = self.suggest_header(survey, plan);
        if survey.empty > 0 && survey.empty < survey.rows {
            let empty =
                if survey.empty == 1 { "1 empty row".to_owned() } else { format!("{} empty rows", survey.empty) };
            self.propose(suggestion(format!("Leave out {empty}"), "skipEmptyRows", json!(true)));
        }
        if is_sheet {
            return;
        }
        let mut missing: Vec<String> = Vec::new();
        // a declared type that does not fit may do so with other options
        let has_misfits = self.failed.is_some();
        for kept in plan.columns.iter().filter(|kept| !kept.declared || has_misfits) {
            let mut example = |what: &str, options: Map<String, Value>| {
                self.propose(Suggestion { message: format!("{what} ({})", kept.name), options });
            };
            for hint in survey.columns[kept.at].hints() {
                match hint {
                    Hint::Numerals(numerals) => example(&numbers(numerals), numeral_options(numerals)),
                    Hint::Order(order) => {
                        example(dates(order), suggestion(String::new(), "dateOrder", json!(order)).options);
                    }
                    Hint::Trim => {
                        example("Ignore spaces around values", suggestion(String::new(), "trim", json!(true)).options);
                    }
                    // the name of the column is no missing value
                    Hint::Nulls(_) if has_names => {}
                    Hint::Nulls(words) => missing.extend(words),
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            let message = format!("Read {} as missing values", missing.join(", "));
            let nulls: Vec<String> = self.options.nulls.iter().cloned().chain(missing).collect();
            self.suggestions.push(suggestion(message, "nulls", json!(nulls)));
        }
    }

    /// Suggests another `header` option if names look like values, or values look like names: returns whether they do.
    fn suggest_header(&mut self, survey: &Survey, plan: &TablePlan) -> bool {
        let looks = |kept: &StoredColumn, text: &str| {
            let cell = self.reading.clean(Cell::Written(text, false));
            let mut alone = ColumnStatistics::default();
            alone.observe(0, cell, &self.reading);
            alone.kind() == kept.kind
        };
        let typed: Vec<&StoredColumn> =
            plan.columns.iter().filter(|kept| kept.kind != FileColumnType::Text && !kept.declared).collect();
        let names = |kept: &&StoredColumn| survey.names.get(kept.at).is_some_and(|name| looks(kept, name));
        if !survey.names.is_empty() && !typed.is_empty() && typed.iter().all(names) {
            self.suggestions.push(suggestion(
                "Read the first row as values: it looks like the others".to_owned(),
                "header",
                json!(false),
            ));
        }
        let first = survey.head.first().map_or(0, |(row, _)| *row);
        let exceptions: Vec<Exceptions> = plan.columns.iter().filter_map(|kept| kept.exceptions(survey)).collect();
        let only_first =
            |found: &Exceptions| found.count == 1 && found.rows.first().is_some_and(|sample| sample.row == first);
        let has_names = !self.options.header && !exceptions.is_empty() && exceptions.iter().all(only_first);
        if has_names {
            self.suggestions.push(suggestion("Read the first row as column names".to_owned(), "header", json!(true)));
        }
        has_names
    }
}

fn column(kept: &StoredColumn, survey: &Survey, unit: &str, misfits: Option<Exceptions>) -> PreviewColumn {
    let seen = &survey.columns[kept.at];
    let exceptions = misfits.or_else(|| kept.exceptions(survey));
    let note = exceptions.as_ref().map(|found| exceptions_note(found, seen.values(), unit)).or_else(|| {
        let (count, rows) = seen.errors();
        (count > 0 && kept.kind != FileColumnType::Text).then(|| errors_note(count, rows, unit))
    });
    PreviewColumn {
        name: kept.name.clone(),
        r#type: kept.kind,
        is_declared: kept.declared,
        values: seen.values(),
        missing: survey.rows - seen.values(),
        exceptions,
        note,
    }
}

fn json_of(scalar: Scalar<'_>, kind: FileColumnType) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Integer(value) if kind == FileColumnType::Boolean => Value::Bool(value != 0),
        Scalar::Integer(value) if value.unsigned_abs() > EXACT => value.to_string().into(),
        Scalar::Integer(value) => value.into(),
        Scalar::Real(value) => value.into(),
        Scalar::Text(text) => match text.char_indices().nth(CHARACTERS) {
            Some((end, _)) => format!("{}…", &text[..end]).into(),
            None => text.into_owned().into(),
        },
    }
}

fn numbers(numerals: Numerals) -> String {
    let thousands = numerals.thousands.map(String::from).unwrap_or_default();
    format!("Read numbers such as 1{thousands}234{}56", numerals.decimal)
}

fn numeral_options(numerals: Numerals) -> Map<String, Value> {
    let decimal = if numerals.decimal == ',' { DecimalSeparator::Comma } else { DecimalSeparator::Point };
    let thousands = ThousandsSeparator::of(numerals.thousands);
    [("decimal".to_owned(), json!(decimal)), ("thousands".to_owned(), json!(thousands))].into_iter().collect()
}

fn dates(order: DateOrder) -> &'static str {
    match order {
        DateOrder::Dmy => "Read dates as day, month, year",
        DateOrder::Mdy => "Read dates as month, day, year",
        DateOrder::Ymd | DateOrder::Iso => "Read dates as year, month, day",
    }
}
