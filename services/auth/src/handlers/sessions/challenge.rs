//! Asking for the second factor.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_pg::Tx as _;
use witan_web::Problem;

use super::tokens::Carrier;
use crate::app::App;
use crate::domain::challenge::{Challenge, LASTS, Purpose};
use crate::domain::method::{Method, names};
use crate::handlers::passkeys::options::RequestOptions;
use crate::store::challenges::{NewChallenge, challenge_insert};
use crate::store::factors::Factors;
use crate::store::passkeys::passkey_list;

/// What is to be shown before the tokens are handed out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Challenged {
    /// Send it with the second factor. Good for one log-in.
    challenge_token: String,
    /// What may be shown, each at `/auth/login/` and its name.
    #[schema(example = json!(["totp", "recovery-code"]))]
    methods: Vec<&'static str>,
    /// What to show to the browser, if a passkey may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    passkey: Option<RequestOptions>,
    /// Until when.
    expires_at: DateTime<Utc>,
}

/// Remembers how far a log-in has come, and answers with what is missing.
pub(super) async fn challenge(
    app: &App,
    user: UserId,
    factors: Factors,
    methods: &[Method],
    carrier: Carrier,
) -> Result<HttpResponse, Problem> {
    let challenge = Challenge::generate(&app.clock);
    let expires_at = app.clock.now() + LASTS;
    let new = NewChallenge {
        challenge: &challenge,
        purpose: Purpose::Login,
        user: Some(user),
        methods: names(methods),
        cookies: carrier == Carrier::Cookies,
        expires_at,
    };
    let remember = app.pg.tx("login.challenge", async |tx| {
        challenge_insert(tx.conn(), &new).await?;
        passkey_list(tx.conn(), user).await
    });
    let passkeys = remember.await?;
    let options = || RequestOptions::new(&app.config.passkeys, &challenge.for_passkey(), &passkeys);
    let body = Challenged {
        challenge_token: challenge.text(),
        methods: answerable(factors),
        passkey: (!passkeys.is_empty()).then(options),
        expires_at: expires_at.trunc_subsecs(3),
    };
    Ok(HttpResponse::Accepted().insert_header((CACHE_CONTROL, "no-store")).json(body))
}

fn answerable(factors: Factors) -> Vec<&'static str> {
    let names = [
        (factors.totp, "totp"),
        (factors.passkeys > 0, "passkey"),
        (factors.recovery_codes > 0, "recovery-code"),
    ];
    names.into_iter().filter(|(there, _)| *there).map(|(_, name)| name).collect()
}
