//! Colors of series and of values: those of the chart palette, and others that are visible on light and dark pages.
use crate::{Error, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// The names of the palette's colors. Each has a variant for light and for dark pages.
const PALETTE: [&str; 8] = ["blue", "orange", "teal", "pink", "sky", "red", "olive", "grey"];
/// The color that the place of a series decides.
const AUTO: &str = "auto";
/// What charts are drawn on, with the remedy for a color that is too close to it: as in the theme of the UI.
const PAGES: [(&str, &str, [u8; 3]); 2] =
    [("light", "darker", [0xff, 0xff, 0xff]), ("dark", "lighter", [0x1b, 0x1f, 0x27])];
/// The least contrast of a mark to the page (WCAG 2.2, criterion 1.4.11).
const CONTRAST: f64 = 3.0;
/// The most values of a column with a color.
const MOST_VALUES: usize = 50;

/// A color of a series: `auto`, the name of a color of the palette, or a color such as `#2f7fc1` that is visible on
/// light and dark pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SeriesColor(String);

impl Default for SeriesColor {
    fn default() -> Self {
        Self(AUTO.to_owned())
    }
}

impl From<SeriesColor> for String {
    fn from(color: SeriesColor) -> Self {
        color.0
    }
}

impl TryFrom<String> for SeriesColor {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == AUTO || PALETTE.contains(&text.as_str()) {
            return Ok(Self(text));
        }
        let Some(color) = channels(&text) else {
            return Err(format!("must be auto, {}, or a color such as #2f7fc1", PALETTE.join(", ")));
        };
        for (page, remedy, ground) in PAGES {
            let found = contrast(color, ground);
            if found < CONTRAST {
                let found = (found * 10.0).floor() / 10.0;
                return Err(format!(
                    "has a contrast of {found:.1} : 1 to {page} pages, less than {CONTRAST} : 1: choose a {remedy} color"
                ));
            }
        }
        Ok(Self(text))
    }
}

impl JsonSchema for SeriesColor {
    fn schema_name() -> Cow<'static, str> {
        "SeriesColor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^({AUTO}|{}|#[0-9A-Fa-f]{{6}})$", PALETTE.join("|"));
        json_schema!({ "type": "string", "pattern": pattern, "x-widget": "color" })
    }
}

/// Returns the channels of `#rrggbb`.
fn channels(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

/// Returns the relative luminance of a color in sRGB, from 0 to 1 (WCAG 2.2).
fn luminance(color: [u8; 3]) -> f64 {
    let [red, green, blue] = color.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.0722f64.mul_add(blue, 0.2126f64.mul_add(red, 0.7152 * green))
}

/// Returns the contrast of two colors, from 1 to 21 (WCAG 2.2).
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Checks how many values have a color, and their lengths.
///
/// # Errors
/// `Invalid` at `config.colors`.
pub fn check_colors(colors: &BTreeMap<String, SeriesColor>) -> Result<()> {
    if colors.len() > MOST_VALUES {
        return Err(Error::invalid("config.colors", format!("must have at most {MOST_VALUES} values")));
    }
    match colors.keys().find(|value| value.chars().count() > 255) {
        None => Ok(()),
        Some(_) => Err(Error::invalid("config.colors", "must have values of at most 255 characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: &str = include_str!("../../../../assets/admin/src/domain/widgets/kinds/charts/chart-theme.ts");

    fn problem(text: &str) -> Option<String> {
        SeriesColor::try_from(text.to_owned()).err()
    }

    #[test]
    fn the_palette_and_visible_colors_are_accepted() {
        for text in ["auto", "blue", "grey", "#2f7fc1", "#C8502A"] {
            assert_eq!(problem(text), None, "{text}");
        }
        for text in ["", "Blue", "#fff", "#12345g", "2f7fc1", "#2f7fc100"] {
            assert!(problem(text).is_some_and(|why| why.starts_with("must be auto, blue, orange")), "{text}");
        }
    }

    #[test]
    fn colors_that_a_page_hides_are_refused_with_the_remedy() {
        let why = |found: &str, page: &str, remedy: &str| {
            format!("has a contrast of {found} : 1 to {page} pages, less than 3 : 1: choose a {remedy} color")
        };
        assert_eq!(problem("#ffffff"), Some(why("1.0", "light", "darker")));
        assert_eq!(problem("#ffd400"), Some(why("1.4", "light", "darker")));
        assert_eq!(problem("#000000"), Some(why("1.2", "dark", "lighter")));
        assert_eq!(problem("#1f2a8f"), Some(why("1.4", "dark", "lighter")));
    }

    #[test]
    fn contrasts_are_those_of_wcag() {
        assert!((contrast([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 1e-9);
        assert!((contrast([0x77, 0x77, 0x77], [255, 255, 255]) - 4.48).abs() < 0.01);
    }

    #[test]
    fn the_pages_and_the_palette_are_those_of_the_theme() {
        for (_, _, [red, green, blue]) in PAGES {
            assert!(THEME.contains(&format!("page: \"#{red:02x}{green:02x}{blue:02x}\"")));
        }
        assert!(THEME.contains(&format!("seriesColors = {PALETTE:?} as const")));
    }
}
