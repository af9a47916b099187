//! Normalises email addresses, so that accounts and invitations are found in any spelling.
use url::Host;

/// Trims an address, converts it to lower case, and its domain to ASCII: browsers turn `münchen.example` into
/// `xn--mnchen-3ya.example` (UTS 46), and both are the same address. Returns `None` if it is not an address or is
/// longer than 254 bytes.
pub fn normal(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    if email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (local, domain) = email.split_once('@')?;
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return None;
    }
    if domain.is_ascii() {
        return Some(email);
    }
    match Host::parse(domain).ok()? {
        Host::Domain(domain) => Some(format!("{local}@{domain}")).filter(|email| email.len() <= 254),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn every_spelling_of_a_domain_gives_the_same_address() {
        let one = Some("anna@xn--mnchen-3ya.example".to_owned());
        for spelled in [
            "Anna@München.example",
            " anna@münchen.EXAMPLE ",
            "anna@mu\u{308}nchen.example",
            "anna@münchen。example",
            "ANNA@XN--MNCHEN-3YA.example",
        ] {
            assert_eq!(normal(spelled), one, "{spelled}");
        }
        assert_eq!(normal("ännä@example.com").as_deref(), Some("ännä@example.com"));
    }

    #[test]
    fn invalid_addresses_are_refused() {
        let long = format!("a@{}.example", "ü".repeat(130));
        for wrong in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@ü ü", "a@ü%00", "a@１２７.0.0.1", long.as_str()] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
