//! Where in the product somebody wants to be once they are logged in.

use url::Url;

const MAX_LENGTH: usize = 1000;

/// A path of the product, with a query perhaps. Never another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

/// The text is no path of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a path such as `/conversations?page=2`")]
pub struct ReturnToError;

impl ReturnTo {
    /// Takes `/path?query`.
    ///
    /// # Errors
    /// For whatever a browser could read as another site: `//host`, `/\host`, and what hides in control characters.
    pub fn parse(text: &str) -> Result<Self, ReturnToError> {
        let harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let is_path = text.starts_with('/') && !text.starts_with("//");
        if text.len() <= MAX_LENGTH && is_path && text.bytes().all(harmless) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReturnToError)
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path at the product's own address.
    pub fn under(&self, landing: &Url) -> Url {
        match landing.join(&self.0) {
            Ok(url) if url.origin() == landing.origin() => url,
            _ => landing.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn landing() -> Url {
        Url::parse("https://witan.example/app").unwrap()
    }

    #[test]
    fn a_path_stays_at_the_product() {
        let path = ReturnTo::parse("/conversations?page=2#x").unwrap();
        assert_eq!(path.under(&landing()).as_str(), "https://witan.example/conversations?page=2#x");
    }

    #[test]
    fn other_sites_are_no_paths() {
        let evil = [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "\n//evil.example",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
        ];
        for text in evil {
            assert_eq!(ReturnTo::parse(text), Err(ReturnToError), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_taken_leads_elsewhere(text in "[/\\\\.:@a-z?#%\t ]{0,20}") {
            if let Ok(path) = ReturnTo::parse(&text) {
                let url = landing().join(path.as_str()).unwrap();
                prop_assert_eq!(url.origin(), landing().origin());
            }
        }
    }
}
