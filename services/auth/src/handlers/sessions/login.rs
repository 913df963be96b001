use actix_web::{FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Problem, ProblemBody, State, Violations, cookies};

use super::authenticate::authenticate;
use super::challenge::Challenged;
use super::oauth::grant;
use super::start::enter;
use super::tokens::{Carrier, Tokens};
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::method::Method;

/// What forms of browsers and of OAuth 2.0 are sent as.
const FORM: &str = "application/x-www-form-urlencoded";

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
/// Unknown addresses, wrong passwords and locked accounts get the same answer at the same cost. The state of an account is
/// named only to who knows its password. Clients of OAuth 2.0 may send the form of `createToken` here as well, and get its
/// answers.
#[utoipa::path(post, path = "/api/v1/auth/login", operation_id = "login", tag = "auth",
    request_body = Login, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 202, description = "The account has a second factor, which is to be shown now.", body = Challenged),
        (status = 401, description = "The address or the password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open; the code says why.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let mut payload = payload.into_inner();
    if is_form(&request) {
        let form = web::Form::from_request(&request, &mut payload).await;
        return Ok(grant(&app, &request, form).await);
    }
    let Body(login) = Body::<Login>::from_request(&request, &mut payload).await?;
    let carrier = if login.cookies { Carrier::Cookies } else { Carrier::Body };
    if login.cookies {
        // Otherwise another site could log a browser into an account of its own.
        cookies::check_origin(&request)?;
    }
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&login.email));
    let email = violations.build(|| email)?;
    let (user, compared) = authenticate(&app, &request, &email, login.password.into()).await?;
    let entered = enter(&app, &request, user, &[Method::Password], carrier).await;
    compared.settle().await;
    entered
}

fn is_form(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case(FORM)
}
