use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_web::{Body, Json, Problem, State};

use super::redeem::redeem;
use crate::app::App;
use crate::handlers::client::Client;

/// The proof.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VerifyEmail {
    /// The token of the mailed link.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
}

/// The account that is open now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailVerified {
    /// The user.
    user_id: UserId,
    /// The address that was proved.
    #[schema(example = "ada@example.org")]
    email: String,
    /// `ACTIVE`.
    #[schema(example = "ACTIVE")]
    state: &'static str,
}

/// Proves an address.
///
/// A token works once and for 24 hours. The account opens with the password of the registration that asked for
/// this link; every other link to it stops working.
#[utoipa::path(post, path = "/api/v1/auth/verify-email", operation_id = "verifyEmail", tag = "auth",
    request_body = VerifyEmail, responses((status = 200, description = "The account is open", body = EmailVerified)))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    Body(request): Body<VerifyEmail>,
) -> Result<Json<EmailVerified>, Problem> {
    let verified = redeem(&app, &client, &request.token).await?;
    Ok(Json(EmailVerified { user_id: verified.id, email: verified.email, state: verified.account.state() }))
}
