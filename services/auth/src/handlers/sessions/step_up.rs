use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Problem, ProblemBody, State, codes};

use super::tokens::{Bearer, access_token};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::method::Method;
use crate::handlers::client::Client;
use crate::handlers::password::confirm::confirm_password;
use crate::store::sessions::session_authenticate;

/// The proof.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StepUp {
    /// The password of the caller's account.
    #[schema(min_length = 1, max_length = 128, format = Password, example = "correct horse battery staple")]
    password: String,
}

/// An access token that says when its user proved who they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SteppedUp {
    /// A JWT; send it as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
}

/// Proves once more who is calling.
///
/// Operations that could take an account over ask for a proof of the last ten minutes
/// (`access.step_up_required`, RFC 9470). The session and its refresh token stay as they are.
#[utoipa::path(post, path = "/api/v1/auth/step-up", operation_id = "stepUp", tag = "auth",
    request_body = StepUp, responses(
        (status = 200, description = "Proved", body = SteppedUp),
        (status = 403, description = "The password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    client: Client,
    Body(body): Body<StepUp>,
) -> Result<HttpResponse, Problem> {
    let (session, user, now) = (caller.session()?, caller.user_id, app.clock.now());
    confirm_password(&app, user, body.password.into(), "/password").await?;
    let until = now + app.config.lifetimes.access;
    let renew = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        let renewed = session_authenticate(tx, session, now, until).await?;
        if renewed.is_some() {
            let entry = Audit::new(Action::StepUp, user).to(session).by(&client);
            record(tx, &app.clock, entry.detail("methods", Method::Password.as_str())).await?;
        }
        Ok(renewed)
    };
    let renewed = app.pg.tx("step-up.renew", renew).await?;
    let expires_at = renewed.ok_or_else(|| Problem::new(&codes::SESSION_ENDED))?;
    let bearer = Bearer {
        session,
        user,
        default_workspace: caller.default_workspace,
        platform_admin: caller.platform_admin,
        authenticated_at: now,
        methods: caller.methods.clone(),
        expires_at,
    };
    let answer = SteppedUp {
        access_token: access_token(&app, &bearer).await?,
        token_type: "Bearer",
        expires_in: (expires_at - now).num_seconds(),
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
}
