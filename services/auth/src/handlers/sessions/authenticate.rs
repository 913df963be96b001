//! Whose address and password they are.

use actix_web::HttpRequest;
use secrecy::SecretString;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use super::refusal::refusal;
use super::settle::Compared;
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::device::AccountTag;
use crate::domain::email::EmailAddress;
use crate::handlers::client::Client;
use crate::handlers::device_cookie::known_device;
use crate::handlers::hashing::hashing_problem;
use crate::hashing::{Candidates, HashError, Match};
use crate::jobs::lockout::order_notice;
use crate::lockout::Attempt;
use crate::store::users::{Credential, User, user_credential, user_rehash};

/// The user whose password it is, whatever the state of the account, and when that was found out.
///
/// Every refusal is the same and costs the same: for addresses without an account, for wrong passwords, and for right
/// ones while the account is locked for whoever tries.
pub(crate) async fn authenticate(
    app: &App,
    request: &HttpRequest,
    email: &EmailAddress,
    password: SecretString,
) -> Result<(User, Compared), Problem> {
    let client = Client::of(request);
    let account = app.devices.account(email.key());
    let device = known_device(app, request, account);
    let attempt = Attempt::new(&app.kv, account, &client.ip, device);
    let locked = attempt.is_locked().await;
    let found = app.pg.read("login.find", async |conn| user_credential(conn, email).await).await?;
    let candidates = found.as_ref().map(candidates).unwrap_or_default();
    let old = candidates.own.clone();
    let verdict = app.hasher.compare(password, email.key(), candidates).await.map_err(busy)?;
    let compared = Compared::now();
    match (locked, verdict, found) {
        (false, Match::Own { replacement }, Some(Credential { user, .. })) => {
            attempt.succeeded().await;
            if let (Some(new), Some(old)) = (replacement, old) {
                rehash(app, &user, &old, &new).await?;
            }
            return Ok((user, compared));
        }
        // The same for an address that waits for its proof and for one that had an account all along: otherwise
        // registering an address and logging in would tell which it is.
        (false, Match::Registered, _) => {
            compared.settle().await;
            return Err(Problem::new(&codes::auth::EMAIL_NOT_VERIFIED));
        }
        (locked, _, found) => {
            let began = !locked && attempt.failed().await;
            let reason = if locked { "locked" } else { "password" };
            let failure = Failure { email, account, user: found.map(|found| found.user), reason, began };
            failure.tell(app, &client).await?;
        }
    }
    compared.settle().await;
    Err(refusal(&codes::auth::INVALID_CREDENTIALS))
}

fn candidates(credential: &Credential) -> Candidates {
    Candidates { own: credential.password_hash.clone(), registered: credential.registered_hash.clone() }
}

/// Keeps the password hashed as we do now, unless it was changed meanwhile.
async fn rehash(app: &App, user: &User, old: &str, new: &str) -> Result<(), PgError> {
    let keep = async |tx: &mut SystemTx<'_>| user_rehash(tx, user.id, old, new).await;
    app.pg.tx("login.rehash", keep).await
}

/// A try that failed.
struct Failure<'a> {
    email: &'a EmailAddress,
    account: AccountTag,
    user: Option<User>,
    reason: &'static str,
    began: bool,
}

impl Failure<'_> {
    /// Writes as much whether or not there is an account.
    async fn tell(&self, app: &App, client: &Client) -> Result<(), PgError> {
        let subject = self.user.as_ref().map(|user| user.id.to_string()).unwrap_or_default();
        let tell = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
            let entry = Audit::anonymous(Action::LoginFailed, self.account.number()).to(&subject).failed();
            record(tx, &app.clock, entry.by(client).detail("reason", self.reason)).await?;
            if self.began {
                order_notice(tx, &app.clock, self.email, client).await?;
            }
            Ok(())
        };
        app.pg.tx("login.refuse", tell).await
    }
}

fn busy(error: HashError) -> Problem {
    hashing_problem(error, "/password")
}
