use async_trait::async_trait;
use witan_pg::{PgError, SystemTx, TenantTx};

use crate::{DecodeError, Envelope};

/// Consumes events of tenants. Whatever it writes and that it has seen the event are one transaction.
#[async_trait]
pub trait TenantHandler: Send + Sync + 'static {
    /// The name of the consumer; its queue is `<service>.<name>`.
    fn name(&self) -> &'static str;

    /// The types it wants, with AMQP's wildcards: `*` for one segment, `#` for any number.
    fn patterns(&self) -> &'static [&'static str];

    /// Takes one event. Called again for the same event only after an error.
    async fn handle(&self, tx: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError>;

    /// How many events may share a transaction, at most. More than one for whoever takes many at about the price of one, and who locks
    /// nothing but what belongs to the workspace: then those of a workspace are handled one turn after the other, and
    /// [`handle_many`](Self::handle_many) is called.
    fn most(&self) -> usize {
        1
    }

    /// Takes several events of the workspace, in their order. The whole transaction is undone after an error, and each event is then
    /// handled by itself.
    ///
    /// The place in the trace is each event's own `trace`, and not where the caller is.
    async fn handle_many(&self, tx: &mut TenantTx<'_>, events: &[&Envelope]) -> Result<(), HandleError> {
        for event in events {
            self.handle(tx, event).await?;
        }
        Ok(())
    }
}

/// Consumes events into tables that belong to no tenant, or whose tenant it finds out itself.
#[async_trait]
pub trait SystemHandler: Send + Sync + 'static {
    /// The name of the consumer; its queue is `<service>.<name>`.
    fn name(&self) -> &'static str;

    /// The types it wants, with AMQP's wildcards: `*` for one segment, `#` for any number.
    fn patterns(&self) -> &'static [&'static str];

    /// Takes one event. Called again for the same event only after an error.
    async fn handle(&self, tx: &mut SystemTx<'_>, event: &Envelope) -> Result<(), HandleError>;
}

/// Why an event was not consumed.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// It never can be: it goes to the dead-letter queue at once.
    #[error("the event cannot be processed: {0}")]
    Poison(String),
    /// It may be on another try; after five it goes to the dead-letter queue.
    #[error(transparent)]
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// The database refused or is away; while it is away, the event is held.
    #[error(transparent)]
    Database(#[from] PgError),
}

impl HandleError {
    /// A failure that another try may not meet.
    pub fn retry(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Retry(error.into())
    }

    /// A failure that every try would meet.
    pub fn poison(why: impl ToString) -> Self {
        Self::Poison(why.to_string())
    }
}

impl From<DecodeError> for HandleError {
    fn from(error: DecodeError) -> Self {
        Self::poison(error)
    }
}

impl From<witan_ids::IdError> for HandleError {
    fn from(error: witan_ids::IdError) -> Self {
        Self::poison(error)
    }
}
