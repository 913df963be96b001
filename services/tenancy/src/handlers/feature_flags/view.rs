use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_access::RolloutUnit;
use witan_ids::{UserId, WorkspaceId};

use crate::store::feature_flags::NamedFlag;

/// What a percentage counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FlagUnit {
    /// Workspaces as a whole.
    #[default]
    Workspace,
    /// People, in every workspace of theirs.
    User,
}

impl FlagUnit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "WORKSPACE",
            Self::User => "USER",
        }
    }
}

impl From<RolloutUnit> for FlagUnit {
    fn from(unit: RolloutUnit) -> Self {
        match unit {
            RolloutUnit::Workspace => Self::Workspace,
            RolloutUnit::User => Self::User,
        }
    }
}

/// A workspace for which it is decided by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NamedWorkspace {
    pub(crate) workspace_id: WorkspaceId,
    /// Whether it has the feature.
    pub(crate) has: bool,
}

/// A person for whom it is decided by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NamedUser {
    pub(crate) user_id: UserId,
    /// Whether they have the feature.
    pub(crate) has: bool,
}

/// A feature flag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Flag {
    #[schema(example = "council.run")]
    key: String,
    /// For people.
    description: String,
    /// Off is off for everybody.
    enabled: bool,
    /// How many of a hundred have it, where nothing is said of them by name.
    percentage: u8,
    unit: FlagUnit,
    /// Those for whom it is decided by name.
    workspaces: Vec<NamedWorkspace>,
    /// The same of people; it counts before what is said of their workspace.
    users: Vec<NamedUser>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<NamedFlag> for Flag {
    fn from(flag: NamedFlag) -> Self {
        let (created_at, updated_at) = (flag.row.created_at, flag.row.updated_at);
        let (description, rule) = (flag.row.description.clone(), flag.rule());
        Self {
            key: rule.key,
            description,
            enabled: rule.enabled,
            percentage: rule.percentage,
            unit: rule.unit.into(),
            workspaces: rule
                .workspaces
                .into_iter()
                .map(|(workspace_id, has)| NamedWorkspace { workspace_id, has })
                .collect(),
            users: rule.users.into_iter().map(|(user_id, has)| NamedUser { user_id, has }).collect(),
            created_at,
            updated_at,
        }
    }
}
