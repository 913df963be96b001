//! Redeeming a token, for the JSON operation and for the page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use minijinja::Value;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::domain::account::Account;
use crate::domain::mailed_token::MailedToken;
use crate::events;
use crate::store::email_tokens::{Redeemed, email_token_delete_all, email_token_owner, email_token_redeem};
use crate::store::registrations::{Registration, registration_by_id};
use crate::store::users::{User, user_activate, user_lock};
use crate::templates::Templates;

pub(super) const SUBMIT_PATH: &str = "/api/v1/auth/verify-email/submit";

/// The account that is open now.
pub(super) struct Verified {
    pub(super) id: UserId,
    pub(super) email: String,
    pub(super) account: Account,
}

/// Why a token opened nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum RedeemError {
    #[error("the token is unknown, spent or superseded")]
    Invalid,
    #[error("the token is past its time")]
    Expired,
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Invalid => Self::new(&codes::auth::VERIFICATION_TOKEN_INVALID),
            RedeemError::Expired => Self::new(&codes::auth::VERIFICATION_TOKEN_EXPIRED),
            RedeemError::Store(error) => error.into(),
        }
    }
}

/// Opens the account the token was mailed for. An error rolls back, so a token that is refused stays as it was.
pub(super) async fn redeem(app: &App, token: &str) -> Result<Verified, RedeemError> {
    let token = MailedToken::parse(token).ok_or(RedeemError::Invalid)?;
    let open = async |tx: &mut SystemTx<'_>| -> Result<Verified, RedeemError> {
        // The account's row is held first, so that two links of one account take turns rather than deadlock.
        let owner = email_token_owner(tx, &token).await?.ok_or(RedeemError::Invalid)?;
        let user = user_lock(tx, owner).await?.ok_or(RedeemError::Invalid)?;
        let redeemed = email_token_redeem(tx, &token).await?.ok_or(RedeemError::Invalid)?;
        let registration = proved(tx, app, &redeemed).await?;
        activate(tx, app, user, &registration).await
    };
    app.pg.tx("verification.redeem", open).await
}

async fn proved(tx: &mut SystemTx<'_>, app: &App, redeemed: &Redeemed) -> Result<Registration, RedeemError> {
    if redeemed.expires_at <= app.clock.now() {
        return Err(RedeemError::Expired);
    }
    let id = redeemed.registration_id.ok_or(RedeemError::Invalid)?;
    registration_by_id(tx, id).await?.ok_or(RedeemError::Invalid)
}

/// The account gets the name and password of the registration whose link was used, and of no other.
async fn activate(
    tx: &mut SystemTx<'_>,
    app: &App,
    user: User,
    registration: &Registration,
) -> Result<Verified, RedeemError> {
    let now = app.clock.now();
    let account = Account::from(user.account).verify(now).map_err(|_| RedeemError::Invalid)?;
    let Registration { name, password_hash, .. } = registration;
    user_activate(tx, user.id, &account, name, password_hash, now).await?;
    email_token_delete_all(tx, user.id).await?;
    events::user_verified(tx, &app.clock, user.id, &user.email, name).await?;
    Ok(Verified { id: user.id, email: user.email, account })
}

/// A page. It holds or follows a secret, so it is not stored, framed, or named to other sites.
pub(super) fn html(
    templates: &Templates,
    status: u16,
    template: &str,
    title: &str,
    values: Value,
) -> Result<HttpResponse, Problem> {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let page = templates.render(template, title, values).map_err(Problem::internal)?;
    let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .body(page))
}
