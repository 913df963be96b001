//! What the council tells auditors, stored with the change that it reports.

use std::collections::HashMap;

use witan_clock::Clock;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::publish;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, RequestContext};

/// Longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Who did it, and whence.
pub(crate) struct Author {
    user: UserId,
    ip: String,
    user_agent: String,
    trace_id: String,
}

impl Author {
    pub(crate) fn of(request: &HttpRequest, user: UserId) -> Self {
        let context = RequestContext::of(request);
        let ip = context.as_ref().and_then(|context| context.client());
        let trace_id = context.as_ref().and_then(|context| context.trace_id()).unwrap_or_default();
        let agent = request.headers().get("user-agent").and_then(|value| value.to_str().ok());
        Self {
            user,
            ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
            user_agent: agent.unwrap_or_default().chars().take(MAX_USER_AGENT).collect(),
            trace_id: trace_id.to_owned(),
        }
    }
}

/// Writes that something was done about a provider when the transaction commits, and only then.
pub(crate) async fn record(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    by: &Author,
    action: &str,
    provider: &str,
) -> Result<(), PgError> {
    let event = AuditRecorded {
        action: action.to_owned(),
        outcome: "SUCCESS".to_owned(),
        actor_id: by.user.to_string(),
        subject_id: tx.workspace_id().to_string(),
        workspace_id: tx.workspace_id().to_string(),
        ip: by.ip.clone(),
        user_agent: by.user_agent.clone(),
        trace_id: by.trace_id.clone(),
        details: HashMap::from([("provider".to_owned(), provider.to_owned())]),
    };
    publish(tx, clock, &format!("audit:{}", by.user), &event).await.map(drop)
}
