use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_web::{Body, Json, Problem, ProblemBody, State};

use super::redeem::redeem;
use crate::app::App;
use crate::handlers::client::Client;

/// The proof.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConfirmEmail {
    /// The token of the mailed link.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
}

/// The account with its new address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailChanged {
    /// The user.
    user_id: UserId,
    /// The address that was proved.
    #[schema(example = "augusta@example.org")]
    email: String,
}

/// Proves the new address of an account.
///
/// A token works once and for 24 hours, and not after a newer address was asked for. Every other link that was mailed
/// for the account stops working; sessions go on.
#[utoipa::path(post, path = "/api/v1/auth/change-email", operation_id = "confirmEmail", tag = "auth",
    request_body = ConfirmEmail, responses(
        (status = 200, description = "The account has the address", body = EmailChanged),
        (status = 409, description = "The address has an account of its own by now.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    Body(request): Body<ConfirmEmail>,
) -> Result<Json<EmailChanged>, Problem> {
    let changed = redeem(&app, &client, &request.token).await?;
    Ok(Json(EmailChanged { user_id: changed.user, email: changed.email }))
}
