use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{SystemTx, Tx};
use witan_web::{Body, Caller, Problem, ProblemBody, State, Violations, codes};

use super::change::{Change, added};
use super::totp_secret::open;
use crate::app::App;
use crate::audit::Action;
use crate::domain::method::Method;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::totp::TotpCode;
use crate::handlers::client::Client;
use crate::handlers::sessions::ending::refuse_here;
use crate::mail::Topic;
use crate::store::factors::{totp_confirm, totp_find};
use crate::store::users::user_lock;

/// How long a secret waits for its first code.
pub(crate) const SETUP_LASTS: TimeDelta = TimeDelta::hours(1);

/// The first code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConfirmTotp {
    /// What the app shows now.
    #[schema(min_length = 6, max_length = 16, example = "123456")]
    code: String,
    /// Whether the caller's other sessions end: they began without it.
    #[serde(default)]
    end_other_sessions: bool,
}

/// What stands in for a factor that is lost.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// Each works once, and is shown this once. Empty for who has some already.
    #[schema(example = json!(["ABCD-EFGH-IJKL-MNOP"]))]
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    pub(crate) fn of(codes: &[RecoveryCode]) -> Self {
        Self { recovery_codes: codes.iter().map(RecoveryCode::text).collect() }
    }
}

/// Sets the authenticator app up.
///
/// From now on a log-in asks for a code of it. The session that asks counts as proved by it from its next refresh on.
#[utoipa::path(post, path = "/api/v1/auth/factors/totp/confirm", operation_id = "confirmTotp", tag = "factors",
    request_body = ConfirmTotp, responses(
        (status = 200, description = "Set up", body = RecoveryCodes),
        (status = 409, description = "No app waits for its first code.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The code is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Body(body): Body<ConfirmTotp>,
) -> Result<HttpResponse, Problem> {
    let mut violations = Violations::new();
    let code = violations.parse("/code", TotpCode::parse(&body.code).ok_or("must be six digits"));
    let code = violations.build(|| code)?;
    let (user, now, client) = (caller.user_id, app.clock.now(), Client::of(&request));
    let change = Change {
        user,
        session: caller.session()?,
        client: &client,
        action: Action::TotpAdded,
        topic: Topic::TotpAdded,
        subject: None,
        end_others: body.end_other_sessions,
    };
    let confirm = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        user_lock(tx, user).await?;
        let begun = totp_find(tx.conn(), user).await?;
        let begun = begun.filter(|row| row.confirmed_at.is_none() && now < row.created_at + SETUP_LASTS);
        let begun = begun.ok_or_else(|| Problem::new(&codes::auth::TOTP_NOT_BEGUN))?;
        let step = open(&app, user, &begun.secret)?.accept(&code, now, None);
        let step = step.ok_or_else(|| Problem::new(&codes::auth::TOTP_CODE_WRONG))?;
        totp_confirm(tx, user, step, now).await?;
        Ok(added(tx, &app, &change, Method::Otp).await?)
    };
    let (codes, ended) = app.pg.tx("totp.confirm", confirm).await?;
    refuse_here(&app, &ended);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(RecoveryCodes::of(&codes)))
}
