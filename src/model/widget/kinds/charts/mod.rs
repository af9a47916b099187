//! Charts.
mod area;
mod bar;
mod funnel;
mod gauge;
mod heatmap;
mod line;
mod map;
mod pie;
mod scatter;

pub use area::Area;
pub use bar::Bar;
pub use funnel::Funnel;
pub use gauge::Gauge;
pub use heatmap::Heatmap;
pub use line::Line;
pub use map::Map;
pub use pie::Pie;
pub use scatter::Scatter;
