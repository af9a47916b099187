//! Detects how a text file separates its fields, by trying every candidate on the whole file.
use super::{
    encoding::EncodedText,
    records::{CsvDialect, Records, named_delimiter},
};
use crate::{
    Error, Result,
    connect::file::{
        options::{Delimiter, FileOptions, Quote, Ragged},
        preview::{Confidence, Finding, Suggestion},
        values::{
            cell::{Cell, CellOptions, ValueKind},
            moment::{DateOrder, ordered},
            number::{Numerals, written},
        },
    },
};
use serde_json::{Value, json};
use std::{collections::HashMap, fs::File};

/// The maximum number of lines that are searched for titles.
const TITLES: usize = 20;

/// The detected dialect.
pub struct Detected {
    pub dialect: CsvDialect,
    pub findings: Vec<Finding>,
    pub suggestions: Vec<Suggestion>,
}

/// A file on which dialects are tried.
struct Tried<'f> {
    file: &'f File,
    text: &'f EncodedText,
    skip: u64,
    header: bool,
    go_on: &'f dyn Fn() -> Result<()>,
}

/// The result of reading the whole file with one dialect.
struct Trial {
    dialect: CsvDialect,
    /// The most common number of fields, how many records have it, and how many records there are.
    width: usize,
    even: u64,
    records: u64,
    /// The line of the first record of that width, and of the last record of another width.
    first_even: u64,
    last_odd: u64,
    quoted: u64,
    failed: Option<Error>,
}

impl Trial {
    /// Whether all records have the same number of fields.
    fn is_even(&self) -> bool {
        self.failed.is_none() && self.width > 1 && self.even == self.records
    }

    /// Whether all records have the same number of fields, apart from a few at the start.
    fn is_even_below(&self) -> bool {
        self.failed.is_none()
            && self.width > 1
            && self.even > self.records - self.even
            && self.last_odd < self.first_even
    }

    #[allow(clippy::cast_precision_loss)] // only compared
    fn share(&self) -> f64 {
        self.even as f64 / self.records.max(1) as f64
    }
}

/// Detects what the options leave open.
pub fn detect(
    file: &File,
    text: &EncodedText,
    options: &FileOptions,
    go_on: &dyn Fn() -> Result<()>,
) -> Result<Detected> {
    let tried = Tried { file, text, skip: options.skip_rows.into(), header: options.header, go_on };
    let named = named_delimiter(file, text, tried.skip)?;
    let given = match options.delimiter {
        Delimiter::None => Some(None),
        Delimiter::Auto => named.map(Some),
        chosen => chosen.byte().map(Some),
    };
    let is_there = |byte: &u8| text.counts.has(*byte);
    let delimiters: Vec<Option<u8>> = match given {
        Some(delimiter) => vec![delimiter],
        None => Delimiter::ALL.into_iter().filter_map(Delimiter::byte).filter(is_there).map(Some).collect(),
    };
    // if none of them occurs, each line is one value
    let delimiters = if delimiters.is_empty() { vec![Some(b',')] } else { delimiters };
    let quote = if options.quote == Quote::Auto { Quote::Double } else { options.quote };
    let mut trials = tried.all(&delimiters, quote)?;
    if options.quote == Quote::Auto && !trials.iter().any(Trial::is_even) {
        for (other, mark) in [(Quote::Backslash, b'\\'), (Quote::Single, b'\'')] {
            if text.counts.has(mark) && !trials.iter().any(Trial::is_even) {
                let more = tried.all(&delimiters, other)?;
                trials.extend(more.into_iter().filter(|trial| trial.is_even() && trial.quoted > 0));
            }
        }
    }
    let (best, likely) = tried.best(&trials)?;
    let even: Vec<&Trial> = trials.iter().filter(|trial| trial.is_even()).collect();
    let others = |of: fn(&CsvDialect) -> String| -> Vec<String> {
        let mut likewise: Vec<String> = even.iter().map(|trial| of(&trial.dialect)).collect();
        likewise.retain(|name| *name != of(&best.dialect));
        likewise.dedup();
        likewise
    };
    let confidence = |chosen: bool| match () {
        () if chosen => Confidence::Chosen,
        () if named.is_some() || text.counts_none_of(&delimiters) => Confidence::Certain,
        () if !best.is_even() => Confidence::Unsure,
        () if likely => Confidence::Likely,
        () => Confidence::Certain,
    };
    let delimiter_name = |dialect: &CsvDialect| Delimiter::name(dialect.delimiter);
    let quote_name = |dialect: &CsvDialect| dialect.quote.name();
    let findings = vec![
        Finding {
            option: "delimiter",
            value: delimiter_name(&best.dialect),
            confidence: confidence(options.delimiter != Delimiter::Auto),
            alternatives: others(delimiter_name),
        },
        Finding {
            option: "quote",
            value: quote_name(&best.dialect),
            confidence: if options.quote == Quote::Auto && best.failed.is_some() {
                Confidence::Unsure
            } else {
                confidence(options.quote != Quote::Auto)
            },
            alternatives: others(quote_name),
        },
    ];
    let suggestions = tried.suggestions(best, options)?;
    Ok(Detected { dialect: best.dialect, findings, suggestions })
}

impl EncodedText {
    fn counts_none_of(&self, delimiters: &[Option<u8>]) -> bool {
        delimiters.iter().flatten().all(|byte| !self.counts.has(*byte))
    }
}

impl Tried<'_> {
    fn all(&self, delimiters: &[Option<u8>], quote: Quote) -> Result<Vec<Trial>> {
        delimiters.iter().map(|delimiter| self.trial(CsvDialect { delimiter: *delimiter, quote })).collect()
    }

    fn trial(&self, dialect: CsvDialect) -> Result<Trial> {
        let mut records = Records::open(self.file, self.text, dialect, self.skip)?;
        // for each width: how many records have it, and the lines of the first and the last of them
        let mut widths: HashMap<usize, (u64, u64, u64)> = HashMap::new();
        let (mut count, mut quoted) = (0, 0);
        let failed = loop {
            (self.go_on)()?;
            let line = match records.next() {
                Ok(Some(line)) => line,
                Ok(None) => break None,
                Err(error @ Error::Datasource(_)) => break Some(error),
                Err(error) => return Err(error),
            };
            if records.is_blank() {
                continue;
            }
            count += 1;
            quoted += records.quoted() as u64;
            let known = widths.entry(records.width()).or_insert((0, line, line));
            (known.0, known.2) = (known.0 + 1, line);
        };
        let most = widths.iter().max_by_key(|(width, (count, ..))| (*count, **width));
        let (width, even, first_even) = most.map_or((0, 0, 0), |(width, (count, first, _))| (*width, *count, *first));
        let last_odd =
            widths.iter().filter(|(other, _)| **other != width).map(|(_, (.., last))| *last).max().unwrap_or(0);
        Ok(Trial { dialect, width, even, records: count, first_even, last_odd, quoted, failed })
    }

    /// Returns the trial that splits the file best, and whether others split it as evenly.
    fn best<'t>(&self, trials: &'t [Trial]) -> Result<(&'t Trial, bool)> {
        let even: Vec<&Trial> = trials.iter().filter(|trial| trial.is_even()).collect();
        if let [one] = even.as_slice() {
            return Ok((one, false));
        }
        let mut best: Option<(f64, &Trial)> = None;
        for trial in &even {
            let typed = self.typed(trial)?;
            // of equals the first wins: the comma comes last, because texts and numbers often contain it
            if best.is_none_or(|(most, _)| typed > most) {
                best = Some((typed, trial));
            }
        }
        if let Some((_, best)) = best {
            return Ok((best, true));
        }
        let below = trials.iter().find(|trial| trial.is_even_below());
        let split = trials.iter().filter(|trial| trial.width > 1);
        let most = split.max_by(|one, other| one.share().total_cmp(&other.share()).then(one.width.cmp(&other.width)));
        let comma = trials.iter().find(|trial| trial.dialect.delimiter == Some(b','));
        let best = below.or(most).or(comma).or(trials.first());
        best.map(|best| (best, false)).ok_or_else(|| Error::internal("no delimiter was tried"))
    }

    /// Returns the share of values with a type other than text, in any notation of numbers and dates.
    #[allow(clippy::cast_precision_loss)] // only compared
    fn typed(&self, trial: &Trial) -> Result<f64> {
        let reading = CellOptions::default();
        let is_typed = |text: &str| {
            let comma = Numerals { decimal: ',', thousands: Some('.') };
            let dates = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];
            !matches!(reading.kind(Cell::Written(text, false)), ValueKind::Text | ValueKind::Empty)
                || written(text, comma).is_some()
                || dates.iter().any(|order| ordered(text, *order).is_some())
        };
        let mut records = Records::open(self.file, self.text, trial.dialect, self.skip)?;
        let (mut typed, mut all, mut is_first) = (0_u64, 0_u64, self.header);
        while records.next()?.is_some() {
            (self.go_on)()?;
            if std::mem::take(&mut is_first) || records.is_blank() {
                continue;
            }
            for cell in records.cells() {
                all += 1;
                typed += u64::from(matches!(cell, Some(Cell::Written(text, _)) if is_typed(text)));
            }
        }
        Ok(typed as f64 / all.max(1) as f64)
    }

    /// Returns how many lines at the start are titles: of the fields that the table has, only the first is filled.
    fn title_lines(&self, best: &Trial) -> Result<u64> {
        if !self.header || !best.is_even() {
            return Ok(0);
        }
        let mut records = Records::open(self.file, self.text, best.dialect, self.skip)?;
        let mut has_title = false;
        for _ in 0..TITLES {
            let Some(line) = records.next()? else { return Ok(0) };
            let is_filled = |cell: Option<Cell<'_>>| matches!(cell, Some(Cell::Written(text, _) | Cell::Text(text)) if !text.trim().is_empty());
            let filled = records.cells().map(is_filled).collect::<Vec<_>>();
            match filled.iter().filter(|is_filled| **is_filled).count() {
                0 => {}
                1 if filled[0] => has_title = true,
                _ => return Ok(if has_title { line - 1 } else { 0 }),
            }
        }
        Ok(0)
    }

    /// Returns options that may help with a file whose records differ in width.
    fn suggestions(&self, best: &Trial, options: &FileOptions) -> Result<Vec<Suggestion>> {
        let mut found = Vec::new();
        let titles = if options.skip_rows == 0 { self.title_lines(best)? } else { 0 };
        if titles > 0 {
            let lines = if titles == 1 { "the first line".to_owned() } else { format!("the first {titles} lines") };
            found.push(suggestion(
                format!("Skip {lines}: the table begins below the title"),
                "skipRows",
                json!(titles),
            ));
        } else if best.is_even_below() && best.first_even > 1 && options.skip_rows == 0 {
            let lines = best.first_even - 1;
            found.push(suggestion(
                format!("Skip the first {lines} lines: the table begins below them"),
                "skipRows",
                json!(lines),
            ));
        } else if best.failed.is_none() && best.even < best.records && options.ragged_rows == Ragged::Refuse {
            let odd = best.records - best.even;
            let message = format!(
                "Keep the {odd} rows of a different length: missing fields are empty, additional ones get columns"
            );
            found.push(suggestion(message, "raggedRows", json!("fill")));
        }
        let others =
            [Quote::Backslash, Quote::Single, Quote::None].into_iter().filter(|_| options.quote == Quote::Auto);
        for quote in others.filter(|quote| *quote != best.dialect.quote) {
            let is_wrapped = quote == Quote::Single && self.text.counts.has(b'\'');
            if best.failed.is_none() && !is_wrapped {
                continue;
            }
            let trial = self.trial(CsvDialect { quote, ..best.dialect })?;
            let is_whole = trial.failed.is_none() && trial.even == trial.records;
            let message = match quote {
                Quote::Single if is_whole && trial.quoted > 0 => "Use ' as the quotation mark",
                Quote::Backslash if is_whole => "Treat a backslash before a quotation mark as an escape",
                Quote::None if is_whole => "Treat quotation marks as text",
                _ => continue,
            };
            found.push(suggestion(message.to_owned(), "quote", json!(quote)));
            break;
        }
        Ok(found)
    }
}

pub fn suggestion(message: String, option: &str, value: Value) -> Suggestion {
    Suggestion { message, options: [(option.to_owned(), value)].into_iter().collect() }
}
