//! Tokens of other issuers in place of ours.
//!
//! A token opens a session of ours that stands for the one at its issuer: one for each that the issuer names (`sid`), or one
//! for all of a person's tokens where it names none. It is listed and ended as any other. Whatever was issued before its end
//! opens no other, so that a log-out is one.

mod opening;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use witan_access::{AccessError, OutsideTokenRecord, OutsideTokenSource, OutsideTokenVerdict};
use witan_pg::PgError;
use witan_web::Problem;

use self::opening::enter;
use crate::app::App;
use crate::domain::method::{Method, names};
use crate::domain::outside_token::OutsideToken;
use crate::domain::session::Deadlines;
use crate::handlers::sessions::start::{admit, is_platform_admin};
use crate::oidc::{OidcError, TokenKind};
use crate::store::outside::{OutsideSession, outside_past, outside_session, outside_session_use};
use crate::store::users::User;

/// How often it is written down that a session is used.
const USE_NOTED: TimeDelta = TimeDelta::seconds(60);

/// Why nothing can be said of a token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JudgeError {
    #[error(transparent)]
    Provider(OidcError),
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<JudgeError> for Problem {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Provider(error) => error.into(),
            JudgeError::Store(error) => error.into(),
        }
    }
}

/// Whom the token speaks of, if it holds at this moment.
pub(crate) async fn judge(app: &App, shown: &str) -> Result<OutsideTokenVerdict, JudgeError> {
    let vouched = match app.trusted_issuers.verify(shown, TokenKind::Access).await {
        Ok(vouched) => vouched,
        Err(OidcError::Expired) => return Ok(OutsideTokenVerdict::Expired),
        Err(OidcError::Token(_)) => return Ok(OutsideTokenVerdict::Refused),
        Err(error) => return Err(JudgeError::Provider(error)),
    };
    let Ok(token) = vouched.token() else { return Ok(OutsideTokenVerdict::Refused) };
    let now = app.clock.now();
    // Clocks that differ are no reason to believe it for longer here.
    if token.expires_at <= now {
        return Ok(OutsideTokenVerdict::Expired);
    }
    let found = app.pg.read("outside.find", async |conn| outside_session(conn, &token, now).await).await?;
    if let Some((session, user)) = found
        && let Some(session) = used(app, session, now).await?
    {
        return Ok(match admit(&user) {
            Ok(()) => accepted(app, &session, &user, &token),
            Err(_) => OutsideTokenVerdict::Refused,
        });
    }
    Box::pin(enter(app, vouched, &token)).await
}

/// Whether the token was issued before its session ended, its account ended all of them, or anybody remembers.
pub(crate) async fn is_called_off(app: &App, token: &OutsideToken) -> Result<bool, PgError> {
    let now = app.clock.now();
    let past = app.pg.read("outside.past", async |conn| outside_past(conn, token, now).await).await?;
    Ok(!token.may_open(&past, now, remembered(app)))
}

/// For how long ended sessions are there to be looked at.
fn remembered(app: &App) -> TimeDelta {
    app.config.kept.sessions.min(app.config.lifetimes.absolute)
}

/// The session, noted as used; `None` when it has ended meanwhile.
async fn used(
    app: &App,
    session: OutsideSession,
    now: DateTime<Utc>,
) -> Result<Option<OutsideSession>, PgError> {
    let lifetimes = &app.config.lifetimes;
    if !session.is_use_news(now, USE_NOTED.min(lifetimes.access / 2)) {
        return Ok(Some(session));
    }
    let deadlines = Deadlines::at_refresh(now, session.expires_at, lifetimes);
    let note = async |conn: &mut _| outside_session_use(conn, session.id, &deadlines, now).await;
    let noted = app.pg.write("outside.used", note).await?;
    Ok(noted.map(|access_expires_at| OutsideSession { access_expires_at, ..session }))
}

fn accepted(app: &App, session: &OutsideSession, user: &User, token: &OutsideToken) -> OutsideTokenVerdict {
    OutsideTokenVerdict::Accepted(OutsideTokenRecord {
        user_id: user.id,
        session_id: session.id,
        default_workspace_id: user.default_workspace,
        // A session that ends is refused everywhere for as long as it could be believed.
        expires_at: token.expires_at.min(session.access_expires_at),
        authenticated_at: token.proved_at(session.created_at, app.clock.now()),
        methods: names(&[Method::Federated]),
        platform_admin: is_platform_admin(app, user),
    })
}

/// Our own, for this process.
pub(crate) struct OutsideTokensOf(pub(crate) App);

#[async_trait]
impl OutsideTokenSource for OutsideTokensOf {
    async fn issuers(&self) -> Result<Vec<String>, AccessError> {
        Ok(self.0.trusted_issuers.names())
    }

    async fn judge(&self, token: &str) -> Result<OutsideTokenVerdict, AccessError> {
        judge(&self.0, token).await.map_err(|error| AccessError::unavailable("outside tokens", error))
    }
}
