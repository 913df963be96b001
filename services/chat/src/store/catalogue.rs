use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::PersonaId;
use witan_pg::{PgError, Tx};

use super::personas::PersonaFilter;
use crate::schema::catalogue_personas as table;

/// A persona of the platform.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CatalogueRow {
    pub(crate) id: PersonaId,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) about: String,
    pub(crate) traits: Vec<String>,
    pub(crate) expertise: Vec<String>,
    pub(crate) style: String,
    pub(crate) pain_points: Vec<String>,
    pub(crate) responsibilities: Vec<String>,
    pub(crate) model: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

pub(crate) async fn catalogue_find(tx: &mut impl Tx, id: PersonaId) -> Result<Option<CatalogueRow>, PgError> {
    let query = table::table.filter(table::id.eq(id)).select(CatalogueRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn catalogue_list(
    tx: &mut impl Tx,
    filter: &PersonaFilter,
    before: Option<PersonaId>,
    limit: i64,
) -> Result<Vec<CatalogueRow>, PgError> {
    let mut query = table::table.select(CatalogueRow::as_select()).into_boxed();
    if let Some(like) = filter.like() {
        query = query.filter(
            table::name.ilike(like.clone()).or(table::role.ilike(like.clone())).or(table::about.ilike(like)),
        );
    }
    if let Some(expertise) = &filter.expertise {
        query = query.filter(table::expertise.contains(vec![expertise.clone()]));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}
