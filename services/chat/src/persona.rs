//! A persona, wherever it is stored.

use witan_ids::PersonaId;
use witan_pg::{PgError, TenantTx};

use crate::answer::Backend;
use crate::domain::prompt::Profile;
use crate::domain::state::BackendKind;
use crate::seals::{SealError, Seals};
use crate::store::catalogue::{CatalogueRow, catalogue_find};
use crate::store::personas::{PersonaRow, persona_find};

/// Of the platform or of the workspace.
#[derive(Debug)]
pub(crate) enum Persona {
    Platform(CatalogueRow),
    Own(PersonaRow),
}

/// The persona with this id, if the workspace has it.
pub(crate) async fn find(tx: &mut TenantTx<'_>, id: PersonaId) -> Result<Option<Persona>, PgError> {
    if let Some(own) = persona_find(tx, id).await? {
        return Ok(Some(Persona::Own(own)));
    }
    Ok(catalogue_find(tx, id).await?.map(Persona::Platform))
}

impl Persona {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Platform(row) => &row.name,
            Self::Own(row) => &row.name,
        }
    }

    pub(crate) fn profile(&self) -> Profile {
        match self {
            Self::Platform(row) => Profile {
                name: row.name.clone(),
                role: row.role.clone(),
                about: row.about.clone(),
                traits: row.traits.clone(),
                expertise: row.expertise.clone(),
                style: row.style.clone(),
                pain_points: row.pain_points.clone(),
                responsibilities: row.responsibilities.clone(),
            },
            Self::Own(row) => Profile {
                name: row.name.clone(),
                role: row.role.clone(),
                about: row.about.clone(),
                traits: row.traits.clone(),
                expertise: row.expertise.clone(),
                style: row.style.clone(),
                pain_points: row.pain_points.clone(),
                responsibilities: row.responsibilities.clone(),
            },
        }
    }

    /// Who answers, with what is sealed opened: for the one call.
    pub(crate) fn backend(&self, seals: &Seals) -> Result<Backend, SealError> {
        match self {
            Self::Platform(row) => Ok(Backend::Model { model: row.model.clone() }),
            Self::Own(row) => own_backend(row, seals),
        }
    }
}

fn own_backend(row: &PersonaRow, seals: &Seals) -> Result<Backend, SealError> {
    match BackendKind::from_column(&row.backend) {
        BackendKind::Model => Ok(Backend::Model { model: row.model.clone() }),
        BackendKind::Council => Ok(Backend::Council { agent: row.agent.clone().ok_or(SealError::Content)? }),
        BackendKind::Webhook => {
            let url = row.url_sealed.as_deref().ok_or(SealError::Content)?;
            let secret = row.secret_sealed.as_deref().ok_or(SealError::Content)?;
            Ok(Backend::Webhook {
                url: seals.open_url(row.workspace_id, row.id, url)?,
                secret: seals.open_secret(row.workspace_id, row.id, secret)?,
            })
        }
    }
}
