use chrono::TimeDelta;
use witan_clients::Administered;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Json, Path, Problem, State};

use crate::app::App;
use crate::store::members::{member_find, member_has_others, member_other_admins, member_set_leaving};
use crate::store::own_places::member_places;
use crate::store::workspaces::{see_as, workspace_lock};

/// How long nobody relies on a person whose account is about to be closed: until `user.deactivated` has come, also when
/// the broker was away for a while.
const LEAVING: TimeDelta = TimeDelta::minutes(15);

/// The workspaces that a person runs and that others belong to, with who else runs them. Auth asks before it closes an
/// account, and closes it where each of them has somebody else. From the answer on nobody relies on the person any
/// more: whoever else runs one of the workspaces cannot stop doing so as long as the closing is under way.
#[utoipa::path(post, path = "/internal/users/{userId}/administered", operation_id = "announceClosing", tag = "internal",
    params(("userId" = UserId, Path, description = "The person")),
    responses((status = 200, description = "The workspaces")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(user): Path<UserId>,
) -> Result<Json<Vec<Administered>>, Problem> {
    let now = app.clock.now();
    let announce = async |tx: &mut SystemTx<'_>| -> Result<Vec<Administered>, PgError> {
        see_as(tx, user).await?;
        let mut found = Vec::new();
        for workspace_id in member_places(tx, user).await? {
            let mut tenant = tx.tenant(workspace_id);
            workspace_lock(&mut tenant).await?;
            let runs_it = member_find(&mut tenant, user).await?.is_some_and(|member| member.runs_it());
            if runs_it && member_has_others(&mut tenant, user).await? {
                let admins = member_other_admins(&mut tenant, user, now).await?;
                found.push(Administered { workspace_id, admins });
            }
        }
        // Otherwise auth closes nothing, and the person goes on to run all of them.
        if found.iter().all(|one| !one.admins.is_empty()) {
            for one in &found {
                member_set_leaving(&mut tx.tenant(one.workspace_id), user, now + LEAVING).await?;
            }
        }
        Ok(found)
    };
    Ok(Json(app.pg.tx("member.announce_closing", announce).await?))
}
