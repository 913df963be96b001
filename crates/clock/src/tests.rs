use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::{Variant, Version};

use crate::{Clock, ManualClock};

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00.123456Z".parse().unwrap()
}

#[test]
fn a_manual_clock_stands_still_until_moved() {
    let manual = ManualClock::at(noon());
    let clock = manual.clock();
    assert_eq!(clock.now(), noon());
    assert_eq!(clock.now(), noon());
    manual.advance(Duration::from_millis(5));
    assert_eq!(clock.now(), noon() + Duration::from_millis(5));
    manual.set(noon());
    assert_eq!(clock.now(), noon());
}

#[test]
fn manual_randomness_repeats_and_system_randomness_does_not() {
    let bytes = || ManualClock::at(noon()).clock().random::<32>();
    assert_eq!(bytes(), bytes());
    assert_ne!(Clock::system().random::<32>(), Clock::system().random::<32>());
}

#[test]
fn clones_of_a_manual_clock_do_not_repeat_each_other() {
    let manual = ManualClock::at(noon());
    assert_ne!(manual.clock().random::<16>(), manual.clock().random::<16>());
    assert_ne!(manual.clock().uuid_v7(), manual.clock().uuid_v7());
}

#[test]
fn times_are_whole_microseconds() {
    for _ in 0..100 {
        assert_eq!(Clock::system().now().timestamp_subsec_nanos() % 1000, 0);
    }
}

#[test]
fn a_uuid_carries_version_variant_and_milliseconds() {
    let id = ManualClock::at(noon()).clock().uuid_v7();
    assert_eq!(id.get_version(), Some(Version::SortRand));
    assert_eq!(id.get_variant(), Variant::RFC4122);
    assert_eq!(id.as_u128() >> 80, noon().timestamp_millis() as u128);
}

#[test]
fn uuids_ascend_while_time_stands_still() {
    let clock = ManualClock::at(noon()).clock();
    let ids: Vec<_> = (0..10_000).map(|_| clock.uuid_v7()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b));
}

#[test]
fn uuids_ascend_over_a_small_step_back_and_follow_a_large_one() {
    let manual = ManualClock::at(noon());
    let first = manual.clock().uuid_v7();
    manual.set(noon() - Duration::from_millis(500));
    assert!(manual.clock().uuid_v7() > first);
    manual.set(noon() - Duration::from_secs(3600));
    assert!(manual.clock().uuid_v7() < first);
}

#[test]
fn uuids_of_many_threads_are_unique() {
    let clock = Clock::system();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let clock = clock.clone();
            std::thread::spawn(move || (0..5_000).map(|_| clock.uuid_v7()).collect::<Vec<_>>())
        })
        .collect();
    let mut all: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    all.sort();
    assert!(all.is_sorted_by(|a, b| (a.as_u128() >> 64) < (b.as_u128() >> 64)));
}

proptest! {
    #[test]
    fn ranges_are_respected(start in 0..1_000_u64, length in 1..1_000_u64) {
        let picked = ManualClock::at(noon()).clock().random_range(start..start + length);
        prop_assert!((start..start + length).contains(&picked));
    }
}
