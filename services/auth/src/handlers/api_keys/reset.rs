use chrono::TimeDelta;
use witan_access::{Scope, api_key};
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Created, Problem, ProblemBody, State, codes};

use super::issuing::{Wish, end, issue};
use super::view::NewApiKey;
use crate::app::App;
use crate::domain::api_key::{KeyEnd, KeyOwner, USUAL_DAYS};
use crate::handlers::client::Client;
use crate::store::api_keys::{api_key_lock, api_key_of_name};

/// The one key that clients know who know but one.
const NAME: &str = "default";
/// What it is good for: everything that a person does, nothing that runs a workspace.
const SCOPES: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Agents, Scope::Sessions];

/// Replaces the caller's key `default`, or makes it.
///
/// The old one ends, in every service within two seconds. The new one has the scopes `read`, `write`, `agents` and
/// `sessions` for 90 days, and is shown this once.
#[utoipa::path(post, path = "/api/v1/users/me/reset-api-key", operation_id = "resetApiKey", tag = "api-keys",
    responses(
        (status = 201, description = "Made", body = NewApiKey),
        (status = 409, description = "There are 20 keys already.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
) -> Result<Created<NewApiKey>, Problem> {
    let user = caller.user_id;
    let wish = Wish {
        owner: KeyOwner::User(user),
        by: user,
        name: NAME.to_owned(),
        scopes: SCOPES.to_vec(),
        methods: caller.methods.clone(),
        lasts: TimeDelta::days(USUAL_DAYS),
    };
    let (key, proof) = api_key::generate(&app.clock);
    let replace = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        api_key_lock(tx, wish.owner).await?;
        let old = api_key_of_name(tx, user, NAME, app.clock.now()).await?;
        if let Some(old) = &old {
            end(tx, &app, old, KeyEnd::Replaced, (user, &client)).await?;
        }
        Ok((old, issue(tx, &app, &wish, &proof, &client).await?))
    };
    let (old, row) = app.pg.tx("api_key.reset", replace).await?;
    let row = row.ok_or_else(|| Problem::new(&codes::auth::API_KEY_LIMIT))?;
    if let Some(old) = old {
        app.api_keys.revoke(old.id);
    }
    Ok(Created { location: format!("/api/v1/api-keys/{}", row.id), body: NewApiKey::of(key, row) })
}
