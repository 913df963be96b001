use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// How far ids may run ahead of a clock that stepped back before they follow it: one second, in ticks.
const MAX_AHEAD: u64 = 1000 << 12;

/// The last timestamp that was given out: milliseconds, then twelve bits of their fraction.
#[derive(Default)]
pub(crate) struct Sequence(AtomicU64);

impl Sequence {
    pub(crate) fn next(&self, now: DateTime<Utc>, random: [u8; 8]) -> Uuid {
        let ticks = ticks(now);
        let mut given = ticks;
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            let ahead = last >= ticks && last - ticks < MAX_AHEAD;
            given = if ahead { last + 1 } else { ticks };
            Some(given)
        });
        assemble(given, random)
    }
}

/// Milliseconds since 1970 times 4096, with the fraction of the millisecond in the low twelve bits.
fn ticks(time: DateTime<Utc>) -> u64 {
    let micros = u64::try_from(time.timestamp_micros()).unwrap_or(0);
    ((micros / 1000) << 12) | (((micros % 1000) << 12) / 1000)
}

fn assemble(ticks: u64, random: [u8; 8]) -> Uuid {
    const VERSION: u128 = 0x7 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let millis = u128::from(ticks >> 12) << 80;
    let fraction = u128::from(ticks & 0xfff) << 64;
    let random = u128::from(u64::from_be_bytes(random) >> 2);
    Uuid::from_u128(millis | VERSION | fraction | VARIANT | random)
}
