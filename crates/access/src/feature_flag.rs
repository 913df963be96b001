use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use witan_ids::{UserId, WorkspaceId};

use crate::AccessError;

/// How finely a percentage is applied: to a hundredth of one.
const BUCKETS: u64 = 10_000;

/// Of what a percentage is a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RolloutUnit {
    /// A workspace has a feature as a whole, or does not.
    #[default]
    Workspace,
    /// People have it one by one, in every workspace of theirs.
    User,
}

/// A feature flag, as whoever runs the installation set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeatureFlag {
    /// What code asks for, such as `council.run`.
    pub key: String,
    /// Off is off for everybody, whatever else the flag says.
    pub enabled: bool,
    /// How many of a hundred units have it, where nothing is said of them by name.
    pub percentage: u8,
    /// What the percentage counts.
    pub unit: RolloutUnit,
    /// Workspaces that have it, or do not, whatever the percentage.
    pub workspaces: BTreeMap<WorkspaceId, bool>,
    /// People who have it, or do not, whatever else.
    pub users: BTreeMap<UserId, bool>,
}

impl FeatureFlag {
    /// Whether this caller has the feature: what is said of the person counts before what is said of the workspace, and
    /// that before the percentage.
    ///
    /// A unit stays where it is when the percentage grows, and which units have one feature says nothing about another.
    pub fn is_on(&self, workspace: Option<WorkspaceId>, user: Option<UserId>) -> bool {
        if !self.enabled {
            return false;
        }
        let person = user.and_then(|user| self.users.get(&user));
        let place = || workspace.and_then(|workspace| self.workspaces.get(&workspace));
        if let Some(named) = person.or_else(place) {
            return *named;
        }
        let unit = match self.unit {
            RolloutUnit::Workspace => workspace.map(|workspace| workspace.to_string()),
            RolloutUnit::User => user.map(|user| user.to_string()),
        };
        let share = u64::from(self.percentage.min(100)) * (BUCKETS / 100);
        // Who is nobody has what everybody has.
        unit.map_or(share == BUCKETS, |unit| bucket(&self.key, &unit) < share)
    }
}

/// Where in 0..10,000 a unit stands for a flag: the first eight bytes of SHA-256 of `{key}:{unit}`, big-endian, modulo.
fn bucket(key: &str, unit: &str) -> u64 {
    let digest = digest(&SHA256, format!("{key}:{unit}").as_bytes());
    let head = digest.as_ref().iter().take(8).fold(0_u64, |head, byte| (head << 8) | u64::from(*byte));
    head % BUCKETS
}

/// Something that a flag can switch, and how it stands while there is no flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// The key of its flag.
    pub key: &'static str,
    /// Whether callers have it while there is no flag of that key.
    pub by_default: bool,
}

impl Feature {
    /// Asking the council. A flag takes it from some, or, when its models cost too much, from all.
    pub const COUNCIL_RUN: Self = Self { key: "council.run", by_default: true };
    /// Talking to personas. As above.
    pub const PERSONA_CHAT: Self = Self { key: "persona.chat", by_default: true };
}

/// Knows every flag.
#[async_trait]
pub trait FeatureFlagSource: Send + Sync {
    /// All of them.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn feature_flags(&self) -> Result<Vec<FeatureFlag>, AccessError>;
}

/// The flags as this process knows them; deciding costs no network. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct FeatureFlags(Arc<RwLock<HashMap<String, Arc<FeatureFlag>>>>);

impl FeatureFlags {
    /// Knows these from now on, and no others.
    pub fn replace(&self, flags: Vec<FeatureFlag>) {
        let flags = flags.into_iter().map(|flag| (flag.key.clone(), Arc::new(flag))).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = flags;
    }

    /// Whether this caller has the feature.
    pub fn has(&self, feature: Feature, workspace: Option<WorkspaceId>, user: Option<UserId>) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(feature.key).cloned();
        known.map_or(feature.by_default, |flag| flag.is_on(workspace, user))
    }

    /// Every flag, as it is for this caller.
    pub fn all(&self, workspace: Option<WorkspaceId>, user: Option<UserId>) -> BTreeMap<String, bool> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(key, flag)| (key.clone(), flag.is_on(workspace, user))).collect()
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::Clock;

    use super::*;

    fn flag(percentage: u8, unit: RolloutUnit) -> FeatureFlag {
        let (workspaces, users) = (BTreeMap::new(), BTreeMap::new());
        FeatureFlag { key: "new.thing".to_owned(), enabled: true, percentage, unit, workspaces, users }
    }

    #[test]
    fn a_percentage_is_that_part_and_only_grows() {
        let clock = Clock::system();
        let workspaces: Vec<_> = (0..4_000).map(|_| WorkspaceId::generate(&clock)).collect();
        let mut before: Vec<WorkspaceId> = Vec::new();
        for percentage in [0, 1, 10, 50, 99, 100] {
            let flag = flag(percentage, RolloutUnit::Workspace);
            let on: Vec<_> = workspaces.iter().copied().filter(|one| flag.is_on(Some(*one), None)).collect();
            let part = on.len() as f64 / workspaces.len() as f64 * 100.0;
            assert!((part - f64::from(percentage)).abs() < 4.0, "{part} % instead of {percentage} %");
            assert!(before.iter().all(|one| on.contains(one)), "somebody lost it at {percentage} %");
            before = on;
        }
        assert_eq!(before.len(), workspaces.len());
    }

    const BUCKET_OF_EXAMPLE: u64 = 5_871;

    /// Worked out by another program; it must never change.
    #[test]
    fn a_bucket_is_what_it_has_always_been() {
        assert_eq!(bucket("new.thing", "wsp_01h455vb4pex5vsknk084sn02q"), BUCKET_OF_EXAMPLE);
        assert_ne!(bucket("other.thing", "wsp_01h455vb4pex5vsknk084sn02q"), BUCKET_OF_EXAMPLE);
    }

    #[test]
    fn people_count_before_workspaces_and_these_before_the_percentage() {
        let clock = Clock::system();
        let (place, user) = (WorkspaceId::generate(&clock), UserId::generate(&clock));
        let mut named = flag(0, RolloutUnit::User);
        assert!(!named.is_on(Some(place), Some(user)));
        named.workspaces.insert(place, true);
        assert!(named.is_on(Some(place), Some(user)));
        named.users.insert(user, false);
        assert!(!named.is_on(Some(place), Some(user)));
        assert!(named.is_on(Some(place), None));
        named.users.insert(user, true);
        assert!(named.is_on(None, Some(user)), "in every workspace");
        named.enabled = false;
        assert!(!named.is_on(Some(place), Some(user)), "off is off for everybody");
    }

    #[test]
    fn nobody_has_what_everybody_has() {
        assert!(!flag(99, RolloutUnit::Workspace).is_on(None, None));
        assert!(flag(100, RolloutUnit::Workspace).is_on(None, None));
    }

    #[test]
    fn without_a_flag_a_feature_is_as_it_is_by_default() {
        let flags = FeatureFlags::default();
        let (on, off) = (Feature::COUNCIL_RUN, Feature { key: "new.thing", by_default: false });
        assert!(flags.has(on, None, None) && !flags.has(off, None, None));
        let stop = FeatureFlag { key: on.key.to_owned(), enabled: false, ..flag(100, RolloutUnit::User) };
        flags.replace(vec![flag(100, RolloutUnit::User), stop]);
        assert!(!flags.has(on, None, None) && flags.has(off, None, None));
        flags.replace(Vec::new());
        assert!(flags.has(on, None, None) && !flags.has(off, None, None));
    }
}
