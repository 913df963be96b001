use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Accepted, Body, Problem, State, Violations};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;
use crate::domain::password::Password;
use crate::handlers::client::Client;
use crate::handlers::hashing::hashing_problem;
use crate::jobs::registration::follow_up;
use crate::new_password::{NewPassword, take_password};
use crate::store::registrations::{Registration, registration_insert};
use crate::store::users::user_ensure;

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Register {
    /// Where the verification link is sent. Upper and lower case are the same.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// At least 8 characters and hard to guess (zxcvbn score 3 of 4).
    #[schema(min_length = 8, max_length = 128, format = Password, example = "correct horse battery staple")]
    password: String,
    /// Shown to others; without it, what stands before the @.
    #[schema(min_length = 1, max_length = 100, example = "Ada Lovelace")]
    name: Option<String>,
}

/// The same for every address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registered {
    /// What happens next.
    #[schema(example = "If this address can be registered, a mail with a link is on its way to it.")]
    message: &'static str,
}

const MESSAGE: &str = "If this address can be registered, a mail with a link is on its way to it.";

/// Signs up.
///
/// The answer never tells whether the address has an account. A new or unproved address is sent a verification
/// link; the owner of a taken one a notice.
#[utoipa::path(post, path = "/api/v1/auth/register", operation_id = "register", tag = "auth",
    request_body = Register, responses((status = 202, description = "Look into the mailbox", body = Registered)))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    Body(body): Body<Register>,
) -> Result<Accepted<Registered>, Problem> {
    let (email, name, password) = parse(&body)?;
    let words = vec![email.key().to_owned(), email.local_part().to_owned(), name.as_str().to_owned()];
    let password = take_password(&app, password, email.key(), words).await;
    let password = password.map_err(|error| hashing_problem(error, "/password"))?;
    store(&app, &email, &name, &password, &client).await?;
    Ok(Accepted { location: None, body: Registered { message: MESSAGE } })
}

fn parse(request: &Register) -> Result<(EmailAddress, DisplayName, Password), Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&request.email));
    let fallback = email.as_ref().map_or("-", EmailAddress::local_part);
    let name = request.name.as_deref().unwrap_or(fallback);
    let name = violations.parse("/name", DisplayName::parse(name));
    let password = violations.parse("/password", Password::parse(&request.password));
    violations.build(|| Some((email?, name?, password?)))
}

/// The same statements whether or not the address has an account.
async fn store(
    app: &App,
    email: &EmailAddress,
    name: &DisplayName,
    password: &NewPassword,
    client: &Client,
) -> Result<(), PgError> {
    let (now, new_user, id) = (app.clock.now(), UserId::generate(&app.clock), app.clock.uuid_v7());
    let insert = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        let user_id = user_ensure(tx, new_user, email, name, now).await?;
        let registration = Registration {
            id,
            user_id,
            name: name.as_str().to_owned(),
            password_hash: password.hash.clone(),
        };
        registration_insert(tx, &registration, now).await?;
        let account = app.devices.account(email.key());
        let entry = Audit::anonymous(Action::Register, account.number()).by(client);
        record(tx, &app.clock, entry.detail("breaches", password.finding.as_str())).await?;
        follow_up(tx, &app.clock, id).await
    };
    app.pg.tx("registration.store", insert).await
}
