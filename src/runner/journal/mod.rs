//! The journal of runs: what transitions add to it, and how the API and live followers read it.
mod change;
mod events;
mod feed;
mod hub;
mod line;
mod stored;
mod values;
mod view;

pub(super) use change::{Change, write, write_new};
pub(super) use events::SeenEnd;
pub(super) use feed::Feeds;
pub use feed::{FeedNotice, RunNotice};
pub use hub::Follower;
pub(super) use hub::Hub;
pub use line::RunValue;
pub use view::{EventData, LiveEvent};
