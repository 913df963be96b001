use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Accepted, Body, Problem, State, Violations};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::email::EmailAddress;
use crate::handlers::client::Client;
use crate::jobs::magic_link::order_magic_link;

/// Who wants in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RequestMagicLink {
    /// The address of the account.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MagicLinkOrdered {
    /// What happens next.
    #[schema(example = "If this address has an account, a mail with a link is on its way to it.")]
    message: &'static str,
}

const MESSAGE: &str = "If this address has an account, a mail with a link is on its way to it.";

/// Asks for a link that logs in.
///
/// The answer never tells whether the address has an account; that is looked up after it was given. The link works
/// once, for ten minutes, and until another one is asked for.
#[utoipa::path(post, path = "/api/v1/auth/magic-link", operation_id = "requestMagicLink", tag = "auth",
    request_body = RequestMagicLink,
    responses((status = 202, description = "Look into the mailbox", body = MagicLinkOrdered)))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    Body(body): Body<RequestMagicLink>,
) -> Result<Accepted<MagicLinkOrdered>, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&body.email));
    let email = violations.build(|| email)?;
    let account = app.devices.account(email.key());
    let order = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        order_magic_link(tx, &app.clock, &email).await?;
        let entry = Audit::anonymous(Action::RequestMagicLink, account.number());
        record(tx, &app.clock, entry.by(&client)).await
    };
    app.pg.tx("magic-link.order", order).await?;
    Ok(Accepted { location: None, body: MagicLinkOrdered { message: MESSAGE } })
}
