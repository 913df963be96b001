//! Giving personas the traits that others sent.
//!
//! Requests may overtake each other. A sender who cares says as of when the traits are: the persona remembers the latest of these
//! times, under the lock of its row, and what is older changes nothing. Without a time, what is processed last counts.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_inbound::{HandleError, Handler, Receipt};
use witan_pg::SystemTx;

use crate::handlers::traits::receive::PersonaTraits;
use crate::store::personas::{PersonaChange, persona_lock_named, persona_update};

pub(crate) const SOURCE: &str = "chat.inbound.traits";

/// Processes what was received.
pub(crate) struct Traits(pub(crate) Clock);

#[async_trait]
impl Handler for Traits {
    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, receipt: &Receipt) -> Result<(), HandleError> {
        let sent: PersonaTraits =
            serde_json::from_slice(&receipt.body).map_err(|error| HandleError::Refused(error.to_string()))?;
        let mut tx = tx.tenant(receipt.workspace_id);
        let Some((id, known)) = persona_lock_named(&mut tx, &sent.name).await? else {
            return Err(HandleError::Refused(format!("there is no persona {:?} any more", sent.name)));
        };
        if let (Some(sent), Some(known)) = (sent.as_of, known)
            && sent < known
        {
            return Ok(());
        }
        let change = PersonaChange {
            role: sent.role,
            about: sent.about,
            traits: sent.traits,
            expertise: sent.expertise,
            style: sent.style,
            pain_points: sent.pain_points,
            responsibilities: sent.responsibilities,
            traits_as_of: sent.as_of,
            updated_at: Some(self.0.now()),
            ..PersonaChange::default()
        };
        persona_update(&mut tx, id, &change).await?;
        Ok(())
    }
}
