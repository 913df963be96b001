use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Accepted, Body, Problem, State, Violations};

use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::jobs::resend::resend;

/// Whose mail did not arrive.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ResendVerification {
    /// The address that was registered.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResendAccepted {
    /// What happens next.
    #[schema(example = "If this address waits to be verified, a mail with a link is on its way to it.")]
    message: &'static str,
}

const MESSAGE: &str = "If this address waits to be verified, a mail with a link is on its way to it.";

/// Asks for another verification mail.
///
/// The answer never tells whether the address has an account. Links that were mailed before keep working.
#[utoipa::path(post, path = "/api/v1/auth/resend-verification", operation_id = "resendVerification", tag = "auth",
    request_body = ResendVerification,
    responses((status = 202, description = "Look into the mailbox", body = ResendAccepted)))]
pub(crate) async fn handle(
    app: State<App>,
    Body(request): Body<ResendVerification>,
) -> Result<Accepted<ResendAccepted>, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&request.email));
    let email = violations.build(|| email)?;
    let order = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> { resend(tx, &app.clock, &email).await };
    app.pg.tx("verification.order", order).await?;
    Ok(Accepted { location: None, body: ResendAccepted { message: MESSAGE } })
}
