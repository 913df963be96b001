use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Json, Problem, State, Violations};

use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::mailed_token::MailedToken;
use crate::jobs::ordered::order_invitation;
use crate::mail::InvitationLetter;

/// A mail that another service orders.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum MailOrder {
    /// An invitation into a workspace.
    Invitation(InvitationOrder),
}

/// An invitation to be mailed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationOrder {
    /// Under this it is ordered once, however often it is asked for.
    #[schema(min_length = 1, max_length = 100)]
    dedupe_key: String,
    /// Where it goes.
    #[schema(min_length = 3, max_length = 254)]
    recipient: String,
    /// What it is accepted with. In the body, as addresses are written into logs.
    #[schema(min_length = 43, max_length = 43)]
    secret: String,
    /// The proved address of who invites, where known.
    #[schema(min_length = 3, max_length = 254)]
    inviter: Option<String>,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
}

/// What came of an order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailOrdered {
    /// Whether it was new; otherwise it was ordered before.
    new: bool,
}

/// Mails something in the name of another service. Where the mailbox got too many by its own name lately, it gets none.
#[utoipa::path(post, path = "/internal/mails", operation_id = "internalMail", tag = "internal",
    request_body = MailOrder, responses((status = 200, description = "Ordered, now or before", body = MailOrdered)))]
pub(crate) async fn handle(
    app: State<App>,
    Body(order): Body<MailOrder>,
) -> Result<Json<MailOrdered>, Problem> {
    let MailOrder::Invitation(order) = order;
    let mut violations = Violations::new();
    let recipient = violations.parse("/recipient", EmailAddress::parse(&order.recipient));
    let inviter = order.inviter.map(|inviter| violations.parse("/inviter", EmailAddress::parse(&inviter)));
    let secret = violations.parse("/secret", MailedToken::parse(&order.secret).ok_or("must be 32 bytes"));
    let (recipient, secret) = violations.build(|| Some((recipient?, secret?)))?;
    let letter = InvitationLetter {
        secret: secret.expose().to_owned(),
        inviter: inviter.flatten().map(|inviter| inviter.as_str().to_owned()),
        expires_at: order.expires_at,
    };
    let (to, per_hour) = ((&recipient, order.dedupe_key.as_str()), app.config.mail.per_hour);
    let queue = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
        order_invitation(tx, &app.clock, &app.cipher, to, &letter, per_hour).await
    };
    let new = app.pg.tx("mail.order", queue).await?;
    Ok(Json(MailOrdered { new }))
}
