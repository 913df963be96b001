//! E-mail addresses, as far as somebody is looked up by one.

use url::Host;

/// The form in which two spellings of one mailbox are equal: that of auth, which alone says what an address is.
pub(crate) fn key(text: &str) -> Option<String> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let Ok(Host::Domain(domain)) = Host::parse(domain) else { return None };
    let key = format!("{local}@{domain}").to_ascii_lowercase();
    (!local.is_empty() && !local.contains(char::is_whitespace)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn spellings_of_one_mailbox_are_equal() {
        for text in ["ada@example.org", " Ada@EXAMPLE.org "] {
            assert_eq!(key(text).as_deref(), Some("ada@example.org"));
        }
        assert_eq!(key("ada@bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
    }

    #[test]
    fn what_reaches_nobody_finds_nobody() {
        for text in ["", "ada", "@example.org", "ada@", "a da@example.org", "ada@127.0.0.1"] {
            assert_eq!(key(text), None, "{text}");
        }
    }
}
