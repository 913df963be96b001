use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Problem, Violations};

use super::view::{FlagUnit, NamedUser, NamedWorkspace};
use crate::store::feature_flags::{FlagRow, NameRow, NamedFlag};

/// A feature flag as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetFlag {
    /// For people.
    #[schema(max_length = 500)]
    #[serde(default)]
    description: String,
    /// Off is off for everybody.
    enabled: bool,
    /// How many of a hundred have it, where nothing is said of them by name. Who has it keeps it when this grows.
    #[schema(minimum = 0, maximum = 100, default = 100)]
    #[serde(default = "everybody")]
    percentage: u8,
    #[serde(default)]
    unit: FlagUnit,
    /// Workspaces for which it is decided by name.
    #[schema(max_items = 1000)]
    #[serde(default)]
    workspaces: Vec<NamedWorkspace>,
    /// People for whom it is decided by name, whatever is said of their workspace.
    #[schema(max_items = 1000)]
    #[serde(default)]
    users: Vec<NamedUser>,
}

fn everybody() -> u8 {
    100
}

impl SetFlag {
    /// The flag of this key that is wished for.
    ///
    /// # Errors
    /// When the key cannot be one, or somebody is named twice.
    pub(super) fn of(self, key: String, now: DateTime<Utc>) -> Result<NamedFlag, Problem> {
        let mut violations = Violations::new();
        if !is_key(&key) {
            violations.push("", "validation.invalid", "the key in the path cannot be one");
        }
        let name = |unit: FlagUnit, subject, has| NameRow {
            key: key.clone(),
            unit: unit.as_str().to_owned(),
            subject,
            has,
        };
        let workspaces =
            self.workspaces.iter().map(|one| name(FlagUnit::Workspace, one.workspace_id.uuid(), one.has));
        let users = self.users.iter().map(|one| name(FlagUnit::User, one.user_id.uuid(), one.has));
        let mut names: Vec<NameRow> = workspaces.chain(users).collect();
        names.sort_by(|a, b| (&a.unit, a.subject).cmp(&(&b.unit, b.subject)));
        for pair in
            names.windows(2).filter(|pair| pair[0].unit == pair[1].unit && pair[0].subject == pair[1].subject)
        {
            let pointer = if pair[0].unit == "USER" { "/users" } else { "/workspaces" };
            violations.push(pointer, "validation.duplicate", "somebody is named twice");
        }
        violations.finish()?;
        let row = FlagRow {
            key,
            description: self.description,
            enabled: self.enabled,
            percentage: i16::from(self.percentage),
            unit: self.unit.as_str().to_owned(),
            created_at: now,
            updated_at: now,
        };
        Ok(NamedFlag { row, names })
    }
}

/// What the column takes, too.
fn is_key(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    key.len() <= 64 && key.starts_with(|c: char| c.is_ascii_lowercase()) && key.chars().all(plain)
}
