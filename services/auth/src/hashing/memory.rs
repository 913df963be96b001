//! Memory that hashes take turns with.
//!
//! A hash reads and writes 19 MiB at random. Fresh from the operating system, each of its pages has to be cleared and
//! mapped at the first touch, which takes about as long as the hash itself; an allocator gives memory of this size back
//! at once. So it is kept while passwords are being compared, and given back afterwards.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::Block;

/// What is kept. Clones share it.
#[derive(Clone)]
pub(super) struct Memory {
    size: usize,
    kept: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    blocks: Vec<Block>,
    since: Instant,
}

/// Lent until it is dropped.
pub(super) struct Lent {
    owner: Memory,
    blocks: Vec<Block>,
}

impl Memory {
    /// Keeps pieces of `size` blocks of 1 KiB.
    pub(super) fn of(size: usize) -> Self {
        Self { size, kept: Arc::default() }
    }

    /// At least `count` blocks, of which the contents mean nothing. A larger piece than those that are kept is made anew.
    pub(super) fn lend(&self, count: usize) -> Lent {
        // The last that came back, so that the others may rest.
        let kept = if count > self.size { None } else { self.kept().pop() };
        let blocks = kept.map(|kept| kept.blocks);
        let blocks = blocks.unwrap_or_else(|| vec![Block::default(); count.max(self.size)]);
        Lent { owner: self.clone(), blocks }
    }

    /// Gives back what nobody wanted for so long.
    pub(super) fn release(&self, unused: Duration, now: Instant) {
        let is_wanted = |kept: &Kept| now.duration_since(kept.since) < unused;
        // Freed after the lock.
        let _idle: Vec<Kept> = self.kept().extract_if(.., |kept| !is_wanted(kept)).collect();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsMut<[Block]> for Lent {
    fn as_mut(&mut self) -> &mut [Block] {
        &mut self.blocks
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let blocks = std::mem::take(&mut self.blocks);
        if blocks.len() == self.owner.size {
            self.owner.kept().push(Kept { blocks, since: Instant::now() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_is_lent_again() {
        let memory = Memory::of(8);
        let mut lent = memory.lend(8);
        let place = lent.as_mut().as_ptr();
        drop(lent);
        assert_eq!(memory.lend(4).as_mut().as_ptr(), place);
    }

    #[test]
    fn two_at_once_have_their_own() {
        let memory = Memory::of(8);
        let (mut one, mut other) = (memory.lend(8), memory.lend(8));
        assert_ne!(one.as_mut().as_ptr(), other.as_mut().as_ptr());
        drop((one, other));
        assert_eq!(memory.kept().len(), 2);
    }

    #[test]
    fn a_larger_piece_is_lent_and_not_kept() {
        let memory = Memory::of(8);
        assert_eq!(memory.lend(16).as_mut().len(), 16);
        assert!(memory.kept().is_empty());
    }

    #[test]
    fn what_rests_is_given_back() {
        let (memory, minute) = (Memory::of(8), Duration::from_secs(60));
        drop((memory.lend(8), memory.lend(8)));
        memory.release(minute, Instant::now());
        assert_eq!(memory.kept().len(), 2);
        memory.release(minute, Instant::now() + minute);
        assert!(memory.kept().is_empty());
    }
}
