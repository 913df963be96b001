//! Questions that are asked in a session: what of it the models are told, and how question and answer come into it.

use chrono::{DateTime, Utc};
use witan_clock::Clock;
use witan_ids::{AgentSessionId, MessageId, RunId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Tenant, Violations, codes};

use crate::app::App;
use crate::domain::session::{SessionRole, SessionState};
use crate::domain::sitting::Sitting;
use crate::domain::window::{self, Outline, Past, Read, Said};
use crate::store::runs::run_session;
use crate::store::session_messages::{
    SessionMessageRow, session_message_between, session_message_count, session_message_insert,
    session_message_latest,
};
use crate::store::sessions::{session_find, session_touch};

/// How many of the latest messages are looked at; there is seldom room for more.
const LATEST: i64 = 200;

/// A session as a question's models are told it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: AgentSessionId,
    /// Nothing where nothing was said.
    pub(crate) text: Option<String>,
    pub(crate) read: Read,
    /// Where there is too much for that: what a model is to summarise first, if one can.
    pub(crate) outline: Option<Outline>,
}

/// Reads a session for a question of its owner.
pub(crate) async fn read(
    app: &App,
    tenant: &Tenant,
    id: AgentSessionId,
    sitting: &Sitting,
) -> Result<Told, Problem> {
    let look = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let Some(session) = session_find(tx, tenant.user_id, id).await? else { return Ok(None) };
        let after = session.summarised_to.unwrap_or_default();
        let latest = session_message_latest(tx, id, after, LATEST).await?;
        Ok(Some((session, latest, session_message_count(tx, id).await?)))
    };
    let found = app.pg.tenant_read("session.read", tenant.workspace_id, look).await?;
    let Some((session, latest, count)) = found else {
        let mut violations = Violations::new();
        violations.push("/sessionId", "validation.not_found", "there is no such session");
        return Err(violations.into());
    };
    if session.state(app.clock.now()) != SessionState::Active {
        return Err(over());
    }
    let summary = session.into_summary();
    let known = summary.as_ref().map_or(0, |summary| summary.of) + latest.len();
    let earlier = usize::try_from(count).unwrap_or_default().saturating_sub(known);
    let past = Past { summary, earlier, messages: latest.into_iter().map(said).collect() };
    let models = sitting.members.iter().filter_map(|model| app.panel.models().get(model));
    let room = window::room(models.filter_map(|model| model.context_tokens).min());
    let (text, read) = past.tell(room).unzip();
    let by = app.council.summariser(sitting);
    Ok(Told { id, text, read: read.unwrap_or_default(), outline: past.outline(room, by) })
}

/// The messages of a session that an outline wants summarised.
pub(crate) async fn older(
    app: &App,
    workspace: WorkspaceId,
    id: AgentSessionId,
    outline: &Outline,
) -> Result<Vec<Said>, PgError> {
    let (after, to) = (outline.after, outline.to);
    let list = async |tx: &mut TenantTx<'_>| session_message_between(tx, id, after, to).await;
    let rows = app.pg.tenant_read("session.older", workspace, list).await?;
    Ok(rows.into_iter().map(said).collect())
}

/// The session is over.
pub(crate) fn over() -> Problem {
    Problem::new(&codes::council::SESSION_OVER)
}

fn said(row: SessionMessageRow) -> Said {
    let role = SessionRole::from_column(&row.role).unwrap_or(SessionRole::System);
    Said { seq: row.seq, role, content: row.content }
}

/// Adds the question of a run to its session; false where that is over.
pub(crate) async fn asked(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    (session, user): (AgentSessionId, UserId),
    run: RunId,
    prompt: &str,
) -> Result<bool, PgError> {
    let Some(entry) = next(tx, clock, (session, user), run).await? else { return Ok(false) };
    let role = SessionRole::User.as_str().to_owned();
    session_message_insert(tx, &SessionMessageRow { role, content: prompt.to_owned(), ..entry }).await?;
    Ok(true)
}

/// Adds the answer of a run to the session that it was asked in, if there is one and it goes on.
pub(crate) async fn answered(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    run: RunId,
    answer: &str,
) -> Result<(), PgError> {
    let Some(place) = run_session(tx, run).await? else { return Ok(()) };
    let Some(entry) = next(tx, clock, place, run).await? else { return Ok(()) };
    let role = SessionRole::Assistant.as_str().to_owned();
    session_message_insert(tx, &SessionMessageRow { role, content: answer.to_owned(), ..entry }).await
}

/// The next entry of a session, still blank.
async fn next(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    (session_id, user): (AgentSessionId, UserId),
    run: RunId,
) -> Result<Option<SessionMessageRow>, PgError> {
    let now: DateTime<Utc> = clock.now();
    let touched = session_touch(tx, user, session_id, now, 1).await?;
    Ok(touched.map(|session| SessionMessageRow {
        workspace_id: session.workspace_id,
        session_id,
        seq: session.entries,
        id: MessageId::generate(clock),
        role: String::new(),
        content: String::new(),
        run_id: Some(run),
        created_at: now,
    }))
}
