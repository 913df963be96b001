use std::sync::PoisonError;

use witan_web::{Sse, State};

use super::App;

#[utoipa::path(post, path = "/api/v1/stream", operation_id = "stream", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle(app: State<App>) -> Sse {
    let (events, answer) = Sse::channel(4);
    app.shared.streams.lock().unwrap_or_else(PoisonError::into_inner).push(events);
    answer
}
