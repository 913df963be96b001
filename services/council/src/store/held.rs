//! What is held of a person or of a workspace, as they are told it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_ids::{RunId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _};
use witan_web::Lines;

use crate::schema::runs;

/// What of a run the API does not show.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = runs)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRun {
    #[serde(skip)]
    pub(crate) id: RunId,
    asked_by: Option<String>,
    profile: Option<String>,
    context: Option<String>,
}

impl HeldRun {
    /// What a service gave along is a conversation, which others may have a part in: the one who asked is told their own
    /// part of it by that service.
    pub(crate) fn own(mut self) -> Self {
        if self.asked_by.is_some() {
            self.context = None;
        }
        self
    }
}

/// A page of their questions, those after `after`.
pub(crate) async fn held_runs(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: RunId,
) -> Result<Vec<HeldRun>, PgError> {
    let query = HeldRun::query()
        .filter(runs::workspace_id.eq(tx.workspace_id()))
        .filter(runs::user_id.eq(user))
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// A page of the workspace's questions, those after `after`.
pub(crate) async fn kept_runs(tx: &mut TenantTx<'_>, after: RunId) -> Result<Vec<HeldRun>, PgError> {
    let query = HeldRun::query()
        .filter(runs::workspace_id.eq(tx.workspace_id()))
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}
