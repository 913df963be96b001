//! Devices that an account was logged in from before.
//!
//! A successful log-in leaves a signed token with the browser. Shown at the next one, it says that whoever tries has been
//! let in before, and gets a counter of failures of their own: a stranger who guesses at the account cannot keep its
//! owner out (OWASP's device cookies).

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use witan_clock::Clock;

/// How long a device is known after its last log-in.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(180);

const TAG: usize = 16;
const ID: usize = 16;
const TIME: usize = 8;
const MAC: usize = 32;

/// An account as counters and cookies name it: a MAC of its address, whether or not there is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccountTag([u8; TAG]);

impl AccountTag {
    /// As text: 32 hexadecimal digits.
    pub fn text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// As a number, to spread things by.
    pub fn number(self) -> u64 {
        self.0[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl fmt::Debug for AccountTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountTag(…)")
    }
}

/// One device, for one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device([u8; ID]);

impl Device {
    /// A device that was not seen before.
    pub fn generate(clock: &Clock) -> Self {
        Self(clock.random())
    }

    /// Its name among the counters of its account.
    pub fn text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Names accounts, and signs and checks the tokens of devices.
#[derive(Clone)]
pub struct Devices(hmac::Key);

impl Devices {
    /// With a key of the installation.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The account of an address.
    pub fn account(&self, address: &str) -> AccountTag {
        let tag = hmac::sign(&self.0, format!("account {address}").as_bytes());
        AccountTag(std::array::from_fn(|index| tag.as_ref()[index]))
    }

    /// What the browser keeps.
    pub fn token(&self, account: AccountTag, device: Device, now: DateTime<Utc>) -> String {
        let mut bytes = [account.0.as_slice(), &device.0, &now.timestamp().to_be_bytes()].concat();
        bytes.extend_from_slice(hmac::sign(&self.0, &bytes).as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The device that a token names, if we signed it for this account and not too long ago.
    pub fn open(&self, account: AccountTag, token: &str, now: DateTime<Utc>) -> Option<Device> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let bytes: [u8; TAG + ID + TIME + MAC] = bytes.try_into().ok()?;
        let (signed, mac) = bytes.split_at(TAG + ID + TIME);
        hmac::verify(&self.0, signed, mac).ok()?;
        let (tag, rest) = signed.split_first_chunk::<TAG>()?;
        let (id, time) = rest.split_first_chunk::<ID>()?;
        let issued = DateTime::from_timestamp(i64::from_be_bytes(time.try_into().ok()?), 0)?;
        (*tag == account.0 && now - issued < KNOWN_FOR).then_some(Device(*id))
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    fn parts() -> (Devices, AccountTag, Device, DateTime<Utc>) {
        let clock = ManualClock::at(DateTime::UNIX_EPOCH).clock();
        let devices = Devices::new(b"secret");
        let account = devices.account("ada@example.org");
        (devices, account, Device::generate(&clock), clock.now())
    }

    #[test]
    fn a_token_is_good_for_its_account_and_half_a_year() {
        let (devices, account, device, now) = parts();
        let token = devices.token(account, device, now);
        assert_eq!(devices.open(account, &token, now), Some(device));
        assert_eq!(devices.open(devices.account("eve@example.org"), &token, now), None);
        assert_eq!(devices.open(account, &token, now + KNOWN_FOR), None);
        assert_eq!(Devices::new(b"another").open(account, &token, now), None);
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_none() {
        let (devices, account, device, now) = parts();
        let token = devices.token(account, device, now);
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            assert_eq!(devices.open(account, &URL_SAFE_NO_PAD.encode(changed), now), None, "byte {index}");
        }
        for text in ["", "a", &token[1..]] {
            assert_eq!(devices.open(account, text, now), None, "{text:?}");
        }
    }
}
