//! Keys as their owners see them.

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use witan_access::Scope;
use witan_ids::{ApiKeyId, UserId, WorkspaceId};

use crate::store::api_keys::ApiKeyRow;

/// An API key, without what opens anything.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    /// The key's id.
    id: ApiKeyId,
    /// What it is for.
    #[schema(example = "nightly import")]
    name: String,
    /// How the key begins.
    #[schema(example = "wk_3f9a1c07be52d846")]
    prefix: String,
    /// The kinds of operations it is good for.
    #[schema(schema_with = scopes)]
    scopes: Vec<Scope>,
    /// The workspace that it belongs to; null for the key of a person.
    workspace_id: Option<WorkspaceId>,
    /// Who made it.
    created_by: UserId,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute or so.
    last_used_at: Option<DateTime<Utc>>,
}

/// A new API key, with the key itself, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewApiKey {
    /// Send it as `X-API-Key`. Nobody can show it again.
    #[schema(example = "wk_3f9a1c07be52d846_…")]
    key: String,
    #[serde(flatten)]
    about: ApiKey,
}

impl NewApiKey {
    pub(super) fn of(key: String, row: ApiKeyRow) -> Self {
        Self { key, about: ApiKey::of(row) }
    }
}

impl ApiKey {
    pub(super) fn of(row: ApiKeyRow) -> Self {
        Self {
            id: row.id,
            scopes: row.scopes(),
            name: row.name,
            prefix: row.prefix,
            workspace_id: row.workspace,
            created_by: row.created_by,
            created_at: row.created_at.trunc_subsecs(3),
            expires_at: row.expires_at.trunc_subsecs(3),
            last_used_at: row.last_used_at.map(|at| at.trunc_subsecs(3)),
        }
    }
}

/// At least one of those there are.
pub(super) fn scopes() -> ArrayBuilder {
    let names = Scope::ALL.map(Scope::as_str);
    let scope = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    ArrayBuilder::new().items(scope).min_items(Some(1)).max_items(Some(Scope::ALL.len()))
}
