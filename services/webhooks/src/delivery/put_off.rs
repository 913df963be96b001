//! Those of one endpoint that found no place, in the order in which they are to be called back.

use std::collections::{BTreeSet, HashSet};

use witan_ids::JobId;

/// Those that are known by their names; the others come back by themselves.
const MOST_KNOWN: usize = 10_000;

/// Nobody can be called before being put off is committed: until then the job counts as under way, and a call would not reach it. What
/// finds nobody else is owed to the first for whom that is done.
#[derive(Debug, Default)]
pub(crate) struct PutOff {
    leaving: HashSet<JobId>,
    away: BTreeSet<JobId>,
    owed: usize,
}

impl PutOff {
    /// It is about to be put off.
    pub(crate) fn leave(&mut self, job: JobId) {
        if self.leaving.len() + self.away.len() < MOST_KNOWN {
            self.leaving.insert(job);
        }
    }

    /// It has been put off. Who is called now, because that was owed.
    pub(crate) fn has_left(&mut self, job: JobId) -> Option<JobId> {
        if self.leaving.remove(&job) {
            self.away.insert(job);
        }
        self.owed = self.owed.checked_sub(1)?;
        self.away.pop_first()
    }

    /// It is back, by itself or because it was called.
    pub(crate) fn come(&mut self, job: JobId) {
        self.leaving.remove(&job);
        self.away.remove(&job);
    }

    /// The first ones; of those that were put off only now some are called as soon as they have left.
    pub(crate) fn call(&mut self, most: usize) -> Vec<JobId> {
        let called: Vec<JobId> = std::iter::from_fn(|| self.away.pop_first()).take(most).collect();
        self.owed = (self.owed + most - called.len()).min(self.leaving.len());
        called
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u128) -> JobId {
        JobId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn leave(put_off: &mut PutOff, numbers: impl IntoIterator<Item = u128>) {
        numbers.into_iter().for_each(|number| put_off.leave(job(number)));
    }

    #[test]
    fn the_first_of_those_who_have_left_are_called() {
        let mut put_off = PutOff::default();
        leave(&mut put_off, [3, 1, 2]);
        for number in [3, 2, 1] {
            assert_eq!(put_off.has_left(job(number)), None, "nothing is owed");
        }
        assert_eq!(put_off.call(2), [job(1), job(2)]);
        assert_eq!(put_off.call(2), [job(3)]);
    }

    #[test]
    fn a_call_that_found_nobody_is_for_the_first_who_has_left() {
        let mut put_off = PutOff::default();
        leave(&mut put_off, [1, 2]);
        assert!(put_off.call(1).is_empty(), "nobody has left yet");
        assert_eq!(put_off.has_left(job(2)), Some(job(2)));
        assert_eq!(put_off.has_left(job(1)), None, "one call is for one");
        assert_eq!(put_off.call(1), [job(1)]);
    }

    #[test]
    fn no_more_is_owed_than_are_leaving() {
        let mut put_off = PutOff::default();
        assert!(put_off.call(2).is_empty());
        leave(&mut put_off, [1]);
        assert_eq!(put_off.has_left(job(1)), None);
        leave(&mut put_off, [2]);
        assert_eq!(put_off.call(2), [job(1)]);
        assert_eq!(put_off.call(2), []);
        leave(&mut put_off, [3]);
        assert_eq!(put_off.has_left(job(2)), Some(job(2)));
        assert_eq!(put_off.has_left(job(3)), None);
    }

    #[test]
    fn who_is_back_is_not_called() {
        let mut put_off = PutOff::default();
        leave(&mut put_off, [1, 2]);
        assert_eq!(put_off.has_left(job(1)), None);
        put_off.come(job(1));
        put_off.come(job(2));
        assert_eq!(put_off.has_left(job(2)), None);
        assert_eq!(put_off.call(2), []);
    }

    #[test]
    fn only_so_many_are_known() {
        let mut put_off = PutOff::default();
        leave(&mut put_off, 0..20_000);
        assert_eq!(put_off.leaving.len(), MOST_KNOWN);
    }
}
