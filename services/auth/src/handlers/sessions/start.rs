//! The one way into an account, whatever proved who its user is.

use actix_web::{HttpRequest, HttpResponse};
use witan_ids::SessionId;
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Problem, codes};

use super::challenge::challenge;
use super::ending::{end, refuse_here};
use super::tokens::{Carrier, Grant, answer};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::method::{Method, names};
use crate::domain::session::{Deadlines, MAX_SESSIONS, RevocationReason};
use crate::events;
use crate::handlers::client::Client;
use crate::handlers::device_cookie::{known_device, remember_device};
use crate::store::factors::factors_of;
use crate::store::profiles::profile_count_login;
use crate::store::sessions::{NewSession, RevokedSession, session_insert, session_surplus};
use crate::store::users::User;

/// Lets in a user who was proved by `methods`, if their account is open, and answers with what they get: tokens, or,
/// where the account has a second factor and none was shown, 202 with what to answer first.
pub(crate) async fn enter(
    app: &App,
    request: &HttpRequest,
    user: User,
    methods: &[Method],
    carrier: Carrier,
) -> Result<HttpResponse, Problem> {
    admit(&user)?;
    if !methods.iter().copied().any(Method::is_second_factor) {
        let id = user.id;
        let factors = app.pg.read("login.factors", async |conn| factors_of(conn, id).await).await?;
        if factors.any() {
            return match carrier {
                // These clients know no second step (RFC 6749 section 4.3).
                Carrier::OAuth => Err(Problem::new(&codes::auth::SECOND_FACTOR_NEEDED)),
                Carrier::Body | Carrier::Cookies => challenge(app, id, factors, methods, carrier).await,
            };
        }
    }
    start(app, request, user, methods, carrier).await
}

/// Refuses whose account is not open, and says why: only to who has proved that it is theirs.
pub(crate) fn admit(user: &User) -> Result<(), Problem> {
    let account = Account::from(user.account.clone());
    let code = match account {
        Account::Active { .. } => return Ok(()),
        _ if account.is_suspended() => &codes::auth::ACCOUNT_SUSPENDED,
        Account::PendingVerify => &codes::auth::EMAIL_NOT_VERIFIED,
        Account::Deactivated { .. } => &codes::auth::ACCOUNT_DEACTIVATED,
        Account::PendingDeletion { .. } => &codes::auth::ACCOUNT_PENDING_DELETION,
    };
    Err(Problem::new(code))
}

/// Makes the session, whatever the account asks for besides.
pub(super) async fn start(
    app: &App,
    request: &HttpRequest,
    user: User,
    methods: &[Method],
    carrier: Carrier,
) -> Result<HttpResponse, Problem> {
    let (now, id) = (app.clock.now(), SessionId::generate(&app.clock));
    let deadlines = Deadlines::at_login(now, &app.config.lifetimes);
    let (client, methods) = (Client::of(request), names(methods));
    let insert = async |tx: &mut SystemTx<'_>| -> Result<Option<Vec<RevokedSession>>, PgError> {
        let Client { ip, user_agent, .. } = &client;
        let session = NewSession {
            id,
            user: user.id,
            user_agent,
            ip,
            methods: methods.clone(),
            authenticated_at: now,
            deadlines,
            outside: None,
        };
        let entry = Audit::new(Action::LoginSuccess, user.id).to(id).by(&client);
        begin(tx, app, &session, entry.detail("methods", methods.join(" "))).await
    };
    let ended = app.pg.tx("login.start", insert).await?;
    let Some(ended) = ended else { return Err(Problem::new(&codes::auth::ACCOUNT_DEACTIVATED)) };
    refuse_here(app, &ended);
    let grant = Grant {
        session: id,
        counter: 0,
        user: user.id,
        default_workspace: user.default_workspace,
        platform_admin: is_platform_admin(app, &user),
        authenticated_at: now,
        methods,
        access_expires_at: deadlines.access,
        refresh_expires_at: deadlines.idle,
    };
    let mut response = answer(app, grant, carrier)?;
    let account = app.devices.account(&user.email.to_ascii_lowercase());
    remember_device(app, &mut response, account, known_device(app, request, account));
    Ok(response)
}

/// Stores the session of a user and ends those that are too many now; none when their account is not open any longer.
pub(crate) async fn begin(
    tx: &mut impl Tx,
    app: &App,
    session: &NewSession<'_>,
    entry: Audit,
) -> Result<Option<Vec<RevokedSession>>, PgError> {
    let (user, now) = (session.user, app.clock.now());
    if !profile_count_login(tx, user, now).await? {
        return Ok(None);
    }
    session_insert(tx, session, now).await?;
    let mut ended = Vec::new();
    for surplus in session_surplus(tx, user, MAX_SESSIONS, now).await? {
        ended.extend(end(tx, app, surplus, user, RevocationReason::TooMany).await?);
    }
    events::session_started(tx, &app.clock, session.id, user).await?;
    record(tx, &app.clock, entry).await?;
    Ok(Some(ended))
}

/// Whether the settings name the user's address.
pub(crate) fn is_platform_admin(app: &App, user: &User) -> bool {
    EmailAddress::parse(&user.email).is_ok_and(|email| app.config.platform_admins.contains(email.key()))
}
