//! Sending again in bulk: a row that says what is meant and how far it is, and a job that puts a bounded number of
//! deliveries on their way at a time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use witan_clock::Clock;
use witan_ids::{DeliveryId, EndpointId, ReplayId, WorkspaceId};
use witan_jobs::NewJob;
use witan_pg::{PgError, TenantTx};

use crate::domain::replay::{ReplayKind, ReplayState};
use crate::domain::span::Span;
use crate::domain::state::EndpointState;
use crate::store::endpoints::endpoint_lock;
use crate::store::replayed::replayed_count;
use crate::store::replays::{ReplayRow, replay_insert, replay_running};

pub(crate) const KIND: &str = "webhooks.replay";
/// Every batch is a run of the job, as is every look at whether there is room for one.
const MAX_RUNS: i32 = i32::MAX;

/// What a replay's job carries.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payload {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) replay_id: ReplayId,
}

/// What somebody wants to be sent again.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) kind: ReplayKind,
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) event_types: Option<Vec<String>>,
}

/// What came of that.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Under way: from now on, or already when the same was asked for before.
    Running(Box<ReplayRow>),
    /// Another one is.
    Busy,
    Disabled,
}

/// Begins a replay, unless the endpoint has one: then that is the answer if it is the same, however often it is asked for.
pub(crate) async fn begin(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    endpoint: EndpointId,
    wanted: &Wanted,
) -> Result<Begun, PgError> {
    // Who asks at the same time waits here and then finds what was begun.
    let locked = endpoint_lock(tx, endpoint).await?.ok_or(PgError::NotFound)?;
    if locked.state() == EndpointState::Disabled {
        return Ok(Begun::Disabled);
    }
    if let Some(running) = replay_running(tx, endpoint).await? {
        return Ok(if same(&running, wanted) { Begun::Running(Box::new(running)) } else { Begun::Busy });
    }
    let mut row = row(tx.workspace_id(), clock, endpoint, wanted);
    row.total = replayed_count(tx, &row).await?;
    replay_insert(tx, &row).await?;
    let payload = Payload { workspace_id: row.workspace_id, replay_id: row.id };
    let payload = serde_json::to_value(payload).unwrap_or_default();
    witan_jobs::enqueue(tx, clock, NewJob::new(KIND, payload).max_attempts(MAX_RUNS)).await?;
    Ok(Begun::Running(Box::new(row)))
}

fn same(running: &ReplayRow, wanted: &Wanted) -> bool {
    let asked = (running.kind(), running.since, running.until, running.event_types.as_ref());
    asked == (wanted.kind, wanted.since, wanted.until, wanted.event_types.as_ref())
}

fn row(workspace_id: WorkspaceId, clock: &Clock, endpoint: EndpointId, wanted: &Wanted) -> ReplayRow {
    ReplayRow {
        workspace_id,
        id: ReplayId::generate(clock),
        endpoint_id: endpoint,
        kind: wanted.kind.as_str().to_owned(),
        since: wanted.since,
        until: wanted.until,
        event_types: wanted.event_types.clone(),
        state: ReplayState::Running.as_str().to_owned(),
        total: 0,
        done: 0,
        position: Span { since: Some(wanted.since), until: None }.lowest(),
        bound: DeliveryId::generate(clock).uuid(),
        created_at: clock.now(),
        finished_at: None,
    }
}
