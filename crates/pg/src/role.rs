//! What the login role must not be able to do.

use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

use crate::{Pg, PgError};

/// Membership counts like the thing itself: `SET ROLE` is all it takes.
const QUERY: &str = "
SELECT current_user::text AS name,
       EXISTS (SELECT FROM pg_roles r WHERE r.rolsuper AND pg_has_role(current_user, r.oid, 'MEMBER')) AS superuser,
       EXISTS (SELECT FROM pg_roles r WHERE r.rolbypassrls AND pg_has_role(current_user, r.oid, 'MEMBER')) AS bypass,
       EXISTS (SELECT FROM pg_class c
               WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
                 AND c.relkind IN ('r', 'p', 'v', 'm')
                 AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owner";

#[derive(diesel::QueryableByName)]
struct Role {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = Bool)]
    bypass: bool,
    #[diesel(sql_type = Bool)]
    owner: bool,
}

/// Refuses a role that row-level security does not hold.
pub(crate) async fn check(pg: &Pg) -> Result<(), PgError> {
    let role: Role = pg
        .read("role_check", async |conn| Ok::<_, PgError>(diesel::sql_query(QUERY).get_result(conn).await?))
        .await?;
    let why = match role {
        Role { superuser: true, .. } => "is a superuser",
        Role { bypass: true, .. } => "has BYPASSRLS",
        Role { owner: true, .. } => "owns tables of its schema",
        _ => return Ok(()),
    };
    Err(PgError::Role(format!("{} {why}; a service logs in with its own application role", role.name)))
}
