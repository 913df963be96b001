use std::fmt::Write;

/// The passwords of a service's two roles; none leaves a role's password as it is.
#[derive(Debug, Clone, Default)]
pub struct RolePasswords {
    /// Of the role that owns the schema and migrates it.
    pub owner: Option<String>,
    /// Of the role that the service logs in with.
    pub app: Option<String>,
}

/// The SQL that gives `service` its schema and its two roles, `witan_<service>_owner` and `witan_<service>`, in
/// the database that it is run in, by a superuser or a role that may create roles. Running it again changes
/// nothing.
///
/// # Panics
/// When the name is not made of lower-case letters and underscores.
pub fn bootstrap_sql(service: &str, passwords: &RolePasswords) -> String {
    assert!(
        !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
        "{service:?} is no name for a schema"
    );
    let mut sql = include_str!("bootstrap.sql").replace("{service}", service);
    let roles =
        [(format!("witan_{service}_owner"), &passwords.owner), (format!("witan_{service}"), &passwords.app)];
    for (role, password) in roles {
        if let Some(password) = password {
            let quoted = password.replace('\'', "''");
            let _ = writeln!(sql, "ALTER ROLE {role} PASSWORD '{quoted}';");
        }
    }
    sql
}
