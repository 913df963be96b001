//! Asking somebody who is logged in for their password.

use secrecy::SecretString;
use witan_ids::UserId;
use witan_pg::PgError;
use witan_web::{Problem, codes};

use super::replace::address_key;
use crate::app::App;
use crate::handlers::hashing::hashing_problem;
use crate::lockout::Attempt;
use crate::store::users::{User, user_by_id, user_password};

/// Somebody who knew their password.
pub(crate) struct Confirmed {
    pub(crate) user: User,
    /// What it was compared with.
    pub(crate) hash: String,
}

/// The user, if it is their password. Five wrong ones stop the questions for a while: who holds somebody else's session
/// must not be able to guess. `pointer` is where the password stands in the request.
pub(crate) async fn confirm_password(
    app: &App,
    id: UserId,
    password: SecretString,
    pointer: &str,
) -> Result<Confirmed, Problem> {
    let wrong = || Problem::new(&codes::auth::PASSWORD_WRONG);
    let read = app.pg.read("password.current", async |conn| {
        Ok::<_, PgError>((user_by_id(conn, id).await?, user_password(conn, id).await?))
    });
    let (Some(user), hash) = read.await? else { return Err(Problem::new(&codes::SESSION_ENDED)) };
    let address = address_key(&user);
    let attempt = Attempt::by_user(&app.kv, app.devices.account(&address));
    let locked = attempt.is_locked().await;
    let matches = app.hasher.matches(password, &address, hash.clone()).await;
    match (matches.map_err(|error| hashing_problem(error, pointer))?, locked, hash) {
        (true, false, Some(hash)) => {
            attempt.succeeded().await;
            Ok(Confirmed { user, hash })
        }
        (false, false, _) => {
            attempt.failed().await;
            Err(wrong())
        }
        _ => Err(wrong()),
    }
}
