//! Removing what a service holds of a person who left.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::contracts::auth::v1::{UserErased, UserErasureRequested};
use crate::{Envelope, Event as _, HandleError, SystemHandler, publish};

/// All reports of a service are about this, so that no trace of the person is left where subjects are counted.
const SUBJECT: &str = "erasures";

/// Knows where a service holds something of people.
#[async_trait]
pub trait Holder: Send + Sync + 'static {
    /// Removes it, or makes it anonymous; says how many rows that were. Doing it again finds nothing.
    async fn erase(&self, tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError>;
}

/// Does what `user.erasure_requested` asks for and reports it with `user.erased`, in one transaction.
pub struct Erasure<H> {
    /// The service.
    pub service: &'static str,
    /// The time.
    pub clock: Clock,
    /// What it holds.
    pub holder: H,
}

#[async_trait]
impl<H: Holder> SystemHandler for Erasure<H> {
    fn name(&self) -> &'static str {
        "erasure"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[UserErasureRequested::TYPE]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let user: UserId = envelope.decode::<UserErasureRequested>()?.user_id.parse()?;
        let rows = self.holder.erase(tx, user).await?;
        let report = UserErased { user_id: user.to_string(), service: self.service.to_owned(), rows };
        publish(tx, &self.clock, SUBJECT, &report).await?;
        Ok(())
    }
}
