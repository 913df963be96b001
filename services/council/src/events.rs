//! What the council tells the others. Each is stored in the transaction of the end it reports.

use witan_clock::Clock;
use witan_events::contracts::council::v1::{AgentRunCompleted, AgentRunFailed, SessionExpired};
use witan_events::publish;
use witan_ids::RunId;
use witan_llm::Price;
use witan_pg::{PgError, TenantTx};
use witan_web::codes;

use crate::store::runs::RunEnd;
use crate::store::sessions::SessionRow;

/// A run ended: with an answer if it has one, else without.
pub(crate) async fn run_ended(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    run: RunId,
    agent: &str,
    end: &RunEnd,
) -> Result<(), PgError> {
    let (workspace_id, run_id) = (tx.workspace_id().to_string(), run.to_string());
    let subject = run_id.clone();
    let agent = agent.to_owned();
    let (input_tokens, output_tokens) = (count(end.input_tokens), count(end.output_tokens));
    let (cost_micros, currency) = (end.cost_micros, Price::CURRENCY.to_owned());
    let duration_ms = u32::try_from(end.total_ms).unwrap_or_default();
    let published = match &end.answer {
        Some(answer) => {
            let event = AgentRunCompleted {
                workspace_id,
                run_id,
                agent,
                status: end.state.to_owned(),
                degraded: end.degraded,
                input_tokens,
                output_tokens,
                cost_micros,
                currency,
                duration_ms,
                answer: answer.clone(),
            };
            publish(tx, clock, &subject, &event).await
        }
        None => {
            let code = end.failure_code.unwrap_or(codes::council::CANCELLED.code).to_owned();
            let event = AgentRunFailed {
                workspace_id,
                run_id,
                agent,
                code,
                input_tokens,
                output_tokens,
                cost_micros,
                currency,
                duration_ms,
            };
            publish(tx, clock, &subject, &event).await
        }
    };
    published.map(drop)
}

/// Nothing happened in a session for a day.
pub(crate) async fn session_expired(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    session: &SessionRow,
) -> Result<(), PgError> {
    let session_id = session.id.to_string();
    let subject = session_id.clone();
    let event = SessionExpired {
        workspace_id: session.workspace_id.to_string(),
        session_id,
        user_id: session.user_id.to_string(),
        entries: u32::try_from(session.entries).unwrap_or_default(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

fn count(tokens: i64) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
