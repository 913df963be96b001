use witan_ids::{IdentityId, UserId};
use witan_pg::{PgError, SystemTx, Tx as _};
use witan_web::{Caller, NoContent, Path, Problem, ProblemBody, State, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::handlers::client::Client;
use crate::handlers::sessions::ending::{end_identity, refuse_here};
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::identities::{identity_delete, identity_list};
use crate::store::passkeys::passkey_list;
use crate::store::sessions::RevokedSession;
use crate::store::users::{user_lock, user_password};

async fn has_another_way(tx: &mut SystemTx<'_>, user: UserId) -> Result<bool, PgError> {
    Ok(user_password(tx.conn(), user).await?.is_some() || !passkey_list(tx.conn(), user).await?.is_empty())
}

/// Why it stays.
#[derive(Debug, thiserror::Error)]
enum RemoveError {
    #[error("the caller has no such identity")]
    Absent,
    #[error("nothing else would open the account")]
    Last,
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<RemoveError> for Problem {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::Absent => Self::not_found(),
            RemoveError::Last => Self::new(&codes::auth::LAST_WAY_IN),
            RemoveError::Store(error) => error.into(),
        }
    }
}

/// Unlinks an account at another provider.
///
/// It opens the caller's no longer: sessions that stand on its tokens end, and what it issued until now links nothing again. The last way in stays: without a password and passkeys, one of them is needed. Somebody else's is as
/// absent as one that never was.
#[utoipa::path(delete, path = "/api/v1/users/me/identities/{identityId}", operation_id = "removeIdentity", tag = "users",
    params(("identityId" = IdentityId, Path, description = "The link")),
    responses(
        (status = 204, description = "Unlinked"),
        (status = 409, description = "It is the last way into the account.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(id): Path<IdentityId>,
) -> Result<NoContent, Problem> {
    let user = caller.user_id;
    let remove = async |tx: &mut SystemTx<'_>| -> Result<Vec<RevokedSession>, RemoveError> {
        // Two removals at once must not take the last two ways in.
        user_lock(tx, user).await?.ok_or(RemoveError::Absent)?;
        let linked = identity_list(tx.conn(), user).await?;
        let removed = linked.iter().find(|identity| identity.id == id).ok_or(RemoveError::Absent)?;
        if linked.len() == 1 && !has_another_way(tx, user).await? {
            return Err(RemoveError::Last);
        }
        identity_delete(tx, id, user).await?;
        let ended = end_identity(tx, &app, user, (&removed.issuer, &removed.subject)).await?;
        queue_security_notice(tx, &app.clock, user, Topic::IdentityRemoved, None).await?;
        let entry = Audit::new(Action::IdentityRemoved, user).to(id).by(&client);
        record(tx, &app.clock, entry.detail("issuer", &removed.issuer)).await?;
        Ok(ended)
    };
    let ended = app.pg.tx("identity.remove", remove).await?;
    refuse_here(&app, &ended);
    Ok(NoContent)
}
