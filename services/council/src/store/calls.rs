use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::budget::{EXHAUSTED, Take};
use crate::schema::run_calls as table;

/// How a call to a model ended.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CallRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) run_id: RunId,
    pub(crate) key: String,
    pub(crate) attempt: i16,
    pub(crate) model: String,
    pub(crate) answered_by: Option<String>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) answer: Option<String>,
    pub(crate) input_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) estimated: bool,
    pub(crate) cost_micros: i64,
    pub(crate) elapsed_ms: i32,
    pub(crate) ended_at: DateTime<Utc>,
}

pub(crate) async fn call_insert_all(tx: &mut TenantTx<'_>, rows: &[CallRow]) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// In the order in which they ended.
pub(crate) async fn call_list(tx: &mut TenantTx<'_>, run: RunId) -> Result<Vec<CallRow>, PgError> {
    let query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .filter(table::run_id.eq(run))
        .order((table::ended_at, table::key))
        .select(CallRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// Forgets what was said, which stands in the run's own rows once it has ended; what it took stays.
pub(crate) async fn call_forget_answers(tx: &mut TenantTx<'_>, run: RunId) -> Result<(), PgError> {
    let of_run = table::table.filter(table::workspace_id.eq(tx.workspace_id())).filter(table::run_id.eq(run));
    diesel::update(of_run).set(table::answer.eq(None::<String>)).execute(tx.conn()).await?;
    Ok(())
}

/// What the calls of a run took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallSum {
    pub(crate) input_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) estimated: bool,
    pub(crate) cost_micros: i64,
}

/// What the calls of a run took together. One that its budget did not allow was not made.
pub(crate) async fn call_takes(tx: &mut TenantTx<'_>, run: RunId) -> Result<Take, PgError> {
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let take = |call: CallRow| Take {
        cost_micros: count(call.cost_micros),
        tokens: count(call.input_tokens) + count(call.output_tokens),
        calls: 1,
    };
    let calls = call_list(tx, run).await?.into_iter();
    let made = calls.filter(|call| call.reason.as_deref() != Some(EXHAUSTED));
    Ok(made.map(take).fold(Take::default(), Take::plus))
}

/// What all calls took, those that were given up and those of the chairs included; and of these alone.
pub(crate) async fn call_sums(tx: &mut TenantTx<'_>, run: RunId) -> Result<(CallSum, CallSum), PgError> {
    let (mut all, mut chairs) = (CallSum::default(), CallSum::default());
    for call in call_list(tx, run).await? {
        all.add(&call);
        if call.key.starts_with("chair/") {
            chairs.add(&call);
        }
    }
    Ok((all, chairs))
}

impl CallSum {
    fn add(&mut self, call: &CallRow) {
        self.input_tokens += call.input_tokens;
        self.output_tokens += call.output_tokens;
        self.estimated |= call.estimated;
        self.cost_micros = self.cost_micros.saturating_add(call.cost_micros);
    }
}
