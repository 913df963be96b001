use witan_web::{Caller, Page, Problem, State};

use super::view::Passkey;
use crate::app::App;
use crate::store::passkeys::passkey_list;

/// Lists the caller's passkeys, oldest first.
#[utoipa::path(get, path = "/api/v1/auth/passkeys", operation_id = "listPasskeys", tag = "factors",
    responses((status = 200, description = "All of them, on one page", body = Page<Passkey>)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Page<Passkey>, Problem> {
    caller.session()?;
    let user = caller.user_id;
    let rows = app.pg.read("passkey.list", async |conn| passkey_list(conn, user).await).await?;
    Ok(Page::whole(rows).map(Passkey::of))
}
