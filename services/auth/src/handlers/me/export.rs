use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::future::try_join_all;
use serde_json::Value;
use utoipa::ToSchema;
use witan_clients::{ClientError, Held, HolderClient};
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Discloser as _, Lines, Problem, ProblemBody, Produced, State, Writer, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::disclosure::Disclosure;
use crate::domain::erasure::OWN;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;

/// When to ask again for what a service did not tell.
const SOON: Duration = Duration::from_secs(5);

/// All that is held of a person, in every service. Each thing has a `kind`, and a `workspaceId` where it belongs to one.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "the document is written piece by piece; this describes it")]
pub(crate) struct Export {
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
    (status = 200, description = "Everything", body = Export, headers(
        ("Content-Disposition" = String, description = "A name for the file"))),
    (status = 503, description = "A service does not tell what it holds; `detail` names it.", body = ProblemBody,
        content_type = "application/problem+json")))]
pub(crate) async fn handle(app: State<App>, caller: Caller, client: Client) -> Result<HttpResponse, Problem> {
    caller.session()?;
    let (user, now) = (caller.user_id, app.clock.now());
    let told = try_join_all(app.peers.holders.iter().map(|holder| ask(holder, user))).await?;
    let own = Disclosure(app.pg.clone());
    let write = async move |out: &mut Writer| write(out, user, now, &own, told).await;
    let export = Produced::begin(write).await?;
    note(&app, user, &client).await?;
    let name = format!("attachment; filename=\"witan-export-{}.json\"", now.format("%Y-%m-%d"));
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    answer.insert_header((CONTENT_DISPOSITION, name)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.body(export.into_body()))
}

async fn ask(holder: &HolderClient, user: UserId) -> Result<(&'static str, Held), Problem> {
    let service = holder.service();
    let held = holder.held(user).await.map_err(|error| unavailable(service, error))?;
    Ok((service, held))
}

fn unavailable(service: &str, error: ClientError) -> Problem {
    let problem = Problem::new(&codes::auth::EXPORT_UNAVAILABLE).retry_after(SOON).source(error);
    problem.detail(format!("The service {service} does not tell what it holds."))
}

async fn write(
    out: &mut Writer,
    user: UserId,
    now: DateTime<Utc>,
    own: &Disclosure,
    told: Vec<(&'static str, Held)>,
) -> Result<(), Problem> {
    let time = now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let head = format!("{{\"exportedAt\":\"{time}\",\"userId\":\"{user}\",\n\"{OWN}\":[");
    out.write(head.as_bytes()).await?;
    own.disclose(user, &mut Lines::elements(out)).await?;
    for (service, mut held) in told {
        out.write(format!("],\n\"{service}\":[").as_bytes()).await?;
        let mut lines = Lines::elements(out);
        while let Some(line) = held.next().await.map_err(|error| unavailable(service, error))? {
            lines.pass_on(&line).await?;
        }
    }
    out.write(b"],\n\"complete\":true}\n").await
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
