use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::RunId;

use crate::domain::state::RunState;
use crate::handlers::runs::view::Run;

/// A run that somebody may be waiting for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    /// The id of the run as well.
    id: RunId,
    state: RunState,
    /// Whether it has ended, in one way or another.
    ended: bool,
    /// The number of its last event so far.
    last_event: i32,
    /// The run as far as it is known; members, ranking and answer are there once it has ended.
    run: Run,
}

impl Task {
    pub(crate) fn of(id: RunId, run: Run, last_event: i32) -> Self {
        Self { id, state: run.state, ended: run.state.has_ended(), last_event, run }
    }

    /// Whether nothing follows the event with this number.
    pub(crate) fn is_over(&self, after: i32) -> bool {
        self.ended && after > 0 && after >= self.last_event
    }
}
