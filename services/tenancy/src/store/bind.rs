//! What a transaction may see beyond workspaces: rows that are for an address, and rows of a secret.

use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, SystemTx, Tx as _};

diesel::define_sql_function! {
    /// Binds a value to a setting, until the transaction ends if `local`.
    fn set_config(name: Text, value: Text, local: Bool) -> Text;
}

/// From here on the transaction sees what is for this address, which its person proved.
pub(crate) async fn see_for_address(tx: &mut SystemTx<'_>, key: &str) -> Result<(), PgError> {
    bind(tx, "witan.email", key.to_owned()).await
}

/// From here on the transaction sees what the secret of this digest opens.
pub(crate) async fn see_by_secret(tx: &mut SystemTx<'_>, digest: &[u8]) -> Result<(), PgError> {
    bind(tx, "witan.secret", digest.iter().map(|byte| format!("{byte:02x}")).collect()).await
}

async fn bind(tx: &mut SystemTx<'_>, name: &'static str, value: String) -> Result<(), PgError> {
    diesel::select(set_config(name, value, true)).execute(tx.conn()).await?;
    Ok(())
}
