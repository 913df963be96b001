//! Who may try a password, and what a wrong one costs.
//!
//! Failures count for the account and the network they come from: five lock that pair for a quarter of an hour, and for
//! twice as long each time after. A device that was let in before has a counter of its own instead, so that nobody else's
//! failures keep it out. All strangers' failures at one account count together as well; a hundred of them slow every
//! stranger down to one try in half a minute, and later to one in five minutes. What fails while it is locked does not count, so nobody
//! is kept out for longer by somebody who goes on. Links by mail, passkeys and other identity providers stay open.
//!
//! Nothing of this shows: a locked try costs a hash and gets the answer of a wrong password. Counters are named by a
//! MAC of the address, whether or not it has an account.

use std::time::Duration;

use witan_kv::{Counter, Kv, LockoutPolicy};

use crate::domain::device::{AccountTag, Device};
use crate::domain::source;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Of one network, or one known device, at one account.
const CLOSE: LockoutPolicy =
    LockoutPolicy { failures: 5, again: 5, first: Duration::from_secs(15 * 60), longest: DAY, forget: DAY };

/// Of all strangers at one account.
const STRANGERS: LockoutPolicy = LockoutPolicy {
    failures: 100,
    again: 1,
    first: Duration::from_secs(30),
    longest: Duration::from_secs(300),
    forget: Duration::from_secs(3600),
};

/// Somebody who tries to log in to an account.
pub(crate) struct Attempt {
    kv: Kv,
    group: String,
    /// The one that success clears comes first.
    counters: Vec<Counter>,
}

impl Attempt {
    /// From `ip`, and from a device that was let in before, if it was.
    pub(crate) fn new(kv: &Kv, account: AccountTag, ip: &str, device: Option<Device>) -> Self {
        let close = |key| Counter { key, policy: CLOSE };
        let counters = match device {
            Some(device) => vec![close(format!("device:{}", device.text()))],
            None => vec![
                close(format!("source:{}", source::bucket(ip))),
                Counter { key: "strangers".to_owned(), policy: STRANGERS },
            ],
        };
        Self { kv: kv.clone(), group: format!("login:{}", account.text()), counters }
    }

    /// By who is logged in, and is asked for their password once more.
    pub(crate) fn by_user(kv: &Kv, account: AccountTag) -> Self {
        let counters = vec![Counter { key: "user".to_owned(), policy: CLOSE }];
        Self { kv: kv.clone(), group: format!("login:{}", account.text()), counters }
    }

    /// Whether it does not count, right or wrong.
    pub(crate) async fn is_locked(&self) -> bool {
        self.kv.is_locked(&self.group, &self.counters).await
    }

    /// The password was wrong. Whether that locked the account for whoever tried.
    pub(crate) async fn failed(&self) -> bool {
        let failed = self.kv.count_failure(&self.group, &self.counters).await;
        failed.first().is_some_and(|failed| failed.began)
    }

    /// Somebody showed in another way that the account is theirs: all of it is forgotten.
    pub(crate) async fn unlock(&self) {
        self.kv.forget_failures(&self.group, &self.counters).await;
    }

    /// The password was right.
    pub(crate) async fn succeeded(&self) {
        self.kv.forget_failures(&self.group, &self.counters[..1]).await;
    }
}
