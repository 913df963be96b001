use chrono::TimeDelta;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_access::{Scope, api_key};
use witan_ids::WorkspaceId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Created, Problem, ProblemBody, State, Violations, codes};

use super::issuing::{Wish, issue};
use super::owner::owner_of_new;
use super::view::{NewApiKey, scopes};
use crate::app::App;
use crate::domain::api_key::{LONGEST_DAYS, USUAL_DAYS, ordered};
use crate::domain::name::DisplayName;
use crate::handlers::client::Client;
use crate::store::api_keys::api_key_lock;

/// A key to make. Whose it is follows from who asks, never from what they say of themselves.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, example = "nightly import")]
    name: String,
    /// The kinds of operations it is good for.
    #[schema(schema_with = scopes)]
    scopes: Vec<Scope>,
    /// The workspace that it is to belong to; without one it belongs to the caller.
    workspace_id: Option<WorkspaceId>,
    /// How long it lasts; 90 days where missing.
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: Option<i64>,
}

/// Makes an API key.
///
/// The key is shown this once. It passes the same permission checks as its owner, and its scopes besides.
#[utoipa::path(post, path = "/api/v1/api-keys", operation_id = "createApiKey", tag = "api-keys",
    request_body = CreateApiKey, responses(
        (status = 201, description = "Made", body = NewApiKey),
        (status = 403, description = "The proof of who is calling is too old, or the caller's role lacks a permission.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such workspace.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There are 20 keys already.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(wish): Body<CreateApiKey>,
) -> Result<Created<NewApiKey>, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", DisplayName::parse(&wish.name));
    let name = violations.build(|| name)?.as_str().to_owned();
    let scopes = ordered(wish.scopes);
    let owner = owner_of_new(&app, &caller, wish.workspace_id, &scopes).await?;
    let lasts = TimeDelta::days(wish.expires_in_days.unwrap_or(USUAL_DAYS).min(LONGEST_DAYS));
    let wish = Wish { owner, by: caller.user_id, name, scopes, methods: caller.methods.clone(), lasts };
    let (key, proof) = api_key::generate(&app.clock);
    let make = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        api_key_lock(tx, owner).await?;
        issue(tx, &app, &wish, &proof, &client).await
    };
    let row = app.pg.tx("api_key.create", make).await?;
    let row = row.ok_or_else(|| Problem::new(&codes::auth::API_KEY_LIMIT))?;
    Ok(Created { location: format!("/api/v1/api-keys/{}", row.id), body: NewApiKey::of(key, row) })
}
