//! Nobody was recognised: as an answer, as a page, and in the audit log.

use std::time::Duration;

use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use witan_pg::SystemTx;
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::handlers::client::Client;
use crate::handlers::page::html;
use crate::oidc::OidcError;

const SOON: Duration = Duration::from_secs(5);

impl From<OidcError> for Problem {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Unavailable(_) => {
                Self::new(&codes::auth::PROVIDER_UNAVAILABLE).retry_after(SOON).source(error)
            }
            OidcError::Code => Self::new(&codes::auth::SIGN_IN_INVALID),
            OidcError::Token(_) | OidcError::Expired => {
                Self::new(&codes::auth::IDENTITY_TOKEN_INVALID).detail(format!("{error}.")).source(error)
            }
        }
    }
}

/// Writes down who was not let in, and why.
pub(crate) async fn tell(app: &App, client: &Client, problem: &Problem) {
    let entry = Audit::anonymous(Action::LoginFailed, 0).failed().by(client);
    let entry = entry.detail("reason", problem.code().code);
    let tell = async |tx: &mut SystemTx<'_>| record(tx, &app.clock, entry.clone()).await;
    if let Err(error) = app.pg.tx("sign-in.refuse", tell).await {
        tracing::error!(%error, "a refused sign-in is not in the audit log");
    }
}

/// A page with the code where a person is looking, and the problem as it is where a program is.
pub(super) fn show(app: &App, request: &HttpRequest, problem: Problem) -> Result<HttpResponse, Problem> {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        return Err(problem);
    }
    let code = problem.code();
    let message = format!("{} ({})", code.meaning, code.code);
    html(&app.templates, code.status, "result_page.html", code.title, context! { message })
}
