//! A run's log, as whoever follows it reads it.

use async_trait::async_trait;
use serde_json::{Value, json};
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::Problem;
use witan_web::sse::{Entry, Follower, Live, Log};

use crate::app::App;
use crate::domain::state::RunState;
use crate::handlers::runs::show::shown;
use crate::handlers::runs::view::Run;
use crate::store::run_events::{RunEventRow, run_event_last, run_event_list};
use crate::store::runs::run_find;

const BATCH: i64 = 200;

/// The log of one run.
pub(crate) struct RunLog {
    app: App,
    workspace: WorkspaceId,
    run: RunId,
}

/// Reads what comes after number `after`.
pub(crate) fn follow(app: &App, workspace: WorkspaceId, run: RunId, after: i32) -> Follower<RunLog> {
    Follower::new(RunLog::new(app, workspace, run), after)
}

impl RunLog {
    pub(crate) fn new(app: &App, workspace: WorkspaceId, run: RunId) -> Self {
        Self { app: app.clone(), workspace, run }
    }
}

impl Entry for RunEventRow {
    fn seq(&self) -> i32 {
        self.seq
    }

    fn is_last(&self) -> bool {
        matches!(self.event.as_str(), "done" | "error")
    }
}

#[async_trait]
impl Log for RunLog {
    type Entry = RunEventRow;

    fn live(&self) -> Option<Live<RunEventRow>> {
        self.app.live.find(self.run)
    }

    async fn read(&self, after: i32) -> Result<(Vec<RunEventRow>, bool), Problem> {
        let run = self.run;
        let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            let Some(row) = run_find(tx, run).await? else { return Ok(None) };
            let mut events = run_event_list(tx, run, after, BATCH).await?;
            let open = RunState::from_column(&row.state).is_some_and(|state| !state.has_ended());
            if !open && events.is_empty() && run_event_last(tx, run).await? == 0 {
                events.extend(forgotten(tx, run, after).await?);
            }
            Ok(Some((events, open)))
        };
        let read = self.app.pg.tenant_read("run.log", self.workspace, read).await?;
        read.ok_or_else(Problem::not_found)
    }
}

/// What is told last of a run, by its name: the run itself, or why it has no answer.
pub(super) fn last_event(run: &Run) -> (&'static str, Value) {
    match &run.failure {
        None => ("done", json!(run)),
        Some(failure) => {
            let status = super::failure(failure.code).status;
            ("error", json!({ "code": failure.code, "title": failure.title, "status": status, "run": run }))
        }
    }
}

/// The end of a run, of which nothing else is kept: whoever comes late is told what came of it.
async fn forgotten(tx: &mut TenantTx<'_>, run: RunId, after: i32) -> Result<Option<RunEventRow>, PgError> {
    let shown = shown(tx, run).await?;
    Ok(shown.map(|shown| {
        let (event, data) = last_event(&shown);
        RunEventRow {
            workspace_id: tx.workspace_id(),
            run_id: run,
            seq: after + 1,
            event: event.to_owned(),
            data,
            created_at: shown.created_at,
        }
    }))
}
