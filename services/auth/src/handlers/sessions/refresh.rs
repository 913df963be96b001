use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Problem, ProblemBody, State, codes, cookies};

use super::ending::{end, refuse_here};
use super::refusal::refusal;
use super::tokens::{Carrier, Grant, Tokens, answer};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::refresh::{RefreshRules, Verdict};
use crate::domain::refresh_token::RefreshToken;
use crate::domain::session::{Deadlines, RevocationReason};
use crate::handlers::client::Client;
use crate::jobs::mail::queue_notice;
use crate::mail::MailKind;
use crate::store::sessions::{
    Prolonged, RevokedSession, SessionRow, SessionUser, may_refresh, session_lock, session_rotate,
    session_touch,
};

/// Who wants to stay.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The newest refresh token. Not there when it is in a cookie.
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    refresh_token: Option<String>,
}

/// What became of a refresh token.
enum Outcome {
    Prolonged(Prolonged),
    Reused(Option<RevokedSession>),
    Refused,
}

/// Stays logged in.
///
/// Each refresh token is good once. Tabs that refresh at the same time, and a client whose answer was lost, get the
/// same successor; a spent token that is shown later than that ends the session everywhere.
#[utoipa::path(post, path = "/api/v1/auth/refresh", operation_id = "refresh", tag = "auth",
    request_body = Refresh, responses(
        (status = 200, description = "New tokens", body = Tokens),
        (status = 401, description = "The refresh token is no good, or was used before.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<Refresh>,
) -> Result<HttpResponse, Problem> {
    let (text, carrier) = shown(&request, body)?;
    prolong(&app, &request, &text, carrier).await
}

/// Answers a refresh token with its successor.
pub(super) async fn prolong(
    app: &App,
    request: &HttpRequest,
    text: &str,
    carrier: Carrier,
) -> Result<HttpResponse, Problem> {
    let refused = || refusal(&codes::auth::REFRESH_TOKEN_INVALID);
    let token = app.keys.open_refresh(text).ok_or_else(refused)?;
    if carrier == Carrier::Cookies {
        cookies::check_csrf(request, &app.csrf, token.session)?;
    }
    let prolonged = match redeem(app, &Client::of(request), token).await? {
        Outcome::Prolonged(prolonged) => prolonged,
        Outcome::Refused => return Err(refused()),
        Outcome::Reused(revoked) => {
            refuse_here(app, &revoked);
            return Err(refusal(&codes::auth::REFRESH_TOKEN_REUSED));
        }
    };
    let grant = Grant {
        session: token.session,
        counter: prolonged.counter,
        user: prolonged.user_id,
        default_workspace: prolonged.default_workspace,
        platform_admin: app.config.platform_admins.contains(&prolonged.email_key),
        authenticated_at: prolonged.authenticated_at,
        methods: prolonged.methods,
        access_expires_at: prolonged.access_expires_at,
        refresh_expires_at: prolonged.idle_expires_at,
    };
    answer(app, grant, carrier)
}

/// The refresh token, and how it came. A browser's cookie comes along with what any page asks, so it must be ours.
fn shown(request: &HttpRequest, body: Refresh) -> Result<(String, Carrier), Problem> {
    match (body.refresh_token, cookies::read(request, cookies::REFRESH)?) {
        (Some(_), Some(_)) => Err(Problem::new(&codes::CREDENTIALS_MIXED)),
        (Some(token), None) => Ok((token, Carrier::Body)),
        (None, Some(token)) => cookies::check_origin(request).map(|()| (token, Carrier::Cookies)),
        (None, None) => {
            let missing = "is required, here or in a cookie";
            Err(Problem::new(&codes::VALIDATION_FAILED).violation(
                "/refreshToken",
                "validation.required",
                missing,
            ))
        }
    }
}

/// Nearly always one conditional UPDATE. What it does not match is looked at with the row held.
async fn redeem(app: &App, client: &Client, token: RefreshToken) -> Result<Outcome, PgError> {
    let (now, lifetimes) = (app.clock.now(), &app.config.lifetimes);
    let RefreshToken { session, counter } = token;
    // One statement is a transaction of its own; BEGIN and COMMIT would only add two round trips.
    let rotate = app
        .pg
        .write("refresh.rotate", async |conn| session_rotate(conn, session, counter, lifetimes, now).await);
    if let Some(prolonged) = rotate.await? {
        return Ok(Outcome::Prolonged(prolonged));
    }
    app.pg.tx("refresh.judge", async |tx: &mut SystemTx<'_>| judge(tx, app, client, token).await).await
}

async fn judge(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    token: RefreshToken,
) -> Result<Outcome, PgError> {
    let now = app.clock.now();
    let Some((session, user)) = session_lock(tx, token.session).await? else {
        return Ok(Outcome::Refused);
    };
    if !session.is_live(now) || !may_refresh(&user.state) {
        return Ok(Outcome::Refused);
    }
    match session.chain().judge(token.counter, now, &RefreshRules::default()) {
        Verdict::Repeat => {
            let repeated = repeat(tx, app, token, &session, user, now).await?;
            Ok(Outcome::Prolonged(repeated))
        }
        Verdict::Reuse => {
            tracing::warn!(session = %token.session, "a spent refresh token was shown again; the session ends");
            let reason = RevocationReason::RefreshReuse;
            let ended = end(tx, app, token.session, session.user_id, reason).await?;
            if ended.is_some() {
                queue_notice(tx, &app.clock, session.user_id, MailKind::RefreshReuse).await?;
                let entry = Audit::anonymous(Action::RefreshReuse, 0).to(token.session).failed().by(client);
                record(tx, &app.clock, entry.detail("userId", session.user_id.to_string())).await?;
            }
            Ok(Outcome::Reused(ended))
        }
        // The newest would have matched the UPDATE unless the account was closed in between.
        Verdict::Rotate | Verdict::Unknown => Ok(Outcome::Refused),
    }
}

/// The newest refresh token once more, with an access token of its own.
async fn repeat(
    tx: &mut SystemTx<'_>,
    app: &App,
    token: RefreshToken,
    session: &SessionRow,
    user: SessionUser,
    now: DateTime<Utc>,
) -> Result<Prolonged, PgError> {
    let deadlines = Deadlines::at_refresh(now, session.expires_at, &app.config.lifetimes);
    session_touch(tx, token.session, deadlines.access, now).await?;
    Ok(Prolonged {
        user_id: session.user_id,
        counter: session.chain().counter,
        default_workspace: user.default_workspace,
        email_key: user.email_key,
        authenticated_at: session.authenticated_at,
        methods: session.methods.clone(),
        access_expires_at: deadlines.access,
        idle_expires_at: session.idle_expires_at,
    })
}
