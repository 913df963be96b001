//! Log-ins beside bare argon2id on as many threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use futures_util::future::join_all;

use super::world::{PASSWORD, World, somebody};
use super::{ROUNDS, row};
use crate::bare::WORKERS;

const SALT: &[u8] = b"0123456789abcdef";
const LASTS: Duration = Duration::from_secs(6);
/// Enough that a slot that comes free is taken at once: an answer waits a while after the comparison, so that its time
/// tells nothing.
const CALLERS: usize = 16;

/// One row for each limit.
pub(super) async fn measure(world: &World) -> Result<Vec<Vec<String>>> {
    let (mut ours, mut plain, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let next = AtomicUsize::new(0);
    for _ in 0..ROUNDS {
        ours.push(logins(world, &next).await);
        plain.push(tokio::task::spawn_blocking(|| hashes(plainly)).await??);
        kept.push(tokio::task::spawn_blocking(|| hashes(in_kept_memory)).await??);
    }
    let limit = "bare argon2id (19 MiB, t=2, p=1), 2 threads";
    Ok(vec![
        row("`POST /auth/login`", ours.clone(), limit, plain, "85 %"),
        row("`POST /auth/login`", ours, "the same in memory that is kept", kept, ""),
    ])
}

async fn logins(world: &World, next: &AtomicUsize) -> f64 {
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|_| async move {
        let mut done = 0_u32;
        while begun.elapsed() < LASTS {
            let number = somebody(next.fetch_add(1, Ordering::Relaxed));
            let _ = world.login(number, PASSWORD).await.expect(200);
            done += 1;
        }
        done
    });
    let done: u32 = join_all(callers).await.into_iter().sum();
    f64::from(done) / begun.elapsed().as_secs_f64()
}

/// Hashes a second of as many threads as the service has slots.
fn hashes(count: fn(&Argon2<'_>, Instant) -> u32) -> Result<f64> {
    let params = Params::new(19_456, 2, 1, None).map_err(anyhow::Error::msg)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let begun = Instant::now();
    let done: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WORKERS).map(|_| scope.spawn(|| count(&argon, begun))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    });
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

/// As the library does it when nobody tells it otherwise.
fn plainly(argon: &Argon2<'_>, begun: Instant) -> u32 {
    let (mut done, mut out) = (0, [0; 32]);
    while begun.elapsed() < LASTS {
        done += u32::from(argon.hash_password_into(PASSWORD.as_bytes(), SALT, &mut out).is_ok());
    }
    done
}

/// As the service does it.
fn in_kept_memory(argon: &Argon2<'_>, begun: Instant) -> u32 {
    let (mut done, mut out) = (0, [0; 32]);
    let mut memory = vec![Block::default(); argon.params().block_count()];
    while begun.elapsed() < LASTS {
        let hash = argon.hash_password_into_with_memory(PASSWORD.as_bytes(), SALT, &mut out, &mut memory);
        done += u32::from(hash.is_ok());
    }
    done
}
