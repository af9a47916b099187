//! Scatter charts.
use crate::{
    Result,
    model::widget::kinds::{
        Config, Visible,
        parts::{check_selections, data_config},
    },
};

data_config!(@with [figures selects]
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
    }
);

impl Config for Scatter {
    fn check(&self) -> Result<()> {
        check_selections(&self.selects, self.opens.as_ref())
    }

    fn visible(&self) -> Option<Visible<'_>> {
        let columns = Visible::of([&self.x, &self.y]).and(&self.size).and(&self.group).and(&self.label);
        Some(columns.selecting(&self.selects, self.opens.as_ref()))
    }
}
