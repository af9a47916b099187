//! Scatter charts.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        color::check_colors,
        parts::{check_selections, data_config},
        plot::{AxisRange, check_lines},
    },
};

data_config!(@with [figures legend sides lines colors selects]
    /// One point per row.
    Scatter {
        /// The column for the horizontal axis.
        #[schemars(title = "Horizontal axis", extend("x-widget" = "column"))]
        pub x: String,
        /// The column for the vertical axis.
        #[schemars(title = "Vertical axis", extend("x-widget" = "column"))]
        pub y: String,
        /// A column that sets the size of each point.
        #[serde(default)]
        #[schemars(title = "Size", extend("x-widget" = "column"))]
        pub size: Option<String>,
        /// A column that sets the color of each point. There are at most eight colors.
        #[serde(default)]
        #[schemars(title = "Color by", extend("x-widget" = "column"))]
        pub group: Option<String>,
        /// A column with the name of each point.
        #[serde(default)]
        #[schemars(title = "Name", extend("x-widget" = "column"))]
        pub label: Option<String>,
        #[serde(default)]
        #[schemars(title = "Horizontal axis minimum", extend("x-group" = "Appearance"))]
        pub x_min: Option<f64>,
        #[serde(default)]
        #[schemars(title = "Horizontal axis maximum", extend("x-group" = "Appearance"))]
        pub x_max: Option<f64>,
        /// Shows values of very different sizes. Values at or below zero cannot be shown.
        #[serde(default)]
        #[schemars(title = "Horizontal axis logarithmic", extend("x-group" = "Appearance"))]
        pub x_log: bool,
        #[serde(default)]
        #[schemars(title = "Vertical axis minimum", extend("x-group" = "Appearance"))]
        pub y_min: Option<f64>,
        #[serde(default)]
        #[schemars(title = "Vertical axis maximum", extend("x-group" = "Appearance"))]
        pub y_max: Option<f64>,
        /// Shows values of very different sizes. Values at or below zero cannot be shown.
        #[serde(default)]
        #[schemars(title = "Vertical axis logarithmic", extend("x-group" = "Appearance"))]
        pub y_log: bool,
    }
);

impl Config for Scatter {
    fn check(&self) -> Result<()> {
        AxisRange { min: self.x_min, max: self.x_max, is_log: self.x_log }.check("xMin", "xMax")?;
        AxisRange { min: self.y_min, max: self.y_max, is_log: self.y_log }.check("yMin", "yMax")?;
        check_lines(&self.lines)?;
        check_colors(&self.colors)?;
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.x, &self.y]).and(&self.size).and(&self.group).and(&self.label);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
