use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use witan_web::{Problem, ProblemBody, Query, State, codes};

use super::cookie;
use crate::app::App;
use crate::domain::return_to::ReturnTo;
use crate::domain::sign_in::{LASTS, SignInSecret};
use crate::store::sign_ins::{SignInRow, sign_in_insert};

/// How the sign-in is to end.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Where in the product to go on, such as `/conversations`; never another site.
    #[param(max_length = 1000)]
    return_to: Option<String>,
    /// Where the tokens go.
    #[param(inline)]
    tokens: Option<Tokens>,
}

#[derive(Deserialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tokens {
    /// Into cookies, and the browser goes on to the product. So it is when nothing is said.
    Cookies,
    /// Into the answer of the callback, as `login` gives them.
    Json,
}

/// Begins to sign in with the identity provider.
///
/// Leads the browser there. What it must bring back is bound to a cookie of this browser, for ten minutes and once.
#[utoipa::path(get, path = "/api/v1/auth/google", operation_id = "startSignIn", tag = "auth", params(Wanted),
    responses(
        (status = 302, description = "`Location` is the provider's page"),
        (status = 404, description = "No identity provider is set up.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The provider does not answer.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(app: State<App>, Query(wanted): Query<Wanted>) -> Result<HttpResponse, Problem> {
    let sign_in = app.sign_in.as_ref().ok_or_else(|| Problem::new(&codes::auth::PROVIDER_ABSENT))?;
    let return_to = wanted.return_to.map(|text| ReturnTo::parse(&text)).transpose().map_err(|error| {
        Problem::new(&codes::QUERY_INVALID).violation("returnTo", "validation.invalid", error.to_string())
    })?;
    let secret = SignInSecret::generate(&app.clock);
    let location = sign_in.authorization_url(&secret).await?;
    let row = SignInRow {
        return_to: return_to.map(|path| path.as_str().to_owned()),
        cookies: wanted.tokens != Some(Tokens::Json),
    };
    let until = app.clock.now() + LASTS;
    app.pg.write("sign-in.begin", async |conn| sign_in_insert(conn, &secret, &row, until).await).await?;
    Ok(HttpResponse::Found()
        .insert_header((LOCATION, location.as_str()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .cookie(cookie::keep(&secret))
        .finish())
}
