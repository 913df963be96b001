use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Tx};

diesel::define_sql_function! {
    /// Binds a value to a setting, until the transaction ends if `local`.
    fn set_config(name: Text, value: Text, local: Bool) -> Text;
}

/// Until the transaction ends, rows are read in the order of an index, from where the page begins.
///
/// A policy and a query both name the workspace. The planner takes that for two conditions, expects a handful of rows of
/// any workspace, and would sooner or later keep a plan that reads and sorts all hundred thousand.
pub(crate) async fn read_in_order(tx: &mut impl Tx) -> Result<(), PgError> {
    let settings = (
        set_config("plan_cache_mode", "force_custom_plan", true),
        set_config("enable_sort", "off", true),
        set_config("enable_bitmapscan", "off", true),
    );
    diesel::select(settings).execute(tx.conn()).await?;
    Ok(())
}
