//! Passwords that attackers know: the range API of Have I Been Pwned.
//!
//! Only the first 20 bits of the password's SHA-1 leave the process, and the answer is padded, so that neither the
//! service nor who watches the line learns which password is asked for. A service that cannot be reached keeps nobody
//! from having an account: the password is taken, and that it was not checked is recorded.

use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use http::{HeaderName, HeaderValue, Method};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Counter;
use url::Url;
use witan_egress::{Egress, Guarded, Outgoing};
use witan_kv::{Breaker, BreakerPolicy, Kv};
use witan_telemetry::metrics::meter;

use crate::domain::password::Password;

/// Shorter than a person waits.
const TIMEOUT: Duration = Duration::from_secs(2);
/// A range has about 900 lines of 40 bytes, padding included.
const LONGEST_ANSWER: usize = 256 * 1024;
/// Digits of the hash that are sent.
const PREFIX: usize = 5;

static LOOKUPS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("witan_auth")
        .u64_counter("auth_breach_lookups")
        .with_description("Passwords looked up among the breached ones, by what was found")
        .build()
});

/// Looks passwords up.
#[derive(Clone)]
pub(crate) struct Breaches {
    base: Option<Url>,
    egress: Guarded,
    breaker: Breaker,
}

/// What is known of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It is in no known breach.
    Unknown,
    /// Attackers have it.
    Breached,
    /// The list could not be asked.
    Unchecked,
    /// Nobody wants it asked.
    Off,
}

impl Finding {
    /// Its name in metrics and in the audit log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Breached => "breached",
            Self::Unchecked => "unchecked",
            Self::Off => "off",
        }
    }
}

impl Breaches {
    /// With the API at `base`, or none.
    pub(crate) fn new(base: Option<Url>, egress: &Egress, kv: &Kv) -> Self {
        let breaker = kv.breaker("auth.breaches", BreakerPolicy::default());
        Self { base, egress: egress.guarded(), breaker }
    }

    /// Whether attackers know the password.
    pub(crate) async fn look_up(&self, password: &Password) -> Finding {
        let Some(base) = &self.base else { return Finding::Off };
        let hash = hash(password);
        let (prefix, suffix) = hash.split_at(PREFIX);
        let asked = self.breaker.call(self.range(base, prefix), |_| true).await;
        let finding = match asked {
            Ok(Ok(range)) if contains(&range, suffix) => Finding::Breached,
            Ok(Ok(_)) => Finding::Unknown,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a password is taken without a look at the breached ones");
                Finding::Unchecked
            }
            Err(_open) => Finding::Unchecked,
        };
        LOOKUPS.add(1, &[KeyValue::new("finding", finding.as_str())]);
        finding
    }

    async fn range(&self, base: &Url, prefix: &str) -> Result<String, String> {
        let url = base.join(&format!("range/{prefix}")).map_err(|error| error.to_string())?;
        let request = Outgoing::new(Method::GET, url)
            .header(HeaderName::from_static("add-padding"), HeaderValue::from_static("true"))
            .timeout(TIMEOUT)
            .max_response_bytes(LONGEST_ANSWER)
            .peer("breaches");
        let answer = self.egress.send(request).await.map_err(|error| error.to_string())?;
        if !answer.status.is_success() || answer.truncated {
            return Err(format!("status {}", answer.status));
        }
        String::from_utf8(answer.body.to_vec()).map_err(|error| error.to_string())
    }
}

/// SHA-1 in upper-case hexadecimal digits, because that is what the list is made of.
fn hash(password: &Password) -> String {
    let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose());
    digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Lines are `suffix:count`; padding counts 0.
fn contains(range: &str, suffix: &str) -> bool {
    let mut lines = range.lines().filter_map(|line| line.trim().split_once(':'));
    lines.any(|(found, count)| found.eq_ignore_ascii_case(suffix) && count.trim() != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_of_the_list() {
        let password = Password::parse("password").unwrap();
        assert_eq!(hash(&password), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }

    #[test]
    fn a_line_counts_unless_it_is_padding() {
        let range = "0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:3861493\r\n\
                     011053FD0102E94D6AE2F8B83D76FAF94F6:0";
        assert!(contains(range, "1E4C9B93F3F0682250B6CF8331B7EE68FD8"));
        assert!(!contains(range, "011053FD0102E94D6AE2F8B83D76FAF94F6"));
        assert!(!contains(range, "AAAA"));
    }
}
