use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::PersonaId;

use crate::domain::state::{BackendKind, Scope};
use crate::persona;
use crate::store::catalogue::CatalogueRow;
use crate::store::personas::PersonaRow;

/// Somebody to talk with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Persona {
    pub(crate) id: PersonaId,
    scope: Scope,
    #[schema(example = "Maren Albrecht")]
    name: String,
    #[schema(example = "CFO of a mid-sized manufacturer")]
    role: String,
    about: String,
    traits: Vec<String>,
    expertise: Vec<String>,
    /// How they speak.
    style: String,
    pain_points: Vec<String>,
    responsibilities: Vec<String>,
    backend: PersonaBackend,
    created_at: DateTime<Utc>,
}

/// Who answers for a persona.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonaBackend {
    kind: BackendKind,
    /// Of `MODEL`; null for the default one.
    #[schema(required)]
    model: Option<String>,
    /// Of `COUNCIL`.
    #[schema(required)]
    agent: Option<String>,
    /// Of `WEBHOOK`: where it is. The rest of its address is not shown.
    #[schema(required)]
    url_host: Option<String>,
}

impl From<CatalogueRow> for Persona {
    fn from(row: CatalogueRow) -> Self {
        Self {
            id: row.id,
            scope: Scope::Platform,
            name: row.name,
            role: row.role,
            about: row.about,
            traits: row.traits,
            expertise: row.expertise,
            style: row.style,
            pain_points: row.pain_points,
            responsibilities: row.responsibilities,
            backend: PersonaBackend {
                kind: BackendKind::Model,
                model: row.model,
                agent: None,
                url_host: None,
            },
            created_at: row.created_at,
        }
    }
}

impl From<PersonaRow> for Persona {
    fn from(row: PersonaRow) -> Self {
        Self {
            id: row.id,
            scope: Scope::Workspace,
            name: row.name,
            role: row.role,
            about: row.about,
            traits: row.traits,
            expertise: row.expertise,
            style: row.style,
            pain_points: row.pain_points,
            responsibilities: row.responsibilities,
            backend: PersonaBackend {
                kind: BackendKind::from_column(&row.backend),
                model: row.model,
                agent: row.agent,
                url_host: row.url_host,
            },
            created_at: row.created_at,
        }
    }
}

impl From<persona::Persona> for Persona {
    fn from(found: persona::Persona) -> Self {
        match found {
            persona::Persona::Platform(row) => row.into(),
            persona::Persona::Own(row) => row.into(),
        }
    }
}

/// A persona and, when its webhook was just set up, the secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedPersona {
    #[serde(flatten)]
    pub(crate) persona: Persona,
    /// Verifies our requests to the webhook (Standard Webhooks). Keep it: it is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub(crate) secret: Option<String>,
}
