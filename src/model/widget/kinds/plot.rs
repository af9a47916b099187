//! What charts have in common: their series, how rows are combined, their order, legend and axes.
use super::color::SeriesColor;
use crate::{Error, Result, model::column::Tone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A column of the result that is drawn as a series.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlotSeries {
    /// The column with the values.
    #[schemars(extend("x-widget" = "column"))]
    pub field: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub label: Option<String>,
    /// Combines bars and lines in one chart.
    #[serde(default)]
    #[schemars(title = "Drawn as")]
    pub shape: SeriesShape,
    #[serde(default)]
    #[schemars(title = "Value axis")]
    pub axis: AxisSide,
    #[serde(default)]
    pub color: SeriesColor,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SeriesShape {
    /// As the type of the chart says.
    #[default]
    #[schemars(title = "As the chart")]
    Auto,
    #[schemars(title = "Bars")]
    Bar,
    #[schemars(title = "Line")]
    Line,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AxisSide {
    #[default]
    #[schemars(title = "First axis")]
    First,
    /// For values of another unit or size.
    #[schemars(title = "Second axis")]
    Second,
}

/// How the rows of one axis value and series are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// The sum; the average of rates and averages.
    #[default]
    #[schemars(title = "Automatic")]
    Auto,
    #[schemars(title = "Sum")]
    Sum,
    #[schemars(title = "Average")]
    Average,
    /// The number of rows with a value.
    #[schemars(title = "Count")]
    Count,
    #[schemars(title = "Minimum")]
    Min,
    #[schemars(title = "Maximum")]
    Max,
    /// The value of the last row.
    #[schemars(title = "Last value")]
    Last,
}

/// The periods into which times are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimeGrain {
    /// Times are not grouped.
    #[default]
    #[schemars(title = "None")]
    None,
    /// The finest period that gives a readable chart.
    #[schemars(title = "Automatic")]
    Auto,
    #[schemars(title = "Hour")]
    Hour,
    #[schemars(title = "Day")]
    Day,
    /// From Monday.
    #[schemars(title = "Week")]
    Week,
    #[schemars(title = "Month")]
    Month,
    #[schemars(title = "Quarter")]
    Quarter,
    #[schemars(title = "Year")]
    Year,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlotOrder {
    /// The order of the rows; times ascend if they are grouped.
    #[default]
    #[schemars(title = "As in the data")]
    Rows,
    /// By the categories themselves, ascending.
    #[schemars(title = "By category")]
    Axis,
    /// By the total of all series, largest first.
    #[schemars(title = "Largest first")]
    Largest,
    /// By the total of all series, smallest first.
    #[schemars(title = "Smallest first")]
    Smallest,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LegendPlace {
    /// Where there is room for it, if there is more than one color.
    #[default]
    #[schemars(title = "Automatic")]
    Auto,
    #[schemars(title = "Top")]
    Top,
    #[schemars(title = "Bottom")]
    Bottom,
    #[schemars(title = "Right")]
    Right,
    #[schemars(title = "Hidden")]
    Hidden,
}

/// How a missing value is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapHandling {
    #[default]
    #[schemars(title = "Gap")]
    Gap,
    #[schemars(title = "Zero")]
    Zero,
    /// Connects the values on both sides. Bars have a gap.
    #[schemars(title = "Connect")]
    Connect,
}

/// A line at a value of the first value axis, such as a goal, or a band up to a second value.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferenceLine {
    pub value: f64,
    /// Draws a band from the value up to this one.
    #[serde(default)]
    #[schemars(title = "Up to")]
    pub to: Option<f64>,
    #[serde(default)]
    #[schemars(length(max = 60), extend("x-placeholder" = "Goal"))]
    pub label: Option<String>,
    #[serde(default = "ReferenceLine::default_color")]
    pub color: Tone,
}

impl ReferenceLine {
    fn default_color() -> Tone {
        Tone::Red
    }
}

/// Returns the columns of several series.
pub fn columns_of(series: &[PlotSeries]) -> impl Iterator<Item = &String> {
    series.iter().map(|one| &one.field)
}

/// The ends of a value axis.
pub struct AxisRange {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub is_log: bool,
}

impl AxisRange {
    /// Checks that the range is not empty, and that a logarithmic axis does not start at or below zero. The fields are
    /// named for error messages.
    ///
    /// # Errors
    /// `Invalid` at `config.<field>`.
    pub fn check(&self, min: &str, max: &str) -> Result<()> {
        if self.min.zip(self.max).is_some_and(|(from, to)| from >= to) {
            return Err(Error::invalid(format!("config.{max}"), format!("must be more than `{min}`")));
        }
        if self.is_log && self.min.is_some_and(|from| from <= 0.0) {
            return Err(Error::invalid(format!("config.{min}"), "must be more than 0 on a logarithmic axis"));
        }
        Ok(())
    }
}

/// Checks that no band of the reference lines is empty.
///
/// # Errors
/// `Invalid` at `config.lines[i].to`.
pub fn check_lines(lines: &[ReferenceLine]) -> Result<()> {
    match lines.iter().position(|line| line.to.is_some_and(|to| to <= line.value)) {
        None => Ok(()),
        Some(at) => Err(Error::invalid(format!("config.lines[{at}].to"), "must be more than `value`")),
    }
}

/// Checks the ranges of a chart's axes, its reference lines and its colors.
macro_rules! check_axes {
    ($chart:expr) => {{
        use $crate::model::widget::kinds::{
            color::check_colors,
            plot::{AxisRange, check_lines},
        };
        let chart = $chart;
        AxisRange { min: chart.axis_min, max: chart.axis_max, is_log: chart.log_scale }.check("axisMin", "axisMax")?;
        AxisRange { min: chart.second_min, max: chart.second_max, is_log: false }.check("secondMin", "secondMax")?;
        check_colors(&chart.colors)?;
        check_lines(&chart.lines)
    }};
}
pub(super) use check_axes;
