use chrono::SubsecRound as _;
use witan_ids::EndpointId;
use witan_pg::TenantTx;
use witan_web::{Accepted, Problem, Tenant, Violations, codes};

use super::view::Replay;
use crate::app::App;
use crate::delivery::replay::{Begun, Wanted, begin as begin_replay};

/// Begins what is wanted, and tells where it can be watched.
pub(crate) async fn begin(
    app: &App,
    tenant: &Tenant,
    endpoint: EndpointId,
    mut wanted: Wanted,
    mut violations: Violations,
) -> Result<Accepted<Replay>, Problem> {
    if wanted.until.is_some_and(|until| until <= wanted.since) {
        violations.push("/until", "validation.range", "must be after `since`");
    }
    violations.finish()?;
    // As the database keeps it, so that the same is known again.
    wanted.since = wanted.since.trunc_subsecs(6);
    wanted.until = wanted.until.map(|until| until.trunc_subsecs(6));
    let begin = async |tx: &mut TenantTx<'_>| begin_replay(tx, &app.clock, endpoint, &wanted).await;
    match app.pg.tenant("endpoints.replay", tenant.workspace_id, begin).await? {
        Begun::Running(row) => {
            let location = Some(format!("/api/v1/webhooks/replays/{}", row.id));
            Ok(Accepted { location, body: Replay::from(*row) })
        }
        Begun::Busy => Err(Problem::new(&codes::webhooks::REPLAY_RUNNING)),
        Begun::Disabled => Err(Problem::new(&codes::webhooks::ENDPOINT_DISABLED)),
    }
}
