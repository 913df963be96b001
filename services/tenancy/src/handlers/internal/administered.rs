use witan_clients::Administered;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Json, Path, Problem, State};

use crate::app::App;
use crate::domain::role::Role;
use crate::store::members::{member_others, member_places};
use crate::store::workspaces::see_as;

/// The workspaces that a person runs and that others belong to, with who else runs them. Auth asks before it closes an
/// account.
#[utoipa::path(get, path = "/internal/users/{userId}/administered", operation_id = "listAdministered", tag = "internal",
    params(("userId" = UserId, Path, description = "The person")),
    responses((status = 200, description = "The workspaces")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(user): Path<UserId>,
) -> Result<Json<Vec<Administered>>, Problem> {
    let find = async |tx: &mut SystemTx<'_>| -> Result<Vec<Administered>, PgError> {
        see_as(tx, user).await?;
        let mut found = Vec::new();
        for place in member_places(tx, user).await? {
            if Role::from_column(&place.role) != Role::Admin {
                continue;
            }
            let others = member_others(&mut tx.tenant(place.workspace_id).await?, user).await?;
            if !others.is_empty() {
                let admins = others.iter().filter(|other| Role::from_column(&other.role) == Role::Admin);
                let admins = admins.map(|admin| admin.user_id).collect();
                found.push(Administered { workspace_id: place.workspace_id, admins });
            }
        }
        Ok(found)
    };
    Ok(Json(app.pg.tx("member.administered", find).await?))
}
