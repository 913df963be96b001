use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;
use witan_web::{Problem, ProblemBody, Query, State, codes};

use super::{cookie, refusal};
use crate::app::App;
use crate::domain::method::Method;
use crate::domain::return_to::ReturnTo;
use crate::domain::sign_in::SignInSecret;
use crate::handlers::client::Client;
use crate::handlers::landing::land;
use crate::handlers::sessions::start::enter;
use crate::handlers::sessions::tokens::{Carrier, Tokens};
use crate::oidc::SignIn;
use crate::recognition::recognise;
use crate::store::sign_ins::{SignInRow, sign_in_take};

/// What the provider sends back (RFC 6749 section 4.1.2). Providers add fields of their own.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Returned {
    /// What the sign-in began with.
    #[param(max_length = 200)]
    state: Option<String>,
    /// Stands for what the person agreed to.
    #[param(max_length = 4096)]
    code: Option<String>,
    /// Who sends it (RFC 9207).
    #[param(max_length = 1000)]
    iss: Option<String>,
    /// Why there is no code.
    #[param(max_length = 200)]
    error: Option<String>,
}

/// Finishes to sign in.
///
/// The provider leads the browser here. Once, in the browser that began, within ten minutes: then the person is logged in
/// and goes on to the product, or gets tokens if that was asked for.
#[utoipa::path(get, path = "/api/v1/auth/google/callback", operation_id = "finishSignIn", tag = "auth",
    params(Returned), responses(
        (status = 200, description = "Logged in, where tokens were asked for", body = Tokens),
        (status = 303, description = "Logged in; `Location` is the product"),
        (status = 401, description = "What the provider said does not hold.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The provider let nobody in, has not proved the address, or the account is closed.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No identity provider is set up.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else at the provider opens the account.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It was not begun in this browser, is finished, or is too old.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The provider does not answer.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Query(returned): Query<Returned>,
) -> Result<HttpResponse, Problem> {
    match Box::pin(finish(&app, &request, returned)).await {
        Ok(mut response) => {
            response.add_cookie(&cookie::removed()).map_err(Problem::internal)?;
            Ok(response)
        }
        Err(problem) => {
            refusal::tell(&app, &Client::of(&request), &problem).await;
            refusal::show(&app, &request, problem)
        }
    }
}

async fn finish(app: &App, request: &HttpRequest, returned: Returned) -> Result<HttpResponse, Problem> {
    let sign_in = app.sign_in.as_ref().ok_or_else(|| Problem::new(&codes::auth::PROVIDER_ABSENT))?;
    let (secret, begun) = begun(app, request, returned.state.as_deref()).await?;
    let code = code(sign_in, returned).await?;
    let outsider = sign_in.redeem(&code, &secret).await?;
    let user = recognise(app, &Client::of(request), &outsider).await?;
    let carrier = if begun.cookies { Carrier::Cookies } else { Carrier::Body };
    let entered = enter(app, request, user, &[Method::Federated], carrier).await?;
    if !begun.cookies {
        return Ok(entered);
    }
    let return_to = begun.return_to.as_deref().and_then(|path| ReturnTo::parse(path).ok());
    land(app, entered, return_to.as_ref())
}

/// The sign-in that this browser began, which is over with that. A foreign state ends nothing: otherwise any page could end
/// the sign-ins of others.
async fn begun(
    app: &App,
    request: &HttpRequest,
    state: Option<&str>,
) -> Result<(SignInSecret, SignInRow), Problem> {
    let invalid = || Problem::new(&codes::auth::SIGN_IN_INVALID);
    let secret = cookie::read(request)?.ok_or_else(invalid)?;
    if !state.is_some_and(|state| secret.is_state(state)) {
        return Err(invalid());
    }
    let now = app.clock.now();
    let begun = app.pg.write("sign-in.take", async |conn| sign_in_take(conn, &secret, now).await).await?;
    Ok((secret, begun.ok_or_else(invalid)?))
}

async fn code(sign_in: &SignIn, returned: Returned) -> Result<String, Problem> {
    sign_in.check_sender(returned.iss.as_deref()).await?;
    match (returned.error, returned.code) {
        (None, Some(code)) => Ok(code),
        _ => Err(Problem::new(&codes::auth::SIGN_IN_REFUSED)),
    }
}
