//! Closing and opening accounts of others.

use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::UserId;
use witan_web::{Caller, Problem, codes};

use crate::app::App;
use crate::handlers::account::close::{Close, Closing, close};
use crate::handlers::account::open::{Opening, open};
use crate::handlers::client::Client;

/// How much it is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Force {
    /// Also when a workspace is left without an active administrator.
    #[serde(default)]
    #[param(required = false)]
    pub(super) force: bool,
}

/// Closes somebody else's account.
pub(super) async fn close_other(
    app: &App,
    client: &Client,
    caller: &Caller,
    user: UserId,
    (closing, force): (Closing, bool),
) -> Result<(), Problem> {
    if user == caller.user_id {
        return Err(Problem::new(&codes::auth::OWN_ACCOUNT));
    }
    let wanted = Close { user, actor: caller.user_id, client, closing, force };
    close(app, &wanted).await.map(drop)
}

/// Opens somebody else's account.
pub(super) async fn open_other(
    app: &App,
    client: &Client,
    caller: &Caller,
    user: UserId,
) -> Result<(), Problem> {
    open(app, client, (caller.user_id, user), Opening::Administrator).await?;
    Ok(())
}
