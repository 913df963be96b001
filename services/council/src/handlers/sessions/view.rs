use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, MessageId, ProjectId, RunId, ToolCallId};

use crate::domain::session::{IDLE, SessionRole, SessionState, ToolStatus};
use crate::store::session_messages::SessionMessageRow;
use crate::store::session_tools::SessionToolRow;
use crate::store::sessions::SessionRow;

/// A conversation with agents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    id: AgentSessionId,
    #[schema(example = "Our next round")]
    title: String,
    /// Whom it is meant for, for people to see; a question names its agent itself.
    #[schema(example = "finance")]
    agent: Option<String>,
    project_id: Option<ProjectId>,
    state: SessionState,
    /// How many messages and uses of tools it has.
    entries: i32,
    /// When something last happened in it.
    last_activity_at: DateTime<Utc>,
    /// When it expires unless something happens; null once it is over.
    expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// What a model made of its first messages, for those that come later; null while all of them have room.
    summary: Option<SessionSummary>,
}

/// A session's beginning in brief.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionSummary {
    text: String,
    /// How many messages went into it.
    messages: usize,
    /// The number of the last one of them.
    up_to: i32,
}

/// Something that was said.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionMessage {
    id: MessageId,
    /// Its number among the entries of the session, from 1 on.
    seq: i32,
    role: SessionRole,
    content: String,
    /// The run that it was asked in, or that answered it.
    run_id: Option<RunId>,
    created_at: DateTime<Utc>,
}

/// A use of a tool.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolCall {
    id: ToolCallId,
    /// Its number among the entries of the session, from 1 on.
    seq: i32,
    #[schema(example = "search_documents")]
    tool: String,
    /// What kind of tool it is.
    #[serde(rename = "type")]
    #[schema(example = "SEARCH")]
    kind: String,
    status: ToolStatus,
    duration_ms: i32,
    /// What came of it, or what went wrong.
    detail: Option<String>,
    created_at: DateTime<Utc>,
}

impl Session {
    pub(crate) fn of(row: SessionRow, now: DateTime<Utc>) -> Self {
        let state = row.state(now);
        let expires_at = row.active_at + IDLE;
        let ended_at = row.ended_at.or((state == SessionState::Expired).then_some(expires_at));
        Self {
            id: row.id,
            title: row.title.clone(),
            agent: row.agent.clone(),
            project_id: row.project_id,
            state,
            entries: row.entries,
            last_activity_at: row.active_at,
            expires_at: (state == SessionState::Active).then_some(expires_at),
            created_at: row.created_at,
            // One that the hourly job has not come to yet ended when its time was over.
            ended_at,
            summary: row.into_summary().map(|summary| SessionSummary {
                text: summary.text,
                messages: summary.of,
                up_to: summary.to,
            }),
        }
    }
}

impl From<SessionMessageRow> for SessionMessage {
    fn from(row: SessionMessageRow) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            role: SessionRole::from_column(&row.role).unwrap_or(SessionRole::System),
            content: row.content,
            run_id: row.run_id,
            created_at: row.created_at,
        }
    }
}

impl From<SessionToolRow> for ToolCall {
    fn from(row: SessionToolRow) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            tool: row.tool,
            kind: row.kind,
            status: ToolStatus::from_column(&row.status).unwrap_or(ToolStatus::Failed),
            duration_ms: row.duration_ms,
            detail: row.detail,
            created_at: row.created_at,
        }
    }
}
