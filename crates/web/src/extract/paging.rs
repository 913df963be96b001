use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::query;
use crate::{Cursors, Problem};

const DEFAULT_LIMIT: u16 = 20;

/// Which part of a list is asked for. Name it in the operation's `params(…)`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many things at most.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: u16,
    /// Where to go on: the `nextCursor` of the page before.
    #[serde(default)]
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

impl Paging {
    /// How many things at most.
    pub fn limit(&self) -> usize {
        usize::from(self.limit)
    }

    /// How many rows to ask for: one more, which tells whether there are more pages.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Where to go on in the list that `filter` describes; `None` at its beginning.
    ///
    /// # Errors
    /// 400 when the cursor does not belong to the list.
    pub fn position<F: Serialize + ?Sized, P: DeserializeOwned>(
        &self,
        cursors: &Cursors,
        filter: &F,
    ) -> Result<Option<P>, Problem> {
        Ok(self.cursor.as_deref().map(|cursor| cursors.decode(filter, cursor)).transpose()?)
    }
}

impl Default for Paging {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, cursor: None }
    }
}

impl FromRequest for Paging {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query::read(request))
    }
}

fn default_limit() -> u16 {
    DEFAULT_LIMIT
}
