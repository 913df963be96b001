use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_secs(2);

/// Pauses that grow from 50 ms to 2 s, each with full jitter.
#[derive(Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.next()).await;
    }

    fn next(&mut self) -> Duration {
        let cap = FIRST.saturating_mul(1 << self.failures.min(10)).min(MOST);
        self.failures += 1;
        #[expect(clippy::disallowed_methods, reason = "jitter decides nothing that a test could want to see")]
        cap.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_never_passes_two_seconds() {
        let mut backoff = Backoff::default();
        assert!(backoff.next() <= FIRST);
        for _ in 0..100 {
            assert!(backoff.next() <= MOST);
        }
        assert!(backoff.next() >= MOST / 2);
    }
}
