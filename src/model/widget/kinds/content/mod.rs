//! Text, HTML and images.
mod html;
mod image;
mod text;

pub use html::Html;
pub use image::Image;
pub use text::Text;
