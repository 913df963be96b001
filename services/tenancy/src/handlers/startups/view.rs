use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{StartupId, UserId};

use crate::domain::stage::Stage;
use crate::store::startups::StartupRow;

/// A company that agents advise.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Startup {
    pub(crate) id: StartupId,
    #[schema(example = "Analytical Engines")]
    name: String,
    description: Option<String>,
    #[schema(example = "SaaS")]
    industry: Option<String>,
    stage: Option<Stage>,
    website: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    country: Option<String>,
    team_size: Option<i32>,
    created_by: UserId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<StartupRow> for Startup {
    fn from(row: StartupRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            industry: row.industry,
            stage: row.stage.as_deref().and_then(Stage::from_column),
            website: row.website,
            country: row.country,
            team_size: row.team_size,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
