use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::SessionId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Problem, ProblemBody, RequestContext, State, Violations, codes, cookies};

use super::ending::{end, refuse_here};
use super::refusal::refusal;
use super::tokens::{Carrier, Grant, Tokens, answer};
use crate::app::App;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::session::{Deadlines, MAX_SESSIONS, RevocationReason};
use crate::events;
use crate::handlers::hashing::hashing_problem;
use crate::hashing::HashError;
use crate::store::sessions::{NewSession, RevokedSession, session_insert, session_surplus};
use crate::store::users::{Credential, User, user_credential, user_lock};

/// Longest user agent that is kept.
const MAX_USER_AGENT: usize = 256;

/// Who wants in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Login {
    /// The address of the account.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// Its password.
    #[schema(min_length = 1, max_length = 128, format = Password, example = "correct horse battery staple")]
    password: String,
    /// For pages in a browser: the tokens go into cookies that scripts cannot read, and not into the answer. The request
    /// must come from an allowed origin.
    #[serde(default)]
    cookies: bool,
}

/// Logs in.
///
/// Unknown addresses and wrong passwords get the same answer at the same cost. The state of an account is named
/// only to who knows its password.
#[utoipa::path(post, path = "/api/v1/auth/login", operation_id = "login", tag = "auth",
    request_body = Login, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 401, description = "The address or the password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open; the code says why.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(login): Body<Login>,
) -> Result<HttpResponse, Problem> {
    let carrier = if login.cookies { Carrier::Cookies } else { Carrier::Body };
    if login.cookies {
        // Otherwise another site could log a browser into an account of its own.
        cookies::check_origin(&request)?;
    }
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&login.email));
    let email = violations.build(|| email)?;
    let user = authenticate(&app, &email, login.password.into()).await?;
    let (session, deadlines) = start(&app, &user, &request).await?;
    let grant = Grant {
        session,
        counter: 0,
        user: user.id,
        default_workspace: user.default_workspace,
        platform_admin: app.config.platform_admins.contains(email.key()),
        authenticated_at: app.clock.now(),
        access_expires_at: deadlines.access,
        refresh_expires_at: deadlines.idle,
    };
    answer(&app, grant, carrier).await
}

/// The user whose password it is, if the account is open.
async fn authenticate(app: &App, email: &EmailAddress, password: SecretString) -> Result<User, Problem> {
    let credential = app.pg.read("login.find", async |conn| user_credential(conn, email).await).await?;
    let own = credential.as_ref().and_then(|credential| credential.password_hash.clone());
    if app.hasher.matches(password.clone(), own).await.map_err(busy)? {
        if let Some(Credential { user, .. }) = credential {
            return admit(user);
        }
    } else if let Some(registered) = credential.and_then(|credential| credential.registered_hash) {
        // The same for an address that waits for its proof and for one that had an account all along: otherwise
        // registering an address and logging in would tell which it is.
        if app.hasher.matches(password, Some(registered)).await.map_err(busy)? {
            return Err(Problem::new(&codes::auth::EMAIL_NOT_VERIFIED));
        }
    }
    Err(refusal(&codes::auth::INVALID_CREDENTIALS))
}

fn busy(error: HashError) -> Problem {
    hashing_problem(error, "/password")
}

fn admit(user: User) -> Result<User, Problem> {
    match Account::from(user.account.clone()) {
        Account::Active { .. } => Ok(user),
        Account::PendingVerify => Err(Problem::new(&codes::auth::EMAIL_NOT_VERIFIED)),
        Account::Deactivated { .. } => Err(Problem::new(&codes::auth::ACCOUNT_DEACTIVATED)),
        Account::PendingDeletion { .. } => Err(Problem::new(&codes::auth::ACCOUNT_PENDING_DELETION)),
    }
}

async fn start(app: &App, user: &User, request: &HttpRequest) -> Result<(SessionId, Deadlines), PgError> {
    let (now, id) = (app.clock.now(), SessionId::generate(&app.clock));
    let deadlines = Deadlines::at_login(now, &app.config.lifetimes);
    let (user_agent, ip) = (user_agent(request), client_address(request));
    let insert = async |tx: &mut SystemTx<'_>| -> Result<Vec<RevokedSession>, PgError> {
        let session = NewSession { id, user: user.id, user_agent: &user_agent, ip: &ip, deadlines };
        // Log-ins of one user take turns, so that they cannot together be too many.
        user_lock(tx, user.id).await?;
        session_insert(tx, &session, now).await?;
        let mut ended = Vec::new();
        for surplus in session_surplus(tx, user.id, MAX_SESSIONS, now).await? {
            ended.extend(end(tx, app, surplus, user.id, RevocationReason::TooMany).await?);
        }
        events::session_started(tx, &app.clock, id, user.id).await?;
        Ok(ended)
    };
    let ended = app.pg.tx("login.start", insert).await?;
    refuse_here(app, &ended);
    Ok((id, deadlines))
}

fn client_address(request: &HttpRequest) -> String {
    let address = request.extensions().get::<Rc<RequestContext>>().and_then(|context| context.client());
    address.map(|address| address.to_string()).unwrap_or_default()
}

fn user_agent(request: &HttpRequest) -> String {
    let header = request.headers().get(actix_web::http::header::USER_AGENT);
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(MAX_USER_AGENT).collect()
}
