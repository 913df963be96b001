use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Problem, ProblemBody, State, codes, cookies};

use super::tokens::{Bearer, access_token};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::challenge::Purpose;
use crate::domain::method::Method;
use crate::domain::webauthn::Assertion;
use crate::handlers::client::Client;
use crate::handlers::factors::shown::{Judgement, Shown, closed, judge};
use crate::handlers::passkeys::credential::{SignedCredential, signed};
use crate::handlers::password::confirm::confirm_password;
use crate::store::challenges::challenge_take;
use crate::store::factors::factors_of;
use crate::store::sessions::session_authenticate;
use crate::store::users::user_lock;

/// The proof, which is one of these.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StepUp {
    /// The password of the caller's account, if it has no second factor.
    #[schema(min_length = 1, max_length = 128, format = Password, example = "correct horse battery staple")]
    password: Option<String>,
    /// What the authenticator app shows now.
    #[schema(min_length = 6, max_length = 16, example = "123456")]
    code: Option<String>,
    /// A recovery code.
    #[schema(min_length = 16, max_length = 40, example = "ABCD-EFGH-IJKL-MNOP")]
    recovery_code: Option<String>,
    /// What the browser made of the options of `beginPasskeyStepUp`.
    #[schema(schema_with = signed)]
    passkey: Option<SignedCredential>,
}

/// An access token that says when its user proved who they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SteppedUp {
    /// A JWT; send it as `Authorization: Bearer`. Not there when it is in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token: Option<String>,
    /// `Bearer` or `Cookie`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
}

enum Proof {
    Password(SecretString),
    Factor(Shown),
    Passkey(Box<Assertion>),
}

/// Proves once more who is calling.
///
/// Operations that could take an account over ask for a proof of the last ten minutes
/// (`access.step_up_required`, RFC 9470). Who has a second factor shows that; the password alone is not enough then.
/// The session and its refresh token stay as they are.
#[utoipa::path(post, path = "/api/v1/auth/step-up", operation_id = "stepUp", tag = "auth",
    request_body = StepUp, responses(
        (status = 200, description = "Proved", body = SteppedUp),
        (status = 403, description = "The proof does not hold, or is not enough.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Body(body): Body<StepUp>,
) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let client = Client::of(&request);
    let method = match proof(body)? {
        Proof::Password(password) => check_password(&app, &caller, password).await?,
        Proof::Factor(shown) => Box::pin(check_factor(&app, &caller, shown, &client)).await?,
        Proof::Passkey(assertion) => Box::pin(check_passkey(&app, &caller, assertion, &client)).await?,
    };
    let in_cookie = cookies::read(&request, cookies::ACCESS)?.is_some();
    renew(&app, &caller, method, &client, in_cookie).await
}

fn proof(body: StepUp) -> Result<Proof, Problem> {
    let password = body.password.map(|password| Ok(Proof::Password(password.into())));
    let code = body.code.map(|code| Shown::totp("/code", &code).map(Proof::Factor));
    let recovery = body.recovery_code.map(|c| Shown::recovery_code("/recoveryCode", &c).map(Proof::Factor));
    let passkey = body.passkey.map(|credential| Ok(Proof::Passkey(Box::new(credential.into()))));
    let mut proofs: Vec<_> = [password, code, recovery, passkey].into_iter().flatten().collect();
    match (proofs.pop(), proofs.is_empty()) {
        (Some(proof), true) => proof,
        _ => Err(Problem::new(&codes::VALIDATION_FAILED).violation(
            "",
            "validation.invalid",
            "must have one of `password`, `code`, `recoveryCode` and `passkey`",
        )),
    }
}

async fn check_password(app: &App, caller: &Caller, password: SecretString) -> Result<Method, Problem> {
    let user = caller.user_id;
    let factors = app.pg.read("step-up.factors", async |conn| factors_of(conn, user).await).await?;
    if factors.any() {
        return Err(Problem::new(&codes::auth::SECOND_FACTOR_NEEDED));
    }
    confirm_password(app, user, password, "/password").await.map(|_| Method::Password)
}

async fn check_factor(app: &App, caller: &Caller, shown: Shown, client: &Client) -> Result<Method, Problem> {
    let user = caller.user_id;
    let check = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        user_lock(tx, user).await?;
        judge(tx, app, user, &shown, client).await
    };
    match app.pg.tx("step-up.factor", check).await? {
        Judgement::Good => Ok(shown.method()),
        Judgement::Wrong => Err(Problem::new(&codes::auth::SECOND_FACTOR_WRONG)),
        Judgement::Closed { until } => Err(closed(app, until)),
    }
}

async fn check_passkey(
    app: &App,
    caller: &Caller,
    assertion: Box<Assertion>,
    client: &Client,
) -> Result<Method, Problem> {
    let (user, now) = (caller.user_id, app.clock.now());
    let wrong = || Problem::new(&codes::auth::SECOND_FACTOR_WRONG);
    let challenge = assertion.challenge().ok_or_else(wrong)?;
    // Taken by itself: whatever becomes of the answer, nobody gives another one.
    let take = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        challenge_take(tx, &challenge, Purpose::StepUp, now).await
    };
    let asked = app.pg.tx("step-up.challenge", take).await?;
    asked.filter(|asked| asked.user_id == Some(user)).ok_or_else(wrong)?;
    check_factor(app, caller, Shown::Passkey { assertion, challenge }, client).await
}

async fn renew(
    app: &App,
    caller: &Caller,
    method: Method,
    client: &Client,
    in_cookie: bool,
) -> Result<HttpResponse, Problem> {
    let (session, user, now) = (caller.session()?, caller.user_id, app.clock.now());
    let until = now + app.config.lifetimes.access;
    let renew = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        let renewed = session_authenticate(tx, session, method.as_str(), now, until).await?;
        if renewed.is_some() {
            let entry = Audit::new(Action::StepUp, user).to(session).by(client);
            record(tx, &app.clock, entry.detail("method", method.as_str())).await?;
        }
        Ok(renewed)
    };
    let renewed = app.pg.tx("step-up.renew", renew).await?;
    let (expires_at, methods) = renewed.ok_or_else(|| Problem::new(&codes::SESSION_ENDED))?;
    let bearer = Bearer {
        session,
        user,
        default_workspace: caller.default_workspace,
        platform_admin: caller.platform_admin,
        authenticated_at: now,
        methods,
        expires_at,
    };
    answer(access_token(app, &bearer)?, now, expires_at, in_cookie)
}

/// The token goes back the way the one before came: a page's scripts never see it.
fn answer(
    token: String,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    in_cookie: bool,
) -> Result<HttpResponse, Problem> {
    let lasts = expires_at - now;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    let mut body = SteppedUp { access_token: None, token_type: "Cookie", expires_in: lasts.num_seconds() };
    match in_cookie {
        true => {
            response.cookie(cookies::of_access(token, lasts.to_std().unwrap_or_default()));
        }
        false => (body.access_token, body.token_type) = (Some(token), "Bearer"),
    }
    Ok(response.json(body))
}
