use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Accepted, Body, Caller, Problem, State, Violations, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::email::EmailAddress;
use crate::handlers::client::Client;
use crate::jobs::change_email::order_change;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::users::{User, user_by_id, user_lock};

/// The address that the account is to have.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeEmail {
    /// Where the link is mailed to.
    #[schema(min_length = 3, max_length = 254, example = "augusta@example.org")]
    new_email: String,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeOrdered {
    /// What happens next.
    #[schema(example = "If this address can be used, a mail with a link is on its way to it.")]
    message: &'static str,
}

const MESSAGE: &str = "If this address can be used, a mail with a link is on its way to it.";

/// Asks for another address.
///
/// Nothing changes until the link that is mailed to it is used. The answer does not tell whether the address has an
/// account, and the present address gets a notice. A newer request makes the links of older ones worthless.
#[utoipa::path(post, path = "/api/v1/users/me/email", operation_id = "changeEmail", tag = "users",
    request_body = ChangeEmail,
    responses((status = 202, description = "Look into the new mailbox", body = ChangeOrdered)))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(request): Body<ChangeEmail>,
) -> Result<Accepted<ChangeOrdered>, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/newEmail", EmailAddress::parse(&request.new_email));
    let email = violations.build(|| email)?;
    let id = caller.user_id;
    let user = app.pg.read("email.owner", async |conn| user_by_id(conn, id).await).await?;
    let user = user.ok_or_else(|| Problem::new(&codes::SESSION_ENDED))?;
    refuse_own(&user, &email)?;
    let order = async |tx: &mut SystemTx<'_>| order(tx, &app, &client, &user, &email).await;
    app.pg.tx("email.order-change", order).await?;
    Ok(Accepted { location: None, body: ChangeOrdered { message: MESSAGE } })
}

fn refuse_own(user: &User, email: &EmailAddress) -> Result<(), Problem> {
    let mut violations = Violations::new();
    if EmailAddress::parse(&user.email).is_ok_and(|own| own.key() == email.key()) {
        violations.push("/newEmail", "validation.invalid", "is the address of the account already");
    }
    violations.finish()
}

async fn order(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    user: &User,
    email: &EmailAddress,
) -> Result<(), PgError> {
    if user_lock(tx, user.id).await?.is_none() {
        return Ok(());
    }
    order_change(tx, &app.clock, user, email, app.config.mail.per_hour).await?;
    queue_security_notice(tx, &app.clock, user.id, Topic::EmailChangeRequested, None).await?;
    record(tx, &app.clock, Audit::new(Action::RequestEmailChange, user.id).by(client)).await
}
