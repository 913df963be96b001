//! When keys change places.

use chrono::{DateTime, TimeDelta, Utc};
use witan_ids::KeyId;

use super::signing_key::KeyState;

/// How long keys of one purpose do what.
#[derive(Debug, Clone, Copy)]
pub struct RotationRules {
    /// How long a key signs.
    pub every: TimeDelta,
    /// How long a key is published before it signs.
    pub published: TimeDelta,
    /// How long anything a key signed may live after it stopped.
    pub longest_life: TimeDelta,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RotationPlan {
    /// Nothing they signed is valid any longer.
    pub forget: Vec<KeyId>,
    /// The first stops signing and the second begins to, at the same moment.
    pub swap: Option<(KeyId, KeyId)>,
    /// There must be a key that can take over next.
    pub make: bool,
}

/// What is due at `now` for the keys of one purpose. `asked`: somebody wants the active key replaced before its time.
pub fn plan(
    keys: &[(KeyId, KeyState)],
    now: DateTime<Utc>,
    rules: &RotationRules,
    asked: bool,
) -> RotationPlan {
    let forget = keys.iter().filter(|(_, state)| !state.verifies(now)).map(|(id, _)| *id).collect();
    let next = keys.iter().find(|(_, state)| matches!(state, KeyState::Next { .. }));
    let active = keys.iter().find_map(|(id, state)| match state {
        KeyState::Active { since } => Some((*id, *since)),
        _ => None,
    });
    let Some((active, since)) = active else {
        // Made at the start of a service, and never taken away without a successor.
        return RotationPlan { forget, ..RotationPlan::default() };
    };
    let due = since + rules.every;
    let ready = next.filter(|(_, state)| state.activate(now, rules.published).is_ok());
    RotationPlan {
        forget,
        swap: ready.filter(|_| asked || due <= now).map(|(next, _)| (active, *next)),
        make: next.is_none() && (asked || due - rules.published <= now),
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    const RULES: RotationRules = RotationRules {
        every: TimeDelta::days(90),
        published: TimeDelta::days(1),
        longest_life: TimeDelta::minutes(15),
    };

    fn days(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn ids() -> [KeyId; 2] {
        let clock = ManualClock::at(days(0)).clock();
        [KeyId::generate(&clock), KeyId::generate(&clock)]
    }

    #[test]
    fn the_successor_is_made_a_day_before_it_is_needed() {
        let keys = [(ids()[0], KeyState::Active { since: days(0) })];
        assert_eq!(plan(&keys, days(88), &RULES, false), RotationPlan::default());
        assert!(plan(&keys, days(89), &RULES, false).make);
        assert!(plan(&keys, days(1), &RULES, true).make, "asked for");
    }

    #[test]
    fn they_swap_when_the_time_has_come_and_everybody_knows_the_successor() {
        let [old, new] = ids();
        let keys = |since| [(old, KeyState::Active { since: days(0) }), (new, KeyState::Next { since })];
        assert_eq!(plan(&keys(days(89)), days(90), &RULES, false).swap, Some((old, new)));
        assert_eq!(plan(&keys(days(90)), days(90), &RULES, false).swap, None, "nobody knows it yet");
        assert_eq!(plan(&keys(days(10)), days(20), &RULES, false).swap, None, "too early");
        assert_eq!(plan(&keys(days(10)), days(20), &RULES, true).swap, Some((old, new)), "asked for");
        assert!(!plan(&keys(days(89)), days(90), &RULES, true).make, "there is one");
    }

    #[test]
    fn what_signed_nothing_that_lives_is_forgotten() {
        let [old, new] = ids();
        let keys = [(old, KeyState::Retiring { until: days(1) }), (new, KeyState::Active { since: days(0) })];
        assert!(plan(&keys, days(0), &RULES, true).forget.is_empty());
        assert_eq!(plan(&keys, days(1), &RULES, false).forget, [old]);
    }

    #[test]
    fn without_an_active_key_nothing_is_promoted() {
        let keys = [(ids()[0], KeyState::Next { since: days(0) })];
        assert_eq!(plan(&keys, days(500), &RULES, true), RotationPlan::default());
    }
}
