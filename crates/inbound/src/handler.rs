use async_trait::async_trait;
use witan_pg::{PgError, SystemTx};

use crate::Receipt;

/// Processes what one source sends.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The name of the source, also that of its jobs: `<service>.inbound.<name>`. Forever: receipts carry it.
    fn source(&self) -> &'static str;

    /// Processes one receipt. What it writes commits together with the receipt's new state, so it has its effect once; what it
    /// does elsewhere may be done again after a crash. Receipts come in no particular order.
    async fn handle(&self, tx: &mut SystemTx<'_>, receipt: &Receipt) -> Result<(), HandleError>;
}

/// Why a receipt was not processed.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// It never can be, for this reason; the sender may send it again when it can.
    #[error("{0}")]
    Refused(String),
    /// It may be on another try.
    #[error(transparent)]
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PgError),
}
