//! What opens when a row is selected or an action has run, and what else follows an action.
use super::action::{check_text, check_value};
use crate::{Error, Result, model::text::is_identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _, ser::SerializeMap as _};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most variables that are passed to a dashboard.
const MOST: usize = 50;

/// What to open. The browser fills in the placeholders.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Destination {
    /// Opens a widget of the same dashboard: in a drawer if the dashboard keeps it there, otherwise where it is.
    #[schemars(title = "A widget of this dashboard")]
    Widget {
        #[serde(rename = "widgetID")]
        #[schemars(title = "Widget", extend("x-widget" = "openedWidget"))]
        widget_id: Uuid,
    },
    /// Opens another dashboard with values for its filters.
    #[schemars(title = "Another dashboard")]
    Dashboard {
        #[serde(rename = "dashboardID")]
        #[schemars(title = "Dashboard", extend("x-widget" = "openedDashboard"))]
        dashboard_id: Uuid,
        /// Values of its filters, such as `{{ row.id }}`.
        #[serde(default)]
        #[schemars(title = "Filters")]
        variables: Map<String, Value>,
    },
    /// Opens a URL. Placeholders are encoded, and may not be in the name of the server.
    #[schemars(title = "A web page")]
    Url {
        #[schemars(
            title = "URL",
            length(min = 1, max = 2000),
            extend("x-placeholder" = "https://example.com/orders/{{ row.id }}")
        )]
        url: String,
    },
}

/// Fails for what is inside the tenant: what a config serialises is shown to visitors of a share link.
impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::Url { url } = self else {
            return Err(S::Error::custom("a record of the tenant is not shown to visitors"));
        };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", "url")?;
        map.serialize_entry("url", url)?;
        map.end()
    }
}

impl Destination {
    /// Returns whether it names a record of the tenant, which visitors of a share link must not see.
    #[allow(clippy::ref_option)] // serde passes a reference to the field
    pub const fn is_internal(to: &Option<Self>) -> bool {
        matches!(to, Some(Self::Widget { .. } | Self::Dashboard { .. }))
    }

    /// Returns the record that it opens, with the path of its ID; `None` for a URL. `path` is the path of the
    /// destination.
    pub fn reference(&self, path: &str) -> Option<(String, Uuid)> {
        match self {
            Self::Widget { widget_id } => Some((format!("{path}.widgetID"), *widget_id)),
            Self::Dashboard { dashboard_id, .. } => Some((format!("{path}.dashboardID"), *dashboard_id)),
            Self::Url { .. } => None,
        }
    }

    /// Checks the placeholders, and that a URL is one that browsers may open.
    ///
    /// # Errors
    /// `Invalid` below `path`.
    pub fn check(&self, path: &str) -> Result<()> {
        match self {
            Self::Widget { .. } => Ok(()),
            Self::Dashboard { variables, .. } => {
                let at = format!("{path}.variables");
                if variables.len() > MOST {
                    return Err(Error::invalid(at, format!("must have at most {MOST} variables")));
                }
                variables.iter().try_for_each(|(name, value)| {
                    let at = format!("{at}.{name}");
                    if !is_identifier(name) {
                        return Err(Error::invalid(at, "must be the name of a variable, such as region"));
                    }
                    check_value(value, &at, 0)
                })
            }
            Self::Url { url } => check_url(url, &format!("{path}.url")),
        }
    }
}

/// Refuses a URL that browsers must not open, and one whose server a placeholder could choose.
fn check_url(url: &str, path: &str) -> Result<()> {
    check_text(url, path)?;
    let mut parts = url.split("{{");
    let head = parts.next().unwrap_or_default();
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let fixed_server = head.starts_with('/') || head.get(8..).is_some_and(|rest| rest.contains(['/', '?', '#']));
    let has_placeholders = head.len() < url.len();
    let rest = parts.all(|part| part.split_once("}}").is_some_and(|(_, after)| is_plain(after)));
    if is_safe_address(head) && rest && (fixed_server || !has_placeholders) {
        return Ok(());
    }
    let message =
        "must start with / or with https:// and the name of the server, such as https://example.com/{{ row.id }}";
    Err(Error::invalid(path, message))
}

/// Returns whether a browser may open or load a URL: one of this server, or one with TLS.
pub fn is_safe_address(text: &str) -> bool {
    let ours = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    plain && (ours || text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://")))
}

/// What the browser does after an action succeeded, besides showing its message.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AfterAction {
    /// The widgets to reload. Leave empty to reload the whole dashboard.
    #[serde(default)]
    #[schemars(title = "Refresh", length(max = 50), extend("x-widget" = "widgets"))]
    pub refresh: Vec<Uuid>,
    /// Keeps the drawer open in which the action ran.
    #[serde(default)]
    #[schemars(title = "Keep the drawer open")]
    pub keep_open: bool,
    /// Clears the filters that selected rows have set.
    #[serde(default)]
    #[schemars(title = "Clear the selection")]
    pub clear_selection: bool,
    /// What to open then.
    #[serde(default)]
    #[schemars(title = "Open", extend("x-widget" = "destination"))]
    pub open: Option<Destination>,
}

impl AfterAction {
    /// Returns the records that it reloads and opens, each with the path of its ID.
    pub fn references(&self, path: &str) -> Vec<(String, Uuid)> {
        let reloaded = self.refresh.iter().enumerate().map(|(i, id)| (format!("{path}.refresh[{i}]"), *id));
        let opened = self.open.as_ref().and_then(|to| to.reference(&format!("{path}.open")));
        reloaded.chain(opened).collect()
    }

    pub fn check(&self, path: &str) -> Result<()> {
        self.open.as_ref().map_or(Ok(()), |to| to.check(&format!("{path}.open")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, check_url, is_safe_address};
    use serde_json::{Value, json};

    #[test]
    fn a_safe_url_is_one_of_this_server_or_uses_tls() {
        for fine in ["/logo.png", "https://example.com/a.png", "HTTPS://example.com"] {
            assert!(is_safe_address(fine), "{fine}");
        }
        for wrong in [
            "",
            "javascript:alert(1)",
            "http://example.com",
            "//example.com",
            "/\\example.com",
            "data:text/html,x",
            "https://a b",
            "java\nscript:x",
        ] {
            assert!(!is_safe_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_placeholder_cannot_choose_the_server_of_a_url() {
        for fine in [
            "https://example.com",
            "https://example.com/{{ row.id }}",
            "https://example.com?q={{ row[\"Order no.\"] }}&r={{ vars.region }}",
            "/files/{{ row.id }}",
        ] {
            assert!(check_url(fine, "url").is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "{{ row.url }}",
            "https://{{ row.host }}/x",
            "https://example.com{{ row.rest }}",
            "javascript:{{ row.code }}",
            "//{{ row.host }}",
            "https://example.com/{{ row.id }} x",
            "https://example.com/{{ row.a() }}",
        ] {
            assert!(check_url(wrong, "url").is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_urls_are_shown_outside_the_tenant() {
        let id = "0198c2f0-0000-7000-8000-000000000001";
        let read = |value: Value| serde_json::from_value::<Destination>(value).ok();
        let url = json!({"type": "url", "url": "https://example.com"});
        assert_eq!(serde_json::to_value(read(url.clone())).ok(), Some(url));
        for inside in [json!({"type": "widget", "widgetID": id}), json!({"type": "dashboard", "dashboardID": id})] {
            let read = read(inside);
            assert!(read.is_some() && Destination::is_internal(&read));
            assert!(serde_json::to_value(read).is_err());
        }
    }
}
