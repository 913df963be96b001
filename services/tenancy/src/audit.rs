//! What tenancy tells auditors, stored with the change that it reports.

use std::collections::HashMap;

use witan_clock::Clock;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::publish;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx, Tx};
use witan_web::{HttpRequest, RequestContext};

use crate::store::workspaces::WorkspaceRow;

/// Longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Who did it, and whence.
pub(crate) struct Author {
    /// None where nobody asked for it.
    user: Option<UserId>,
    ip: String,
    user_agent: String,
    trace_id: String,
}

impl Author {
    /// It is done because of what happened elsewhere.
    pub(crate) fn nobody() -> Self {
        Self { user: None, ip: String::new(), user_agent: String::new(), trace_id: String::new() }
    }

    pub(crate) fn of(request: &HttpRequest, user: UserId) -> Self {
        Self { user: Some(user), ..Self::stranger(request) }
    }

    /// Somebody who showed a secret and need not be logged in.
    pub(crate) fn stranger(request: &HttpRequest) -> Self {
        let context = RequestContext::of(request);
        let ip = context.as_ref().and_then(|context| context.client());
        let trace_id = context.as_ref().and_then(|context| context.trace_id()).unwrap_or_default();
        let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
        Self {
            user: None,
            ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
            user_agent: agent.unwrap_or_default().chars().take(MAX_USER_AGENT).collect(),
            trace_id: trace_id.to_owned(),
        }
    }
}

/// What was done in a workspace, or to the installation.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    action: &'static str,
    subject: String,
    details: HashMap<String, String>,
}

impl Entry {
    /// Something was done to the subject.
    pub(crate) fn new(action: &'static str, subject: impl ToString) -> Self {
        Self { action, subject: subject.to_string(), details: HashMap::new() }
    }

    /// What else there is to know. Never a secret, and nothing that identifies a person other than by id.
    pub(crate) fn detail(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Writes the entry when the transaction commits, and only then.
pub(crate) async fn record(
    tx: &mut impl Tx,
    clock: &Clock,
    by: &Author,
    entry: Entry,
) -> Result<(), PgError> {
    let workspace = tx.workspace().map(|workspace| workspace.to_string()).unwrap_or_default();
    let actor = by.user.map(|user| user.to_string()).unwrap_or_default();
    let subject = format!("audit:{}", if actor.is_empty() { &workspace } else { &actor });
    let event = AuditRecorded {
        action: entry.action.to_owned(),
        outcome: "SUCCESS".to_owned(),
        actor_id: actor,
        subject_id: entry.subject,
        workspace_id: workspace,
        ip: by.ip.clone(),
        user_agent: by.user_agent.clone(),
        trace_id: by.trace_id.clone(),
        details: entry.details,
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// Whether a workspace asks its members for a second factor was decided.
pub(crate) async fn second_factor_rule_changed(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    workspace: &WorkspaceRow,
    by: &Author,
) -> Result<(), PgError> {
    let entry = Entry::new("SECOND_FACTOR_RULE_CHANGED", workspace.workspace_id);
    record(tx, clock, by, entry.detail("required", workspace.require_second_factor)).await
}
