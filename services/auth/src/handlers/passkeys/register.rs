use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::PasskeyId;
use witan_pg::{PgError, SystemTx, Tx};
use witan_web::{Body, Caller, Problem, ProblemBody, State, Violations, codes};

use super::credential::{CreatedCredential, created};
use super::view::Passkey;
use crate::app::App;
use crate::audit::Action;
use crate::domain::challenge::Purpose;
use crate::domain::method::Method;
use crate::domain::name::DisplayName;
use crate::domain::webauthn::{ClientData, WebauthnError};
use crate::handlers::client::Client;
use crate::handlers::factors::change::{Change, added};
use crate::handlers::factors::totp_confirm::RecoveryCodes;
use crate::handlers::sessions::ending::refuse_here;
use crate::mail::Topic;
use crate::store::challenges::challenge_take;
use crate::store::passkeys::{NewPasskey, passkey_insert, passkey_list};
use crate::store::users::user_lock;

/// How many one person has at most.
pub(super) const MOST_PASSKEYS: usize = 20;

/// A passkey to register.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RegisterPasskey {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 100, example = "phone")]
    name: String,
    /// What the browser made of the options.
    #[schema(schema_with = created)]
    credential: CreatedCredential,
    /// Whether the caller's other sessions end: they began without it.
    #[serde(default)]
    end_other_sessions: bool,
}

/// A passkey, and what stands in for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisteredPasskey {
    #[serde(flatten)]
    passkey: Passkey,
    #[serde(flatten)]
    codes: RecoveryCodes,
}

/// Registers a passkey.
///
/// From now on it signs in without a password, and a log-in by password asks for a second factor. The session that asks
/// counts as proved by it from its next refresh on.
#[utoipa::path(post, path = "/api/v1/auth/passkeys", operation_id = "registerPasskey", tag = "factors",
    request_body = RegisterPasskey, responses(
        (status = 201, description = "Registered", body = RegisteredPasskey),
        (status = 409, description = "The passkey is known already, or there are 20.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The passkey does not answer what it was asked.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Body(body): Body<RegisterPasskey>,
) -> Result<HttpResponse, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", DisplayName::parse(&body.name));
    let name = violations.build(|| name)?;
    let (user, now, client) = (caller.user_id, app.clock.now(), Client::of(&request));
    let (registration, transports) = body.credential.into_parts();
    let challenge = ClientData::parse(&registration.client_data).map_err(refuse)?.challenge();
    let challenge = challenge.ok_or_else(|| refuse(WebauthnError::Challenge))?;
    // Taken by itself: whatever becomes of the answer, nobody gives another one.
    let take = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        challenge_take(tx, &challenge, Purpose::Registration, now).await
    };
    let asked = app.pg.tx("passkey.challenge", take).await?;
    asked.filter(|asked| asked.user_id == Some(user)).ok_or_else(|| refuse(WebauthnError::Challenge))?;
    let credential = registration.verify(&app.config.passkeys, &challenge).map_err(refuse)?;
    let id = PasskeyId::generate(&app.clock);
    let new = NewPasskey { id, user, credential: &credential, name: name.as_str(), transports: &transports };
    let change = Change {
        user,
        session: caller.session()?,
        client: &client,
        action: Action::PasskeyAdded,
        topic: Topic::PasskeyAdded,
        subject: Some(id.to_string()),
        end_others: body.end_other_sessions,
    };
    let store = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        user_lock(tx, user).await?;
        if passkey_list(tx.conn(), user).await?.len() >= MOST_PASSKEYS {
            return Err(Problem::new(&codes::auth::PASSKEY_LIMIT));
        }
        let row = passkey_insert(tx, &new, now).await?;
        let row = row.ok_or_else(|| Problem::new(&codes::auth::PASSKEY_EXISTS))?;
        let (codes, ended) = added(tx, &app, &change, Method::Passkey).await?;
        Ok((row, codes, ended))
    };
    let (row, codes, ended) = app.pg.tx("passkey.register", store).await?;
    refuse_here(&app, &ended);
    let location = format!("/api/v1/auth/passkeys/{id}");
    let body = RegisteredPasskey { passkey: Passkey::of(row), codes: RecoveryCodes::of(&codes) };
    let mut response = HttpResponse::Created();
    Ok(response.insert_header((LOCATION, location)).insert_header((CACHE_CONTROL, "no-store")).json(body))
}

fn refuse(error: WebauthnError) -> Problem {
    Problem::new(&codes::auth::PASSKEY_REFUSED).detail(format!("It was refused: {error}."))
}
