use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde_json::Value;
use utoipa::ToSchema;
use witan_host::{Export, Subject};
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Discloser as _, Lines, Problem, ProblemBody, State, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::disclosure::Disclosure;
use crate::domain::erasure::OWN;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;

/// All that is held of a person, in every service. Each thing has a `kind`, and a `workspaceId` where it belongs to one.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is written piece by piece; this describes it")]
pub(crate) struct UserExport {
    exported_at: DateTime<Utc>,
    user_id: UserId,
    /// Account, profile, log-ins, keys, mails.
    auth: Vec<Value>,
    /// Memberships, and workspaces and start-ups that the person made.
    tenancy: Vec<Value>,
    /// Conversations, messages, and personas that the person made.
    chat: Vec<Value>,
    /// Questions, and what came of them.
    council: Vec<Value>,
    /// Events about the person that partners were sent.
    webhooks: Vec<Value>,
    /// Always true, and the last thing: what ends without it was cut off.
    complete: bool,
}

/// Gives the caller everything that is held of them (GDPR articles 15 and 20).
///
/// Every service is asked before the answer begins. If one fails later, the connection is broken off.
#[utoipa::path(get, path = "/api/v1/users/me/export", operation_id = "exportMe", tag = "users", responses(
    (status = 200, description = "Everything", body = UserExport, headers(
        ("Content-Disposition" = String, description = "A name for the file"))),
    (status = 503, description = "A service does not tell what it holds; `detail` names it.", body = ProblemBody,
        content_type = "application/problem+json")))]
pub(crate) async fn handle(app: State<App>, caller: Caller, client: Client) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let (user, now) = (caller.user_id, app.clock.now());
    let told = Export::ask(&app.peers.holders, Subject::User(user), &codes::auth::EXPORT_UNAVAILABLE).await?;
    let disclosure = Disclosure(app.pg.clone());
    let own = async move |lines: &mut Lines<'_>| disclosure.disclose(user, lines).await;
    let document = told.begin(OWN, now, own).await?;
    note(&app, user, &client).await?;
    Ok(Export::attachment(&format!("witan-export-{}.json", now.format("%Y-%m-%d")), document))
}

/// The auditors hear of it, and the owner: it may be somebody else who is taking everything.
async fn note(app: &App, user: UserId, client: &Client) -> Result<(), Problem> {
    let note = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        record(tx, &app.clock, Audit::new(Action::DataExported, user).by(client)).await?;
        queue_security_notice(tx, &app.clock, user, Topic::DataExported, None).await
    };
    Ok(app.pg.tx("export.note", note).await?)
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use witan_access::InternalKey;
    use witan_clients::{Peers, PeersConfig};
    use witan_clock::Clock;
    use witan_config::{Env, Reader};
    use witan_egress::{Egress, EgressConfig};

    use crate::domain::erasure::SERVICES;

    #[test]
    fn whoever_erases_also_tells() {
        let env = Env::from([("WITAN_ENV", "development")]);
        let config = PeersConfig::read(&mut Reader::new(&env)).unwrap();
        let egress = Egress::new(&EgressConfig::development()).unwrap();
        let key = InternalKey::new(&SecretString::from("a key that only the tests have"));
        let peers = Peers::new(&config, "auth", &egress, key, Clock::system());
        let told: Vec<_> = peers.holders.iter().map(|holder| holder.service()).collect();
        assert_eq!(told, SERVICES);
    }
}
